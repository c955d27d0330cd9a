import { createHmac, timingSafeEqual } from "node:crypto";
import { readFile } from "node:fs/promises";
import { KestrelError } from "../../error/kestrel-error.ts";
import type { KeyName, MessageAuthenticator } from "./engine/authentication.ts";

const shortestKeyBytes = 16;

/** HMAC-SHA256 (RFC 2104) with these keys. */
export function authenticatorOf(keys: ReadonlyMap<KeyName, Uint8Array>): MessageAuthenticator {
  const sign = (key: KeyName, message: Uint8Array): Uint8Array => {
    const secret = keys.get(key);
    if (secret === undefined) throw new Error(`there is no ${key} key`);
    return createHmac("sha256", secret).update(message).digest();
  };
  return {
    has: (key) => keys.has(key),
    sign,
    verify: (key, message, mac) => keys.has(key) && mac.length === 32 && timingSafeEqual(sign(key, message), mac),
  };
}

/**
 * Read the keys of the signed mode: each file holds one secret, white space around it left away.
 *
 * @throws KestrelError naming the file; never its content
 */
export async function readAuthenticator(files: {
  readonly rackKey: string;
  readonly interRackKey?: string | undefined;
}): Promise<MessageAuthenticator> {
  const keys = new Map<KeyName, Uint8Array>([["rack", await readKey(files.rackKey)]]);
  if (files.interRackKey !== undefined) keys.set("inter-rack", await readKey(files.interRackKey));
  return authenticatorOf(keys);
}

async function readKey(file: string): Promise<Uint8Array> {
  const fault = (found: string, cause?: unknown): KestrelError =>
    new KestrelError(
      {
        kind: "input",
        step: "read a key of ddmd",
        subject: file,
        expected: `at least ${shortestKeyBytes} bytes`,
        found,
        hint: "put a long random text there, the same on all routers of the rack (or, between racks, on all switches)",
      },
      { cause },
    );
  let key: Buffer;
  try {
    key = Buffer.from((await readFile(file, "latin1")).trim(), "latin1");
  } catch (error) {
    throw fault(error instanceof Error ? error.message : String(error), error);
  }
  if (key.length < shortestKeyBytes) throw fault(`${key.length} bytes`);
  return key;
}
