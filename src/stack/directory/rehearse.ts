import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { requestApi } from "../daemon/request.ts";
import { dnsdConfiguration } from "./configuration.ts";
import { vpcZone } from "./engine/names.ts";
import { resolveName } from "./name-resolver.ts";
import { runDnsd } from "./run-dnsd.ts";

const timeoutMs = 60_000;
const quiet = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };

/** Run a server beside where the real one will be, tell it a name, ask it for that, and end it. */
export async function rehearse(): Promise<void> {
  const dataDirectory = await mkdtemp(join(tmpdir(), "dnsd-"));
  try {
    const configuration = dnsdConfiguration.parse({
      listen: { address: "127.0.0.1", port: 0 },
      admin: { host: "127.0.0.1", port: 0 },
      dataDirectory,
    });
    await using dnsd = await runDnsd(configuration, quiet);
    const hosts = [{ name: "rehearsal", subnet: "default", addresses: ["172.30.0.5", "fd00::5"] }];
    const body = { generation: 1, vpcs: [{ vni: 1, hosts }], services: [] };
    const target = { host: "127.0.0.1", port: dnsd.adminPort };
    await requestApi(target, { method: "PUT", path: "/v1/desired-state", body, timeoutMs });
    await resolveName({ address: "127.0.0.1", port: dnsd.port }, { name: `rehearsal.${vpcZone(1)}`, type: "A" });
  } finally {
    await rm(dataDirectory, { recursive: true });
  }
}
