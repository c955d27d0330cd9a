import { isAbsolute, normalize } from "node:path";
import { KestrelError } from "../error/kestrel-error.ts";
import { sha256 } from "../host/index.ts";
import type { InstallResult } from "./agent-protocol.ts";
import { stackDirectory } from "./boot-file.ts";
import { agentFile, type BundleFile } from "./bundle.ts";
import type { Guest } from "./guest.ts";

/** Below the directory of the stack, so that moving a file from there into place is one step. */
const incomingDirectory = ".incoming";

const moveIntoPlace = `for file; do mkdir -p -- "$(dirname -- "$file")" && mv -fT -- "${incomingDirectory}/$file" "$file" || exit 1; done`;

/**
 * Swap the code that runs in a node and restart the services that it concerns; what is the same already is not sent. The files come into
 * force when the last one has arrived whole.
 *
 * @throws KestrelError naming a file that cannot be written, or whose place is outside of the stack; nothing has changed then
 */
export async function installStack(guest: Guest, files: readonly BundleFile[]): Promise<InstallResult> {
  for (const { path } of files) checkPath(path);
  const installed = await installedDigests(guest, files);
  const wanted = files.filter(({ path, content }) => installed.get(path) !== sha256(content));
  if (wanted.length === 0) return { files: [], restarted: [], agentChanged: false };
  const paths = wanted.map(({ path }) => path);
  try {
    for (const { path, content, mode } of wanted) {
      await guest.writeFile(`${stackDirectory}/${incomingDirectory}/${path}`, content, { mode });
    }
    const moved = await guest.exec(["/bin/sh", "-c", moveIntoPlace, "sh", ...paths], { cwd: stackDirectory });
    if (moved.exitCode !== 0) throw notMoved(moved.stderr.trim());
  } finally {
    await guest.exec(["rm", "-rf", `${stackDirectory}/${incomingDirectory}`]);
  }
  return {
    files: paths,
    restarted: await restartServices(guest, files, paths),
    agentChanged: paths.includes(agentFile),
  };
}

async function installedDigests(guest: Guest, files: readonly BundleFile[]): Promise<ReadonlyMap<string, string>> {
  const paths = files.map(({ path }) => path);
  // Files that are not there yet are complained about, and have no line.
  const { stdout } = await guest.exec(["sha256sum", "--", ...paths.map((path) => `${stackDirectory}/${path}`)]);
  const lines = stdout.matchAll(/^(?<digest>[0-9a-f]{64}) [ *](?<path>.+)$/gm);
  return new Map(
    Array.from(lines, ({ groups }) => [
      groups?.["path"]?.slice(stackDirectory.length + 1) ?? "",
      groups?.["digest"] ?? "",
    ]),
  );
}

/**
 * Restart the daemons that run, or are about to, and whose code is another now: one of the stack is a file of its own name
 * beside what all have in common; of any other it is not known what it runs.
 */
async function restartServices(
  { services }: Guest,
  bundle: readonly BundleFile[],
  changed: readonly string[],
): Promise<readonly string[]> {
  const ofStack = new Set(bundle.map(({ path }) => /^(?<daemon>[^/]+)\.js$/.exec(path)?.groups?.["daemon"]));
  const sharedChanged = changed.some((path) => path === "runtime.js" || path.startsWith("node_modules/"));
  const names = (await services.list())
    .filter(({ state }) => state !== "stopped")
    .map(({ name }) => name)
    .filter((name) => !ofStack.has(name) || sharedChanged || changed.includes(`${name}.js`));
  await Promise.all(names.map((name) => services.restart(name)));
  return names;
}

function checkPath(path: string): void {
  if (normalize(path) === path && !isAbsolute(path) && !path.startsWith("..")) return;
  throw new KestrelError({
    kind: "internal",
    step: "install code in the node",
    subject: path,
    expected: `a path below ${stackDirectory}`,
    found: "one that leaves it",
  });
}

function notMoved(found: string): KestrelError {
  return new KestrelError({ kind: "input", step: "install code in the node", subject: stackDirectory, found });
}
