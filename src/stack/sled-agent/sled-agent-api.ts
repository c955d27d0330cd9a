import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import { ApiError, createApi } from "../daemon/api.ts";
import { type SledReport, sledReport, type SledState, sledState } from "../nexus/sled-interface/sled-state.ts";

/** What the API asks of the agent. */
export interface SledAgentSubject {
  readonly underlay: string;
  /** Of the desired state that it has; 0 for none. */
  readonly generation: number;
  report(): SledReport;
  /** Take a desired state; resolves when it is on the disk. */
  take(state: SledState): Promise<void>;
}

/** A sled of many guests of large VPCs. */
const bodyLimitBytes = 64 * 1024 * 1024;

/** The API that nexus speaks to (docs/nexus.md, "What agents serve"). */
export function sledAgentApi(
  agent: SledAgentSubject,
  onRefusal: (status: number, message: string, error?: unknown) => void,
): OpenAPIHono {
  const api = createApi({ bodyLimitBytes, onRefusal });
  const answer = { 200: { description: "what there is", content: { "application/json": { schema: sledReport } } } };
  api.openapi(createRoute({ method: "get", path: "/v1/report", responses: answer }), (c) =>
    c.json(agent.report(), 200),
  );
  const refusal = {
    description: "refused",
    content: { "application/json": { schema: z.object({ message: z.string() }) } },
  };
  const put = createRoute({
    method: "put",
    path: "/v1/desired-state",
    request: { body: { required: true, content: { "application/json": { schema: sledState } } } },
    responses: { ...answer, 400: refusal, 409: refusal },
  });
  api.openapi(put, async (c) => {
    const state = c.req.valid("json");
    if (state.underlay_ip !== agent.underlay) {
      throw new ApiError(400, `underlay_ip: this is the sled ${agent.underlay}, not ${state.underlay_ip}`);
    }
    if (state.generation < agent.generation) {
      throw new ApiError(409, `generation: ${state.generation} is older than ${agent.generation}, which is here`);
    }
    await agent.take(state);
    return c.json(agent.report(), 200);
  });
  api.doc("/openapi.json", { openapi: "3.0.3", info: { title: "sled-agent", version: "1" } });
  return api;
}
