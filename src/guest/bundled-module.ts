import { readFile } from "node:fs/promises";
import { join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { BuildOptions, Plugin } from "esbuild";
import { ensureDirectory, kestrelDirectories, sha256, sha256Json, writeFileAtomic } from "../host/index.ts";

const sourceRoot = fileURLToPath(new URL("../", import.meta.url));
const extension = import.meta.url.endsWith(".ts") ? "ts" : "js";

/** Packages from CommonJS ask for Node.js's own modules by `require`, which a module does not have. */
const requireBanner =
  'import{createRequire as kestrelRequire}from"node:module";const require=kestrelRequire(import.meta.url);';

const options = {
  bundle: true,
  platform: "node",
  target: "node24",
  format: "esm",
  // It holds native code, and is beside the bundle in a node.
  external: ["koffi"] as string[],
  banner: { js: requireBanner },
  // Names stay as they are in stack traces.
  minifyWhitespace: true,
  minifySyntax: true,
  write: false,
  metafile: true,
  legalComments: "none",
  logLevel: "silent",
} as const satisfies BuildOptions;

/** Zod brings its messages in fifty languages, a third of a daemon's code; the stack speaks one. */
const englishOnly: Plugin = {
  name: "english-only",
  setup: (bundling) => {
    bundling.onLoad({ filter: /\/zod\/v4\/locales\/index\.js$/ }, () => ({
      contents: 'export { default as en } from "./en.js";',
      loader: "js",
    }));
  },
};

/** A bundle in the cache, and the files that it was made from. */
interface CachedBundle {
  /** Path relative to `src/` -> SHA-256. */
  readonly inputs: Readonly<Record<string, string>>;
  readonly code: string;
}

/**
 * A module of `src/` with all that it imports, as one file; from the cache when none of the files has changed, since a
 * launch bundles a dozen.
 *
 * @param module - path below `src/`, without extension
 */
export async function bundledModule(module: string): Promise<Buffer> {
  const { version } = await import("esbuild");
  const directory = join(kestrelDirectories().cache, "bundles");
  const path = join(directory, sha256Json([sourceRoot, module, extension, version, options]).slice(0, 32));
  const cached = await readCached(path);
  if (cached !== undefined) return Buffer.from(cached.code);
  const made = await makeBundle(module);
  await ensureDirectory(directory);
  await writeFileAtomic(path, Buffer.from(JSON.stringify(made)), { mode: 0o600 });
  return Buffer.from(made.code);
}

async function readCached(path: string): Promise<CachedBundle | undefined> {
  const text = await readFile(path, "utf8").catch(() => undefined);
  if (text === undefined) return undefined;
  const cached = JSON.parse(text) as CachedBundle;
  const unchanged = await Promise.all(
    Object.entries(cached.inputs).map(async ([input, digest]) => (await digestOf(input)) === digest),
  );
  return unchanged.every(Boolean) ? cached : undefined;
}

async function makeBundle(module: string): Promise<CachedBundle> {
  const { build } = await import("esbuild");
  const { outputFiles, metafile } = await build({
    ...options,
    entryPoints: [join(sourceRoot, `${module}.${extension}`)],
    plugins: [englishOnly],
  });
  const [program] = outputFiles;
  if (program === undefined) throw new Error(`esbuild gave no ${module}`);
  const inputs = Object.keys(metafile.inputs).map((input) => relative(sourceRoot, resolve(input)));
  const digests = await Promise.all(inputs.map(async (input) => [input, (await digestOf(input)) ?? ""] as const));
  return { inputs: Object.fromEntries(digests), code: program.text };
}

async function digestOf(input: string): Promise<string | undefined> {
  const content = await readFile(join(sourceRoot, input)).catch(() => undefined);
  return content === undefined ? undefined : sha256(content);
}
