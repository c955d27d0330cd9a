import { chmod, mkdir, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { identityWord, isAlive, ownIdentity, parseIdentityWord, requireDiskSpace } from "../host/index.ts";
import { explainBuildFailure } from "./build-fault.ts";
import { type Mirror, sourceLines } from "./mirror.ts";
import { type OnImageProgress, parseMmdebstrapLine } from "./progress.ts";

/** Milliseconds that mmdebstrap gets to unmount and remove what it made after it is told to stop. */
const stopDeadlineMs = 15_000;

/** Bytes that the unpacked packages of the base image take while they are installed, with some to spare. */
const workspaceBytes = 900 * 2 ** 20;

const keyring = "/usr/share/keyrings/debian-archive-keyring.gpg";

/** Left out while unpacking; the licences stay, as Debian's own small images have it. */
const unwantedPaths = ["/usr/share/man/*", "/usr/share/info/*", "/usr/share/locale/*", "/usr/share/doc/*"];

/** What to install. */
export interface TreeRequest {
  readonly mmdebstrap: string;
  readonly suite: string;
  readonly packages: readonly string[];
  /** Left to mmdebstrap when undefined. */
  readonly mirror: Mirror | undefined;
  /** The tar file to write. */
  readonly output: string;
  /** Name of the image, for errors. */
  readonly subject: string;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress: OnImageProgress;
}

/**
 * Install Debian packages into an empty tree and write it as a tar file, with the owners and modes of the tree.
 * Needs no root where the host allows user namespaces, which is found out by trying.
 *
 * @throws KestrelError when it fails; the signal's reason when aborted. Nothing but `output` is left behind.
 */
export async function installDebianTree(request: TreeRequest): Promise<void> {
  const { mmdebstrap, signal } = request;
  await removeDeadWorkspaces(mmdebstrap);
  const step = "install the packages of an image";
  await requireDiskSpace(
    tmpdir(),
    workspaceBytes,
    step,
    "free some space there, or set TMPDIR to a larger file system",
  );
  const mode = await chooseMode(mmdebstrap);
  const workspace = await makeWorkspace();
  const output: string[] = [];
  try {
    const child = execa(mmdebstrap, mmdebstrapArguments(request, mode), {
      stdin: "ignore",
      stdout: "ignore",
      stderr: "pipe",
      buffer: false,
      // SOURCE_DATE_EPOCH: the same packages give the same tree, to the byte.
      env: { TMPDIR: workspace, LC_ALL: "C.UTF-8", SOURCE_DATE_EPOCH: "0", INITRD: "No" },
      // Own process group: mmdebstrap ends by a SIGINT only when the apt that it waits for gets it too.
      detached: true,
    });
    using _stopping = stopGroupOn(signal, child.pid);
    for await (const line of child.iterable({ from: "stderr" })) {
      const progress = parseMmdebstrapLine(line);
      if (progress !== undefined) request.onProgress(progress);
      output.push(line);
      if (output.length > 200) output.shift();
    }
    await child;
  } catch (cause) {
    signal?.throwIfAborted();
    const { subject } = request;
    throw explainBuildFailure({
      step,
      subject,
      directory: workspace,
      tool: "mmdebstrap",
      output,
      cause,
    });
  } finally {
    await removeWorkspace(workspace, mmdebstrap);
  }
}

/** Interrupts the process group `pid` when `signal` is aborted, and kills it when it does not end by that. */
function stopGroupOn(signal: AbortSignal | undefined, pid: number | undefined): Disposable {
  let deadline: NodeJS.Timeout | undefined;
  const send = (name: NodeJS.Signals): void => {
    try {
      if (pid !== undefined) process.kill(-pid, name);
    } catch {
      // It has ended meanwhile.
    }
  };
  const stop = (): void => {
    send("SIGINT");
    deadline = setTimeout(() => {
      send("SIGKILL");
    }, stopDeadlineMs);
  };
  if (signal?.aborted === true) stop();
  signal?.addEventListener("abort", stop, { once: true });
  return {
    [Symbol.dispose]: () => {
      clearTimeout(deadline);
      signal?.removeEventListener("abort", stop);
    },
  };
}

function mmdebstrapArguments(request: TreeRequest, mode: "unshare" | "root"): string[] {
  return [
    `--mode=${mode}`,
    "--variant=essential",
    "--format=tar",
    "--architectures=amd64",
    `--keyring=${keyring}`,
    '--aptopt=Acquire::Languages "none"',
    "--aptopt=Acquire::Retries 3",
    '--aptopt=APT::Install-Recommends "false"',
    ...unwantedPaths.map((path) => `--dpkgopt=path-exclude=${path}`),
    "--dpkgopt=path-include=/usr/share/doc/*/copyright",
    `--include=${request.packages.join(",")}`,
    request.suite,
    request.output,
    ...sourceLines(request.mirror, request.suite),
  ];
}

/** User namespaces may be there and still be refused, by AppArmor on Ubuntu for one: only trying tells. */
async function chooseMode(mmdebstrap: string): Promise<"unshare" | "root"> {
  const trial = await execa(mmdebstrap, ["--unshare-helper", "true"], { reject: false, stdin: "ignore" });
  return trial.exitCode !== 0 && process.getuid?.() === 0 ? "root" : "unshare";
}

const workspacePrefix = "kestrel-image-";

/**
 * A directory for mmdebstrap below the system's temporary directory: inside a user namespace it is another user, who
 * cannot pass through this user's private directories.
 */
async function makeWorkspace(): Promise<string> {
  const path = join(tmpdir(), `${workspacePrefix}${identityWord(ownIdentity())}-${(workspaceCounter += 1)}`);
  await mkdir(path);
  await chmod(path, 0o755);
  return path;
}

let workspaceCounter = 0;

/** Files in it may belong to the users of a namespace, whom only that namespace can remove. */
async function removeWorkspace(path: string, mmdebstrap: string): Promise<void> {
  try {
    await rm(path, { recursive: true, force: true });
  } catch {
    await execa(mmdebstrap, ["--unshare-helper", "rm", "-rf", "--one-file-system", path], { reject: false });
    await rm(path, { recursive: true, force: true });
  }
}

async function removeDeadWorkspaces(mmdebstrap: string): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    if (!name.startsWith(workspacePrefix)) continue;
    const owner = parseIdentityWord(name.slice(workspacePrefix.length).replace(/-\d+$/, ""));
    if (owner === undefined || isAlive(owner)) continue;
    // Another user's cannot be removed, and is none of this user's business.
    await removeWorkspace(join(tmpdir(), name), mmdebstrap).catch(() => undefined);
  }
}
