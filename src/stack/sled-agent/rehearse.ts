import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { requestApi } from "../daemon/request.ts";
import { sledAgentConfiguration } from "./configuration.ts";
import { runSledAgent } from "./run-sled-agent.ts";

const timeoutMs = 60_000;
const quiet = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };

/** Run an agent without guests beside where the real one will be, ask it what nexus asks, and end it. */
export async function rehearse(): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), "sled-agent-"));
  try {
    const configuration = sledAgentConfiguration.parse({
      listen: { host: "127.0.0.1", port: 0 },
      underlay: "::1",
      opted: join(directory, "opted.sock"),
      dataDirectory: join(directory, "data"),
      instanceDirectory: join(directory, "instances"),
    });
    await using agent = await runSledAgent(configuration, quiet);
    const target = { host: "127.0.0.1", port: agent.port };
    const nothing = { instances: [], ports: [], mappings: [], boundary: [] };
    const body = { sled_id: "rehearsal", generation: 1, underlay_ip: "::1", ...nothing };
    await requestApi(target, { method: "GET", path: "/v1/report", timeoutMs });
    await requestApi(target, { method: "PUT", path: "/v1/desired-state", body, timeoutMs });
    await requestApi(target, { method: "GET", path: "/v1/report", timeoutMs });
  } finally {
    await rm(directory, { recursive: true });
  }
}
