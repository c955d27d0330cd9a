import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { requestApi } from "../daemon/request.ts";
import { mgdConfiguration } from "./configuration.ts";
import { runMgd } from "./run-mgd.ts";

const timeoutMs = 60_000;
const quiet = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };

/** Run an mgd that reaches nobody beside where the real one will be, ask it what nexus asks, and end it. */
export async function rehearse(): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), "mgd-"));
  try {
    const anyPort = { host: "127.0.0.1", port: 0 };
    const nobody = { host: "127.0.0.1", port: 1 };
    const configuration = mgdConfiguration.parse({
      ...{ listen: anyPort, admin: anyPort, dpd: nobody, ddmd: nobody, tunnelEndpoint: "::1" },
      ...{ frrDirectory: join(directory, "frr"), dataDirectory: join(directory, "data") },
    });
    await using mgd = await runMgd(configuration, quiet);
    const target = { host: "127.0.0.1", port: mgd.port };
    const nothing = { nat: [], attached_subnets: [], loopback_addresses: [], uplinks: [], bgp: [], bfd: [] };
    const body = { switch_id: "rehearsal", generation: 1, rack_id: "rehearsal", switch_slot: "switch0", ...nothing };
    await requestApi(target, { method: "GET", path: "/v1/report", timeoutMs });
    await requestApi(target, { method: "PUT", path: "/v1/desired-state", body, timeoutMs });
    await requestApi(target, { method: "GET", path: "/v1/report", timeoutMs });
  } finally {
    await rm(directory, { recursive: true });
  }
}
