import { rename, rm, stat, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { ensureDirectory, identityWord, kestrelDirectories, locateTool, ownIdentity } from "../host/index.ts";
import { explainBuildFailure } from "./build-fault.ts";

let counter = 0;

/**
 * An empty ext4 disk image, formatted once for each size and cached: copy it sparsely (`cp --sparse=always`), never
 * write to it. All disks of a size are the same to the byte.
 *
 * @param sizeMiB - at least 8
 * @returns its absolute path
 * @throws KestrelError (host) when mke2fs is missing or fails
 */
export async function dataDisk(sizeMiB: number, cacheDirectory: string = kestrelDirectories().cache): Promise<string> {
  const directory = await ensureDirectory(join(cacheDirectory, "data-disks"));
  const path = join(directory, `ext4-${sizeMiB}MiB.raw`);
  if ((await stat(path).catch(() => undefined))?.size === sizeMiB * 2 ** 20) return path;
  const { path: mke2fs } = await locateTool("mke2fs");
  const temporary = `${path}.${identityWord(ownIdentity())}.${(counter += 1)}.tmp`;
  try {
    await writeFile(temporary, "", { mode: 0o600 });
    await truncate(temporary, sizeMiB * 2 ** 20);
    const result = await execa(mke2fs, [...mke2fsOptions, temporary], {
      all: true,
      reject: false,
      env: { E2FSPROGS_FAKE_TIME: "1", LC_ALL: "C.UTF-8" },
    });
    if (result.failed) {
      throw explainBuildFailure({
        step: "format a data disk",
        subject: `${sizeMiB} MiB`,
        directory,
        tool: "mke2fs",
        output: result.all.split("\n"),
        cause: result,
      });
    }
    await rename(temporary, path);
    return path;
  } finally {
    await rm(temporary, { force: true });
  }
}

/** Nothing is left for the kernel to do in the background at the first mount: it would write while nodes are measured. */
const mke2fsOptions = [
  ...["-F", "-q", "-t", "ext4", "-L", "data", "-U", "6b657374-7265-6c00-8000-646174610000"],
  ...["-E", "hash_seed=6b657374-7265-6c00-8000-686173680000,lazy_itable_init=0,lazy_journal_init=0,discard"],
];
