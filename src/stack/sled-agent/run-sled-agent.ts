import { createRoute, z } from "@hono/zod-openapi";
import { agentApi } from "../daemon/agent-api.ts";
import { serveApi } from "../daemon/api.ts";
import type { DaemonLog } from "../daemon/log.ts";
import { openMetricsText, openMetricsType } from "../daemon/open-metrics.ts";
import { sledReport, sledState } from "../nexus/sled-interface/sled-state.ts";
import type { SledAgentConfiguration } from "./configuration.ts";
import { serveMachines } from "./machine-api.ts";
import { connection, connectionsOf } from "./connections.ts";
import { sledMetrics } from "./engine/sled-metrics.ts";
import { measureSled } from "./measure.ts";
import { SledAgent } from "./sled-agent.ts";

/** A running sled-agent; guests and forwarding go on when it is disposed of. */
export interface RunningSledAgent extends AsyncDisposable {
  /** The TCP port of the API. */
  readonly port: number;
}

/**
 * Start sled-agent. Rejects with a KestrelError for a saved state that is none, or the error of listen(2) when the API's address
 * cannot be had.
 */
export async function runSledAgent(configuration: SledAgentConfiguration, log: DaemonLog): Promise<RunningSledAgent> {
  await using started = new AsyncDisposableStack();
  const agent = started.use(new SledAgent(configuration, log));
  await agent.begin();
  const schemas = { state: sledState, report: sledReport };
  const api = agentApi("sled-agent", agent, schemas, (status, message, error) => {
    if (status >= 500) log.error({ status, err: error }, message);
    else log.debug({ status }, message);
  });
  serveMachines(api, agent);
  const opted = { socketPath: configuration.opted };
  const answer = { description: "all", content: { "application/json": { schema: z.array(connection) } } };
  const connections = createRoute({ method: "get", path: "/v1/connections", responses: { 200: answer } });
  api.openapi(connections, async (c) => c.json([...(await connectionsOf(opted, agent.desired))], 200));
  api.get("/metrics", async () => {
    const measured = await measureSled(opted, agent.desired);
    return new Response(openMetricsText(sledMetrics(measured)), { headers: { "content-type": openMetricsType } });
  });
  const { port } = started.use(await serveApi(api, configuration.listen));
  const running = started.move();
  return { port, [Symbol.asyncDispose]: () => running.disposeAsync() };
}
