import { existsSync } from "node:fs";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { KestrelError } from "../error/kestrel-error.ts";
import { ensureDirectory, kestrelDirectories, locateTool, sha256Json, writeFileAtomic } from "../host/index.ts";

/** The programs of a node that are C: the folder of each's sources, below `src/`. */
const folders = {
  "kestrel-agent": "guest/agent",
  "instance-init": "stack/sled-agent/instance-init",
} as const;

/** The name of a program of a node that is C. */
export type NativeProgram = keyof typeof folders;

/** All of them. */
export const nativePrograms = Object.keys(folders) as readonly NativeProgram[];

/** The file of a program in its folder, where a built package has it instead of a compiler. */
export function builtFile(name: NativeProgram): string {
  return join(folders[name], name);
}

const source = fileURLToPath(new URL("../", import.meta.url));

/** Whether the programs are there already, as a built package brings them: it takes no compiler then. */
export function nativeProgramsAreBuilt(): boolean {
  return nativePrograms.every((name) => existsSync(join(source, builtFile(name))));
}

/** Static, since the image's own C library is another; the kernel's headers are the host's. */
const compilerOptions = [
  ...["-std=c17", "-D_GNU_SOURCE", "-O2", "-static", "-s"],
  ...["-idirafter", "/usr/include", "-idirafter", "/usr/include/x86_64-linux-gnu"],
];

/**
 * An x86-64 program: as the package brings it, or compiled from its sources and kept in the cache.
 *
 * @throws KestrelError (host) when there is no compiler, (internal) when it refuses the sources
 */
export async function nativeProgram(name: NativeProgram): Promise<Buffer> {
  const built = await readFile(join(source, builtFile(name))).catch(() => undefined);
  if (built !== undefined) return built;
  const directory = join(source, folders[name]);
  const names = (await readdir(directory)).filter((file) => /\.[ch]$/.test(file)).toSorted();
  const sources = await Promise.all(names.map((file) => readFile(join(directory, file), "latin1")));
  const key = sha256Json({ names, sources, compilerOptions }).slice(0, 16);
  const cached = join(kestrelDirectories().cache, "agents", key);
  const known = await readFile(cached).catch(() => undefined);
  if (known !== undefined) return known;
  const program = await compile(
    name,
    directory,
    names.filter((file) => file.endsWith(".c")),
  );
  await ensureDirectory(join(kestrelDirectories().cache, "agents"));
  await writeFileAtomic(cached, program, { mode: 0o500 });
  return program;
}

async function compile(name: NativeProgram, sourceDirectory: string, units: readonly string[]): Promise<Buffer> {
  const { path } = await locateTool("musl-gcc");
  const { execa } = await import("execa");
  const directory = await mkdtemp(join(tmpdir(), `${name}-`));
  try {
    const output = join(directory, "program");
    // Paths without a folder: the same sources give the same bytes wherever they are.
    const result = await execa(path, [...compilerOptions, "-o", output, ...units], {
      cwd: sourceDirectory,
      all: true,
      reject: false,
      stdin: "ignore",
    });
    if (!result.failed) return await readFile(output);
    throw new KestrelError({
      kind: "internal",
      step: `compile ${name}`,
      expected: "sources that the compiler takes",
      found: `exit code ${result.exitCode ?? "none"}`,
      lastWords: result.all.split("\n").slice(-20),
    });
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
