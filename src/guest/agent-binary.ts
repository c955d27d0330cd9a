import { existsSync } from "node:fs";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { KestrelError } from "../error/kestrel-error.ts";
import { ensureDirectory, kestrelDirectories, locateTool, sha256Json, writeFileAtomic } from "../host/index.ts";

/** The folder of the agent's sources; a built package has the finished program beside it instead of a compiler. */
const sourceDirectory = fileURLToPath(new URL("./agent/", import.meta.url));
const builtAgent = fileURLToPath(new URL("./agent/kestrel-agent", import.meta.url));

/** Whether the program is there already, as a built package brings it: it takes no compiler then. */
export function agentIsBuilt(): boolean {
  return existsSync(builtAgent);
}

/** Static, since the image's own C library is another; the kernel's headers are the host's. */
const compilerOptions = [
  ...["-std=c17", "-D_GNU_SOURCE", "-O2", "-static", "-s"],
  ...["-idirafter", "/usr/include", "-idirafter", "/usr/include/x86_64-linux-gnu"],
];

/**
 * The guest agent, an x86-64 program: as the package brings it, or compiled from its sources and kept in the cache.
 *
 * @throws KestrelError (host) when there is no compiler, (internal) when it refuses the sources
 */
export async function agentBinary(): Promise<Buffer> {
  const built = await readFile(builtAgent).catch(() => undefined);
  if (built !== undefined) return built;
  const names = (await readdir(sourceDirectory)).filter((name) => /\.[ch]$/.test(name)).toSorted();
  const sources = await Promise.all(names.map((name) => readFile(join(sourceDirectory, name), "latin1")));
  const key = sha256Json({ names, sources, compilerOptions }).slice(0, 16);
  const cached = join(kestrelDirectories().cache, "agents", key);
  const known = await readFile(cached).catch(() => undefined);
  if (known !== undefined) return known;
  const program = await compileAgent(names.filter((name) => name.endsWith(".c")));
  await ensureDirectory(join(kestrelDirectories().cache, "agents"));
  await writeFileAtomic(cached, program, { mode: 0o500 });
  return program;
}

async function compileAgent(units: readonly string[]): Promise<Buffer> {
  const { path } = await locateTool("musl-gcc");
  const { execa } = await import("execa");
  const directory = await mkdtemp(join(tmpdir(), "kestrel-agent-"));
  try {
    const output = join(directory, "agent");
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
      step: "compile the guest agent",
      expected: "sources that the compiler takes",
      found: `exit code ${result.exitCode ?? "none"}`,
      lastWords: result.all.split("\n").slice(-20),
    });
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
