import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import { ApiError, createApi } from "./api.ts";
import { type ChangeSignal, heldAnswers } from "./held-answer.ts";

/** What nexus speaks to: something that takes a desired state and reports what it has (docs/nexus.md, "What agents serve"). */
export interface AgentSubject<State, Report> {
  /** Of the desired state that it has; 0 for none. */
  readonly generation: number;
  report(): Report | Promise<Report>;
  /** Why a state is none for this agent; undefined if it is. */
  fault(state: State): string | undefined;
  /** Take a desired state; resolves when it is on the disk. */
  take(state: State): Promise<void>;
}

/** An agent whose report is held for who knows it already. */
export interface HeldAgentSubject<State, Report> extends AgentSubject<State, Report> {
  /** Tells when the report may be another. */
  readonly changes: ChangeSignal;
  report(): Report;
}

/** For a sled of many guests of large VPCs. */
const bodyLimitBytes = 64 * 1024 * 1024;

const refusal = {
  description: "refused",
  content: { "application/json": { schema: z.object({ message: z.string() }) } },
};

/**
 * The API of an agent: `PUT /v1/desired-state` takes a state unless it is older than the present one, and `GET /v1/report` tells
 * what is in effect, held for who knows it already where the agent tells of changes.
 */
export function agentApi<State extends { readonly generation: number }, Report extends object>(
  title: string,
  agent: AgentSubject<State, Report> | HeldAgentSubject<State, Report>,
  schemas: { readonly state: z.ZodType<State>; readonly report: z.ZodType<Report> },
  onRefusal: (status: number, message: string, error?: unknown) => void,
): OpenAPIHono {
  const api = createApi({ bodyLimitBytes, onRefusal });
  const answers = {
    200: { description: "what there is", content: { "application/json": { schema: schemas.report } } },
  };
  const get = createRoute({
    method: "get",
    path: "/v1/report",
    ...("changes" in agent ? { middleware: heldAnswers(agent.changes, () => agent.report()) } : {}),
    responses: { ...answers, 304: { description: "nothing else than is known already" } },
  });
  api.openapi(get, async () => Response.json(await agent.report()));
  const put = createRoute({
    method: "put",
    path: "/v1/desired-state",
    request: { body: { required: true, content: { "application/json": { schema: schemas.state } } } },
    responses: { ...answers, 400: refusal, 409: refusal },
  });
  api.openapi(put, async (c) => {
    const state = c.req.valid("json");
    const fault = agent.fault(state);
    if (fault !== undefined) throw new ApiError(400, fault);
    if (state.generation < agent.generation) {
      throw new ApiError(409, `generation: ${state.generation} is older than ${agent.generation}, which is here`);
    }
    await agent.take(state);
    const report: Report = await agent.report();
    return c.json(report, 200);
  });
  api.doc("/openapi.json", { openapi: "3.0.3", info: { title, version: "1" } });
  return api;
}
