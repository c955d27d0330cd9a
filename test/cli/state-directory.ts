import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, vi } from "vitest";
import { claimRunDirectory, runFiles } from "../../src/testbed/run-directory.ts";
import { parseTopology } from "../../src/topology/index.ts";

/** Let the command lines that the tests of a file start share one cache of compiled code; it goes with the last test. */
export function useCompileCache(): { readonly path: string } {
  const current = { path: "" };
  beforeAll(async () => {
    current.path = await mkdtemp(join(tmpdir(), "kestrel-compiled-"));
  });
  afterAll(() => rm(current.path, { recursive: true, force: true }));
  return current;
}

/** Give every test of a file state and cache directories of its own. */
export function useStateDirectory(): { readonly path: string } {
  const current = { path: "" };
  beforeEach(async () => {
    current.path = await mkdtemp(join(tmpdir(), "kestrel-cli-"));
    vi.stubEnv("KESTREL_STATE_DIR", join(current.path, "state"));
    vi.stubEnv("KESTREL_CACHE_DIR", join(current.path, "cache"));
    vi.stubEnv("KESTREL_TESTBED", undefined);
  });
  afterEach(async () => {
    vi.unstubAllEnvs();
    await rm(current.path, { recursive: true, force: true });
  });
  return current;
}

/** The run directory of a testbed that this process is starting: two hosts and a wire. */
export async function startingTestbed(name: string): Promise<string> {
  const directory = await claimRunDirectory(name);
  const plan = parseTopology(
    "nodes:\n  h1: {ports: {net0:}}\n  h2: {ports: {net0:}}\nwires:\n  - [h1:net0, h2:net0]\n",
    `${name}.yaml`,
  );
  await writeFile(join(directory, runFiles.plan), JSON.stringify(plan));
  return directory;
}
