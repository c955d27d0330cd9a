import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { KestrelError } from "../error/kestrel-error.ts";
import { ensureDirectory, kestrelDirectories, sha256Json, writeFileAtomic } from "../host/index.ts";
import { p4ProgramSource } from "./stack-programs.ts";

const sourceRoot = fileURLToPath(new URL("../", import.meta.url));

/**
 * A P4 program of the stack as JSON for the switch, from the cache when neither the program nor the compiler has changed:
 * compiling takes half a second.
 *
 * @throws KestrelError (internal) with the compiler's words when it refuses the program
 */
export async function compiledP4Program(name: string): Promise<Buffer> {
  const file = p4ProgramSource(name);
  const text = await readFile(join(sourceRoot, file), "utf8");
  const directory = join(kestrelDirectories().cache, "programs");
  const cached = join(directory, sha256Json([text, await compilerSources()]).slice(0, 32));
  const known = await readFile(cached).catch(() => undefined);
  if (known !== undefined) return known;
  const { compileP4, describeDiagnostic, IncludeFolders } = await import("../p4/compiler/index.ts");
  const { json, diagnostics } = compileP4(text, file, { includes: new IncludeFolders() });
  if (json === undefined) {
    throw new KestrelError({
      kind: "internal",
      step: "compile the P4 program of the nodes",
      subject: file,
      expected: "a program that the compiler takes",
      found: diagnostics.map(describeDiagnostic).join("\n\n"),
    });
  }
  const compiled = Buffer.from(JSON.stringify(json));
  await ensureDirectory(directory);
  await writeFileAtomic(cached, compiled, { mode: 0o400 });
  return compiled;
}

async function compilerSources(): Promise<readonly (readonly [string, string])[]> {
  const folders = ["p4/compiler", "p4/include"];
  const names = await Promise.all(
    folders.map(async (folder) =>
      (await readdir(join(sourceRoot, folder), { recursive: true, withFileTypes: true }))
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name)),
    ),
  );
  return Promise.all(
    names
      .flat()
      .toSorted()
      .map(async (name) => [name.slice(sourceRoot.length), await readFile(name, "utf8")] as const),
  );
}
