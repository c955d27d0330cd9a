import { open, rename, rm } from "node:fs/promises";
import { identityWord, ownIdentity } from "./process-identity.ts";

let counter = 0;

/**
 * Write a file so that a reader sees the old content or the new and never a part, even after power loss.
 *
 * @param options.mode permission bits of the new file; 0600 when absent.
 */
export async function writeFileAtomic(
  path: string,
  data: string | Uint8Array,
  options: { readonly mode?: number } = {},
): Promise<void> {
  counter += 1;
  const temporary = `${path}.${identityWord(ownIdentity())}.${counter}.tmp`;
  try {
    await using file = await open(temporary, "wx", options.mode ?? 0o600);
    await file.writeFile(data);
    await file.sync();
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  await rename(temporary, path);
}
