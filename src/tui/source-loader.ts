import { readFile } from "node:fs/promises";
import { registerHooks } from "node:module";
import { readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

/**
 * Let Node.js load the components of a source tree: it strips types, but does not know JSX. A built package has no need of it.
 */
export async function loadJsxSources(): Promise<void> {
  const own = fileURLToPath(import.meta.url);
  if (!own.endsWith(".ts")) return;
  const { stop, transform } = await import("esbuild");
  const directory = dirname(own);
  const files = readdirSync(directory, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".tsx"));
  const modules = new Map(
    await Promise.all(
      files.map(async (name) => {
        const path = join(directory, name);
        const { code } = await transform(await readFile(path, "utf8"), {
          loader: "tsx",
          jsx: "automatic",
          sourcefile: path,
          sourcemap: "inline",
          target: "node24",
        });
        return [pathToFileURL(path).href, code] as const;
      }),
    ),
  );
  await stop();
  registerHooks({
    load: (url, context, next) => {
      const source = modules.get(url);
      return source === undefined ? next(url, context) : { format: "module", source, shortCircuit: true };
    },
  });
}
