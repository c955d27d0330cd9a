import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { identityWord, isAlive, ownIdentity, parseIdentityWord } from "../../host/index.ts";

const prefix = "kestrel-run-";
const randomLetters = 6;

/** A private directory for the socket of a run; those that runs left which were killed are removed. */
export async function makeLeaseDirectory(): Promise<string> {
  const parent = tmpdir();
  for (const name of await readdir(parent)) {
    const owner = name.startsWith(prefix)
      ? parseIdentityWord(name.slice(prefix.length, -randomLetters - 1))
      : undefined;
    // Another user's cannot be removed, and is none of this user's business.
    if (owner !== undefined && !isAlive(owner))
      await rm(join(parent, name), { recursive: true, force: true }).catch(() => undefined);
  }
  return mkdtemp(join(parent, `${prefix}${identityWord(ownIdentity())}-`));
}
