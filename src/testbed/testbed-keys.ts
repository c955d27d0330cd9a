import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import ssh2 from "ssh2";
import { runFiles } from "./run-directory.ts";

/** SSH keys of one testbed: one that opens its nodes, and a host key each. They live as long as the testbed. */
export interface TestbedKeys {
  /** Private key (OpenSSH format) that opens all nodes. */
  readonly privateKey: string;
  readonly keyFile: string;
  /** Its public half as a line of `authorized_keys`. */
  readonly authorizedKey: string;
  /** Private host key (OpenSSH format) of a node; the same for the same node at every call. */
  hostKey(node: string): string;
}

/** Make the keys of a testbed; the private one is written into the run directory, mode 0600. */
export async function makeTestbedKeys(runDirectory: string, testbed: string): Promise<TestbedKeys> {
  const pair = ssh2.utils.generateKeyPairSync("ed25519", { comment: `kestrel ${testbed}` });
  const keyFile = join(runDirectory, runFiles.sshKey);
  await writeFile(keyFile, pair.private, { mode: 0o600 });
  const hostKeys = new Map<string, string>();
  return {
    privateKey: pair.private,
    keyFile,
    authorizedKey: pair.public,
    hostKey: (node) => {
      const known = hostKeys.get(node) ?? ssh2.utils.generateKeyPairSync("ed25519").private;
      hostKeys.set(node, known);
      return known;
    },
  };
}
