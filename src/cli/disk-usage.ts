import { lstat, readdir } from "node:fs/promises";
import { join } from "node:path";

/** Bytes that a file or tree takes on the disk; holes do not count. 0 for what is not there. */
export async function diskUsage(path: string): Promise<number> {
  try {
    const facts = await lstat(path);
    const own = facts.blocks * 512;
    if (!facts.isDirectory()) return own;
    const inner = await Promise.all((await readdir(path)).map((name) => diskUsage(join(path, name))));
    return inner.reduce((sum, bytes) => sum + bytes, own);
  } catch {
    return 0;
  }
}
