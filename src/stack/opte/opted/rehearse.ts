import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { requestApi } from "../../daemon/request.ts";
import { optedConfiguration } from "./configuration.ts";
import { runOpted } from "./run-opted.ts";

const timeoutMs = 120_000;
const quiet = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };

/** Run an opted without ports beside where the real one will be, ask it what a control plane asks, and end it. */
export async function rehearse(): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), "opted-"));
  try {
    const socketPath = join(directory, "opted.sock");
    const configuration = { seed: "rehearsal", socket: socketPath, dataDirectory: join(directory, "data") };
    await using _opted = await runOpted(optedConfiguration.parse(configuration), quiet);
    const state = await requestApi({ socketPath }, { method: "GET", path: "/state", timeoutMs });
    await requestApi({ socketPath }, { method: "PUT", path: "/state", text: state.body, timeoutMs });
    for (const path of ["/ports", "/counters"]) await requestApi({ socketPath }, { method: "GET", path, timeoutMs });
  } finally {
    rmSync(directory, { recursive: true });
  }
}
