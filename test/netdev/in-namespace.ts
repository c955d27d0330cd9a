import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const unshare = ["--user", "--map-root-user", "--net"];

/** Whether this host lets the tests have network namespaces of their own. */
export const namespacesWork = spawnSync("unshare", [...unshare, "true"]).status === 0;

/**
 * Run a script in a network namespace of its own and read the JSON that it prints.
 * Throws an Error with what it said when it failed.
 */
export function runInNamespace(script: URL): unknown {
  const { stdout, stderr, status } = spawnSync("unshare", [...unshare, process.execPath, fileURLToPath(script)], {
    encoding: "utf8",
    timeout: 110_000,
  });
  if (status !== 0) throw new Error(`${script.pathname} ended with ${status}: ${stderr}`);
  return JSON.parse(stdout);
}
