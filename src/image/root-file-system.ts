import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { Readable } from "node:stream";
import { execa } from "execa";
import { explainBuildFailure } from "./build-fault.ts";
import { parentDirectories } from "./cpio.ts";
import type { Kernel } from "./initramfs.ts";
import { selectModules } from "./kernel-modules.ts";
import { pathPattern } from "./path-pattern.ts";
import type { OnImageProgress } from "./progress.ts";
import type { RecipeFile } from "./recipe.ts";
import type { TarArchive, TarEntry } from "./tar-archive.ts";
import { tarEnd, tarHeader, tarPadding } from "./tar-header.ts";

/** Never part of a root: what the initramfs mounts or boots, and what mmdebstrap copied from the host or made once. */
const alwaysPruned = [
  "boot",
  "dev/*",
  "etc/hostname",
  "etc/machine-id",
  "etc/resolv.conf",
  "etc/ssh/ssh_host_*",
  "initrd.img*",
  "var/lib/dbus/machine-id",
  "vmlinuz*",
];

/** Mount points and places that every root has. */
const extraDirectories = ["data", "opt/kestrel"];

/** What a root file system is made of. */
export interface RootRequest {
  readonly mksquashfs: string;
  readonly tree: TarArchive;
  readonly kernel: Kernel;
  /** Names and patterns of the kernel modules to keep. */
  readonly modules: readonly string[];
  readonly prune: readonly string[];
  readonly files: readonly RecipeFile[];
  /** Node.js for the guest, on this host. */
  readonly node: string;
  /** The squashfs file to write. */
  readonly output: string;
  readonly subject: string;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress: OnImageProgress;
}

/**
 * Pack a tree as a squashfs file: less what is pruned, plus files and Node.js. Its size is a multiple of 4096 bytes,
 * so QEMU can show it as a disk. Needs no privileges: the tree goes from one archive into the other.
 *
 * @throws KestrelError when it fails; the signal's reason when aborted.
 */
export async function packRoot(request: RootRequest): Promise<void> {
  const { tree, output, signal } = request;
  const added = await addedFiles(request);
  const kept = keptEntries(request, new Set(added.map(({ path }) => path)));
  const total =
    kept.reduce((sum, { start, end }) => sum + end - start, 0) + added.reduce((sum, { size }) => sum + size, 0);
  const archive = async function* (): AsyncGenerator<Uint8Array> {
    let done = 0;
    let told = 0;
    for await (const chunk of rootArchive(tree, kept, added)) {
      yield chunk;
      done += chunk.length;
      if (done - told < total / 50) continue;
      told = done;
      request.onProgress({ step: "root", fraction: (readShare * done) / total, message: "pack the root file system" });
    }
  };
  const result = await execa(request.mksquashfs, ["-", output, "-tar", ...squashfsOptions], {
    stdin: archive(),
    all: true,
    reject: false,
    extendEnv: false,
    env: { PATH: process.env["PATH"] ?? "", LC_ALL: "C.UTF-8" },
    ...(signal === undefined ? {} : { cancelSignal: signal }),
  });
  signal?.throwIfAborted();
  if (result.failed) {
    throw explainBuildFailure({
      step: "pack the root file system",
      subject: request.subject,
      directory: output,
      tool: "mksquashfs",
      output: result.all.split("\n"),
      cause: result,
    });
  }
}

/**
 * lz4: a cold boot under emulation takes 10 % less CPU than with zstd and packing a third of the time, for half as many
 * bytes again on disk, once for all nodes.
 */
const squashfsOptions = [
  ...["-comp", "lz4", "-b", "128K"],
  ...["-noappend", "-no-progress", "-quiet", "-exit-on-error"],
  ...["-mkfs-time", "0", "-all-time", "0"],
  // mksquashfs takes the root directory's owner from itself and not from the archive.
  ...["-root-mode", "0755", "-root-uid", "0", "-root-gid", "0"],
];

/** mksquashfs reads ahead of its compressors: this much of its time has passed when it has read everything. */
const readShare = 0.8;

interface AddedFile {
  readonly path: string;
  readonly mode: number;
  readonly size: number;
  open(): AsyncIterable<Uint8Array>;
}

async function addedFiles(request: RootRequest): Promise<AddedFile[]> {
  const { size } = await stat(request.node);
  const node: AddedFile = {
    path: "usr/bin/node",
    mode: 0o755,
    size,
    open: () => createReadStream(request.node, { highWaterMark: 1 << 20 }) as AsyncIterable<Buffer>,
  };
  const files = request.files.map((file): AddedFile => ({
    path: file.path,
    mode: file.mode,
    size: file.content.length,
    open: () => Readable.from([file.content]) as AsyncIterable<Buffer>,
  }));
  return [node, ...files];
}

function keptEntries(request: RootRequest, replaced: ReadonlySet<string>): TarEntry[] {
  const { tree, kernel } = request;
  const pruned = pathPattern([...alwaysPruned, ...request.prune]);
  const modules = new Set(
    selectModules(kernel.modules, request.modules).paths.map((path) => `${kernel.moduleDirectory}/${path}`),
  );
  const isKept = ({ path }: TarEntry): boolean =>
    path !== "" && !replaced.has(path) && !pruned(path) && (!/\.ko(\.\w+)?$/.test(path) || modules.has(path));
  // A hard link without the file that it names would be a fault of the archive.
  return tree.entries.filter(
    (entry) => isKept(entry) && (entry.type !== "hardlink" || isKept({ ...entry, path: entry.link })),
  );
}

async function* rootArchive(
  tree: TarArchive,
  kept: readonly TarEntry[],
  added: readonly AddedFile[],
): AsyncGenerator<Uint8Array> {
  yield* tree.bytes(kept);
  const paths = [...added.map(({ path }) => path), ...extraDirectories.map((path) => `${path}/`)];
  for (const path of parentDirectories(paths)) {
    if (tree.find(path) === undefined) yield tarHeader({ type: "directory", path, mode: 0o755 });
  }
  for (const file of added) {
    yield tarHeader({ type: "file", path: file.path, mode: file.mode, size: file.size });
    yield* file.open();
    yield tarPadding(file.size);
  }
  yield tarEnd;
}
