import { mkdir, readdir, readFile, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { KestrelError } from "../error/kestrel-error.ts";
import {
  ensureDirectory,
  identityWord,
  isAlive,
  kestrelDirectories,
  ownIdentity,
  parseIdentityWord,
  runDirectory,
  runRoot,
  writeFileAtomic,
} from "../host/index.ts";
import type { RunOwner } from "./protocol.ts";

/** Names of what a run directory holds; one place, so that a newcomer finds everything. */
export const runFiles = {
  owner: "owner.json",
  plan: "plan.json",
  journal: "journal.ndjson",
  events: "events.ndjson",
  supervisorLog: "supervisor.log",
  /** UNIX socket of the supervisor's API. */
  socket: "s",
  /** Private key that opens `vm` nodes and `kestrel ssh` sessions. */
  sshKey: "ssh-key",
  nodes: "nodes",
} as const;

const ownerVersion = 1;
const testbedName = /^[a-z0-9]([a-z0-9-]{0,30}[a-z0-9])?$/;

/** Ended testbeds whose logs are kept before the oldest are removed by themselves. */
const endedKept = 20;

/**
 * Check the name of a testbed: it becomes a directory, a host name part and a process name.
 *
 * @throws KestrelError (input)
 */
export function checkTestbedName(name: string): void {
  if (testbedName.test(name)) return;
  throw new KestrelError({
    kind: "input",
    step: "name the testbed",
    subject: name,
    expected: "1 to 32 lower-case letters, digits and hyphens, no hyphen at either end",
    found: JSON.stringify(name),
  });
}

/** Directory of the logs of ended testbeds. */
export function endedRoot(): string {
  return join(kestrelDirectories().state, "ended");
}

/** Directory of one node in a run directory. */
export function nodeDirectory(directory: string, node: string): string {
  return join(directory, runFiles.nodes, node);
}

/**
 * Make the run directory of a new testbed, owned by this process from its first moment: of several that try, one succeeds.
 *
 * @throws KestrelError (input) when a testbed of that name runs or is being started; (host) when it cannot be written
 */
export async function claimRunDirectory(name: string): Promise<string> {
  checkTestbedName(name);
  const root = await ensureDirectory(runRoot(), "make the run directory");
  const directory = runDirectory(name);
  const claim = join(root, `.${name}.${identityWord(ownIdentity())}`);
  await mkdir(claim, { mode: 0o700 });
  try {
    await writeOwner(claim, "launcher");
    await mkdir(join(claim, runFiles.nodes), { mode: 0o700 });
    await rename(claim, directory);
    return directory;
  } catch (error) {
    await rm(claim, { recursive: true, force: true });
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (code !== "ENOTEMPTY" && code !== "EEXIST") throw error;
    const owner = await readOwner(directory);
    throw new KestrelError({
      kind: "input",
      step: "start the testbed",
      subject: name,
      expected: "a name that no running testbed has",
      found:
        owner?.role === "launcher"
          ? `a testbed of that name, which process ${owner.process.pid} is starting just now`
          : "a testbed of that name, which runs already",
      hint: `look at it: kestrel status --testbed ${name}; end it: kestrel down --testbed ${name}; or start another beside it: --name OTHER`,
    });
  }
}

/** Make this process the owner of a run directory. */
export async function writeOwner(directory: string, role: RunOwner["role"]): Promise<void> {
  const owner: RunOwner = { version: ownerVersion, process: ownIdentity(), role };
  await writeFileAtomic(join(directory, runFiles.owner), JSON.stringify(owner));
}

/** Who owns a run directory; undefined when its owner file is missing or not ours. */
export async function readOwner(directory: string): Promise<RunOwner | undefined> {
  try {
    const owner = JSON.parse(await readFile(join(directory, runFiles.owner), "utf8")) as RunOwner;
    return owner.version === ownerVersion ? owner : undefined;
  } catch {
    return undefined;
  }
}

/** A run directory and whether the process it belongs to lives. */
export interface RunListing {
  readonly name: string;
  readonly directory: string;
  readonly owner: RunOwner | undefined;
  readonly alive: boolean;
}

/** All run directories of this user, by name. */
export async function listRuns(): Promise<readonly RunListing[]> {
  const root = runRoot();
  const names = (await readdir(root).catch(() => [])).filter((name) => testbedName.test(name)).toSorted();
  return Promise.all(
    names.map(async (name) => {
      const directory = join(root, name);
      const owner = await readOwner(directory);
      return { name, directory, owner, alive: owner !== undefined && isAlive(owner.process) };
    }),
  );
}

/** Claims whose makers died between making and renaming them. */
export async function removeStaleClaims(): Promise<void> {
  const root = runRoot();
  for (const name of await readdir(root).catch(() => [])) {
    const word = /^\.[a-z0-9-]+\.(?<word>.+)$/.exec(name)?.groups?.["word"];
    const identity = word === undefined ? undefined : parseIdentityWord(word);
    if (identity !== undefined && !isAlive(identity)) await rm(join(root, name), { recursive: true, force: true });
  }
}

/**
 * Put a run directory away: logs, journal and plan go to the ended testbeds, sockets, keys and disks are removed.
 * Its name is free afterwards.
 *
 * @returns where the logs are
 */
export async function retireRunDirectory(name: string, directory: string): Promise<string> {
  const root = await ensureDirectory(endedRoot(), "put the logs away");
  const kept = join(root, `${name}.${new Date().toISOString().replaceAll(/[:.]/g, "-")}`);
  await rename(directory, kept);
  await removeMortalFiles(kept);
  await removeOldEnded(root, endedKept);
  return kept;
}

/** Remove the logs of ended testbeds, all but the newest `keep`. Returns the directories removed. */
export async function removeOldEnded(root: string, keep: number): Promise<readonly string[]> {
  const names = await readdir(root).catch(() => []);
  const ended = await Promise.all(
    names.map(async (name) => {
      // Another testbed that ends in the same moment may have removed it.
      const facts = await stat(join(root, name)).catch(() => undefined);
      return facts === undefined ? [] : [{ path: join(root, name), time: facts.mtimeMs }];
    }),
  );
  const old = ended
    .flat()
    .toSorted((a, b) => b.time - a.time)
    .slice(keep);
  for (const { path } of old) await rm(path, { recursive: true, force: true });
  return old.map(({ path }) => path);
}

/** Keep what tells a story (texts), remove what holds state, secrets or connections. */
async function removeMortalFiles(directory: string): Promise<void> {
  for (const entry of await readdir(directory, { withFileTypes: true, recursive: true })) {
    const isLog = entry.isFile() && /\.(log|ndjson|json)$/.test(entry.name) && entry.name !== runFiles.owner;
    if (!entry.isDirectory() && !isLog) await rm(join(entry.parentPath, entry.name), { force: true });
  }
}
