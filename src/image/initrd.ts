import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { sha256, writeFileAtomic } from "../host/index.ts";
import type { Image } from "./image-cache.ts";
import { stackArchive, type StackFile } from "./initramfs.ts";

/**
 * The initramfs of an image with files for `/opt/kestrel` of the node added to it: code changes need no new image.
 * The kernel unpacks archives that follow each other as one.
 *
 * @returns path of a file in the image's directory, named by its content and made once
 * @throws the file system's error when a source cannot be read
 */
export async function composeInitrd(image: Image, files: readonly StackFile[]): Promise<string> {
  const stack = await stackArchive(files);
  const path = join(image.directory, `${composedPrefix}${sha256(stack).slice(0, 16)}`);
  const base = await readFile(image.initrd);
  // Archives begin at multiples of 4 bytes; the kernel skips zeros between them.
  const gap = Buffer.alloc((4 - (base.length % 4)) % 4);
  const whole = await stat(path).catch(() => undefined);
  if (whole?.size !== base.length + gap.length + stack.length) {
    await writeFileAtomic(path, Buffer.concat([base, gap, stack]), { mode: 0o400 });
  }
  return path;
}

/** How the names of composed initramfs files begin. */
export const composedPrefix = "initrd-";
