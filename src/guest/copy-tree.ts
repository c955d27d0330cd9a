import { spawn } from "node:child_process";
import { once } from "node:events";
import { lstat, mkdir, mkdtemp, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join, posix, resolve } from "node:path";
import type { Readable, Writable } from "node:stream";
import { text } from "node:stream/consumers";
import { pipeline } from "node:stream/promises";
import { KestrelError } from "../error/kestrel-error.ts";
import type { Guest } from "./guest.ts";

/** Modes stay, and what arrives belongs to whoever unpacks: as for cp(1). */
const unpackInto = ["-xpof", "-", "-C"] as const;

/** Unpacks $2 into the directory $1; or, where there is none, beside it and then as it: complete or not there at all. */
const place = `t=$1; n=$2; if [ -d "$t" ]; then exec tar ${unpackInto.join(" ")} "$t"; fi
p=$(dirname -- "$t"); mkdir -p -- "$p" && d=$(mktemp -d -p "$p") &&
tar ${unpackInto.join(" ")} "$d" && mv -T -- "$d/$n" "$t"; s=$?; rm -rf -- "$d"; exit $s`;

/** Packs $2 of the directory $1. */
const missing = 66;
const pick = `cd -- "$1" 2>/dev/null && { [ -e "$2" ] || [ -L "$2" ]; } || exit ${missing}; exec tar -cf - -- "$2"`;

/**
 * Copy a file or tree of the host into a node: tar on both sides of an exec channel keeps modes, links and times.
 * Like `cp -r`: into `target` when that is a directory, else as `target`.
 *
 * @throws KestrelError (input) when the source is not there or the target cannot be written
 */
export async function copyTreeIn(guest: Guest, source: string, target: string): Promise<void> {
  const step = `copy to ${guest.node}`;
  const path = resolve(source);
  await lstat(path).catch((cause: unknown) => {
    throw failed(step, source, "a file or directory of this host", messageOf(cause));
  });
  const name = basename(path) || ".";
  const unpack = guest.spawn(["/bin/sh", "-c", place, "sh", target, name], { stdin: true });
  unpack.stdout.resume();
  const pack = startTar(["-cf", "-", "-C", dirname(path), "--", name]);
  const [complaint, packed, sent] = await Promise.all([
    wordsOf(unpack.stderr),
    pack.ended,
    pipeline(pack.stdout, unpack.stdin).then(
      () => true,
      () => false,
    ),
  ]);
  const { exitCode } = await unpack.result;
  // A node that stops reading makes this end fail too, and is then the one that knows why.
  if (!packedAll(packed) && (sent || (exitCode === 0 && packed.complaint !== "")))
    throw failed(step, source, "a source that can be read", packed.complaint);
  if (exitCode !== 0) throw failed(step, target, "a place that can be written", complaint);
}

/**
 * Copy a file or tree of a node to the host; the counterpart of {@link copyTreeIn}.
 *
 * @throws KestrelError (input) when the source is not there or the target cannot be written
 */
export async function copyTreeOut(guest: Guest, source: string, target: string): Promise<void> {
  const step = `copy from ${guest.node}`;
  const name = posix.basename(source) || ".";
  const into = await stat(target).then(
    (facts) => facts.isDirectory(),
    () => false,
  );
  const directory = into ? target : await besideOf(target, step);
  try {
    const pack = guest.spawn(["/bin/sh", "-c", pick, "sh", posix.dirname(source), name]);
    const unpack = startTar([...unpackInto, directory]);
    const [complaint, unpacked] = await Promise.all([
      wordsOf(pack.stderr),
      unpack.ended,
      pipeline(pack.stdout, unpack.stdin).catch(() => undefined),
    ]);
    const { exitCode } = await pack.result;
    if (exitCode === missing)
      throw failed(step, source, "a file or directory of the node", "no such file or directory");
    if (!packedAll({ exitCode, complaint })) throw failed(step, source, "a source that can be read", complaint);
    if (unpacked.exitCode !== 0) throw failed(step, target, "a place that can be written", unpacked.complaint);
    if (!into) {
      await rename(join(directory, name), target).catch((cause: unknown) => {
        throw failed(step, target, "a place that can be written", messageOf(cause));
      });
    }
  } finally {
    if (!into) await rm(directory, { recursive: true, force: true });
  }
}

/** A new directory in that of `target`: what is complete there can be renamed to it. */
async function besideOf(target: string, step: string): Promise<string> {
  try {
    await mkdir(dirname(target), { recursive: true });
    return await mkdtemp(join(dirname(target), ".kestrel-"));
  } catch (cause) {
    throw failed(step, target, "a place that can be written", messageOf(cause));
  }
}

interface Ended {
  readonly exitCode: number | null;
  readonly complaint: string;
}

interface HostTar {
  readonly stdin: Writable;
  readonly stdout: Readable;
  readonly ended: Promise<Ended>;
}

function startTar(words: readonly string[]): HostTar {
  const child = spawn("tar", words, { stdio: "pipe" });
  const complaint = wordsOf(child.stderr);
  const ended = once(child, "close").then(
    async ([exitCode]: unknown[]) => ({ exitCode: exitCode as number | null, complaint: await complaint }),
    (error: unknown) => ({ exitCode: null, complaint: `tar of this host: ${messageOf(error)}` }),
  );
  return { stdin: child.stdin, stdout: child.stdout, ended };
}

/** A file that grows while it is packed, such as a log, is no fault: tar(1) says so with exit code 1. */
function packedAll({ exitCode, complaint }: Ended): boolean {
  return exitCode === 0 || (exitCode === 1 && complaint.includes("changed as we read it"));
}

/** What a command complained about; nothing when the connection is lost, which its result tells. */
function wordsOf(stderr: Readable): Promise<string> {
  return text(stderr).then(
    (words) => words.trim(),
    () => "",
  );
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function failed(step: string, subject: string, expected: string, found: string): KestrelError {
  return new KestrelError({ kind: "input", step, subject, expected, found });
}
