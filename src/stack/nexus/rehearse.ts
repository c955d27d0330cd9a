import { requestApi } from "../daemon/request.ts";
import { nexusConfigurationSchema } from "./configuration.ts";
import { runNexus } from "./run-nexus.ts";

const timeoutMs = 60_000;
const quiet = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };

/** Run a nexus with its database in memory, have it make an instance that nobody takes, and end it. */
export async function rehearse(): Promise<void> {
  const configuration = nexusConfigurationSchema.parse({
    listen: { host: "127.0.0.1", port: 0 },
    database: ":memory:",
    seed: "rehearsal",
    racks: [{ name: "rack0", sleds: [{ name: "sled0", underlay: "::1" }], switches: [] }],
  });
  await using nexus = await runNexus(configuration, quiet);
  const target = { host: "127.0.0.1", port: nexus.port };
  const named = { name: "rehearsal", description: "" };
  const instance = { ...named, hostname: "rehearsal", ncpus: 1, memory: 1_073_741_824 };
  await requestApi(target, { method: "POST", path: "/v1/projects", body: named, timeoutMs });
  await requestApi(target, { method: "POST", path: "/v1/instances?project=rehearsal", body: instance, timeoutMs });
  for (const path of ["/v1/projects", "/v1/instances?project=rehearsal", "/v1/vpcs?project=rehearsal"]) {
    await requestApi(target, { method: "GET", path, timeoutMs });
  }
}
