import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { lstat, readdir, readlink } from "node:fs/promises";
import { join } from "node:path";

/** SHA-256 of a text or of bytes, as 64 lower-case hexadecimal digits. */
export function sha256(data: string | Uint8Array): string {
  return createHash("sha256").update(data).digest("hex");
}

/** SHA-256 of a JSON value; the order of object keys does not matter. */
export function sha256Json(value: unknown): string {
  return sha256(JSON.stringify(canonical(value)));
}

function canonical(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(canonical);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, member]) => member !== undefined)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, member]) => [key, canonical(member)]),
  );
}

/**
 * SHA-256 of the content of a file.
 *
 * @throws the file system's error, or the signal's reason when aborted.
 */
export async function sha256File(path: string, signal?: AbortSignal): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20, ...(signal ? { signal } : {}) })) {
    hash.update(chunk as Buffer);
  }
  return hash.digest("hex");
}

/**
 * SHA-256 of a tree: relative paths, kinds, permission bits, contents and link targets; times and owners do not count.
 *
 * @throws the file system's error when something in it cannot be read.
 */
export async function sha256Tree(directory: string): Promise<string> {
  const hash = createHash("sha256");
  for (const path of (await readdir(directory, { recursive: true })).toSorted()) {
    const full = join(directory, path);
    const facts = await lstat(full);
    const mode = (facts.mode & 0o7777).toString(8);
    if (facts.isDirectory()) hash.update(`d ${mode} ${path}\0`);
    else if (facts.isSymbolicLink()) hash.update(`l ${path}\0${await readlink(full)}\0`);
    else if (facts.isFile()) hash.update(`f ${mode} ${path}\0${await sha256File(full)}\0`);
    else hash.update(`s ${mode} ${path}\0`);
  }
  return hash.digest("hex");
}
