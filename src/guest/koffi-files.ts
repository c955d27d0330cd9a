import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { KestrelError } from "../error/kestrel-error.ts";
import type { BundleFile } from "./bundle.ts";

/** What the loader of koffi reads on Linux x86-64 with glibc, by package; the rest of it is for other systems. */
const loader: ReadonlyMap<string, readonly string[]> = new Map([
  ["koffi", ["package.json", "index.js", "src/koffi/index.js", "src/koffi/src/static.js"]],
  ["@koromix/koffi-linux-x64", ["package.json", "index.js", "linux_x64/koffi.node"]],
]);

/**
 * The files of koffi, with which the stack calls the C library, for `node_modules` of a node. It holds native code, which
 * no bundle can.
 *
 * @throws KestrelError (host) when npm has not installed it for Linux x86-64
 */
export async function koffiFiles(): Promise<readonly BundleFile[]> {
  try {
    const koffi = createRequire(import.meta.url).resolve("koffi");
    const native = createRequire(koffi).resolve("@koromix/koffi-linux-x64");
    const folders = new Map([
      ["koffi", dirname(koffi)],
      ["@koromix/koffi-linux-x64", dirname(native)],
    ]);
    const files = [...loader].flatMap(([name, paths]) => paths.map((path) => ({ name, path })));
    return await Promise.all(
      files.map(async ({ name, path }) => ({
        path: `node_modules/${name}/${path}`,
        content: await readFile(join(folders.get(name) ?? "", path)),
        mode: 0o644,
      })),
    );
  } catch (cause) {
    throw new KestrelError(
      {
        kind: "host",
        step: "find native calls for the nodes",
        expected: "the npm package koffi with its binary for Linux x86-64",
        found: cause instanceof Error ? cause.message : String(cause),
        hint: "run npm install again, on Linux x86-64 and without --omit=optional",
      },
      { cause },
    );
  }
}
