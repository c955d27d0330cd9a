import { spawn } from "node:child_process";
import { once } from "node:events";
import { open, readFile, rm, stat, type FileHandle } from "node:fs/promises";
import { KestrelError } from "../error/kestrel-error.ts";
import { ownIdentity, type ProcessIdentity } from "./process-identity.ts";

/** Who holds a lock, as its file tells. */
export interface LockHolder extends ProcessIdentity {
  /** What it does with it, for messages: "build image base". */
  readonly purpose: string;
}

/** An exclusive lock that is held until released, or until this process ends in whatever way. */
export interface Lock extends AsyncDisposable {
  readonly path: string;
  /** Give the lock up and remove its file; the second time does nothing. */
  release(): Promise<void>;
}

export interface LockOptions {
  /** What the lock is for, shown to those who find it taken. */
  readonly purpose: string;
  /** How long to wait for another holder; 0 does not wait. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
  /** Called once when the lock is taken and the wait begins. */
  readonly onWait?: (holder: LockHolder | undefined) => void;
}

/**
 * Take the exclusive lock of the file `path`, whose directory must exist.
 *
 * The lock is the kernel's (flock(2)), so that of a dead process is free at once and waiting costs nothing. Node has no
 * such call: flock(1) makes it on an inherited descriptor, and the lock stays with that open file when flock(1) is gone.
 *
 * @throws KestrelError (host) naming the holder when it did not let go in time; the signal's reason when aborted.
 */
export async function acquireLock(path: string, options: LockOptions): Promise<Lock> {
  const deadline = performance.now() + options.timeoutMs;
  for (;;) {
    const file = await open(path, "a+", 0o600);
    try {
      if (!(await flock(file, 0, options.signal))) {
        options.onWait?.(await lockHolder(path));
        if (!(await flock(file, deadline - performance.now(), options.signal))) throw await takenError(path, options);
      }
      // The holder before may have removed the file while this one waited for it: then this lock locks nothing.
      if (!(await isSameFile(file, path))) continue;
      await file.truncate(0);
      const holder: LockHolder = { ...ownIdentity(), purpose: options.purpose };
      await file.appendFile(JSON.stringify(holder));
      return heldLock(path, file);
    } finally {
      if (!held.has(file)) await file.close();
    }
  }
}

/** Who wrote itself into the lock file at `path` last; it may be gone. Undefined when the file tells nothing. */
export async function lockHolder(path: string): Promise<LockHolder | undefined> {
  try {
    const holder = JSON.parse(await readFile(path, "utf8")) as Partial<LockHolder> | null;
    return typeof holder?.pid === "number" && typeof holder.purpose === "string" ? (holder as LockHolder) : undefined;
  } catch {
    return undefined;
  }
}

const held = new Set<FileHandle>();

function heldLock(path: string, file: FileHandle): Lock {
  held.add(file);
  const release = async (): Promise<void> => {
    if (!held.delete(file)) return;
    // Removed before it is closed: after that it could be another's.
    await rm(path, { force: true });
    await file.close();
  };
  return { path, release, [Symbol.asyncDispose]: release };
}

async function isSameFile(file: FileHandle, path: string): Promise<boolean> {
  const own = await file.stat();
  const named = await stat(path).catch(() => undefined);
  return named?.ino === own.ino && named.dev === own.dev;
}

/** Let flock(1) lock the open file of `file`; false when another holds it for longer than `timeoutMs`. */
async function flock(file: FileHandle, timeoutMs: number, signal: AbortSignal | undefined): Promise<boolean> {
  signal?.throwIfAborted();
  const wait = timeoutMs <= 0 ? ["--nonblock"] : ["--timeout", (timeoutMs / 1000).toFixed(3)];
  const child = spawn("flock", ["--exclusive", ...wait, "3"], {
    stdio: ["ignore", "ignore", "pipe", file.fd],
    ...(signal ? { signal } : {}),
  });
  let complaint = "";
  child.stderr?.on("data", (chunk: Buffer) => (complaint += chunk.toString()));
  const [code] = (await once(child, "close").catch((error: unknown) => {
    signal?.throwIfAborted();
    throw error;
  })) as [number | null];
  if (code === 0) return true;
  if (code === 1 && complaint === "") return false;
  throw new KestrelError({
    kind: "host",
    step: "lock a file",
    found: `flock ended with ${code ?? "a signal"}: ${complaint.trim()}`,
  });
}

async function takenError(path: string, options: LockOptions): Promise<KestrelError> {
  const holder = await lockHolder(path);
  const who = holder === undefined ? "another process" : `process ${holder.pid} (${holder.purpose})`;
  return new KestrelError({
    kind: "host",
    step: options.purpose,
    subject: path,
    expected: options.timeoutMs > 0 ? `the lock within ${Math.round(options.timeoutMs / 1000)} s` : "a free lock",
    found: `held by ${who}`,
    hint: "wait for it to end, or stop it",
  });
}
