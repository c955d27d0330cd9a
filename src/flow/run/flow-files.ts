import { readdir, readFile, stat } from "node:fs/promises";
import { join, relative, resolve } from "node:path";
import { closest } from "fastest-levenshtein";
import { KestrelError } from "../../error/kestrel-error.ts";
import { sha256 } from "../../host/index.ts";
import type { FlowFile } from "./run-record.ts";

const isFlowFile = (name: string): boolean => name.endsWith(".flow.ts");
/** Directories that hold no flows of the project. */
const isForeign = (name: string): boolean => name === "node_modules" || name === "dist" || name.startsWith(".");

/**
 * The flow files that a user means, absolute, sorted, each once: files, and all `*.flow.ts` below directories. Without any,
 * those of `flows/`, or of the whole project where there is no such directory.
 *
 * @throws KestrelError (input) naming everything that is not there, or that there is no flow at all
 */
export async function findFlowFiles(given: readonly string[], root: string): Promise<readonly string[]> {
  const named = given.length > 0 ? given : [(await isDirectory(join(root, "flows"))) ? "flows" : "."];
  const results = await Promise.all(named.map((name) => filesOf(resolve(root, name))));
  const missing = named.filter((_, index) => results[index] === undefined);
  if (missing.length > 0) throw await missingFiles(missing, root);
  const files = [...new Set(results.flatMap((found) => found ?? []))].toSorted();
  if (files.length > 0) return files;
  throw new KestrelError({
    kind: "input",
    step: "find the flows",
    subject: named.join(", "),
    expected: "files named *.flow.ts",
    found: "none",
    hint: "docs/flows.md says how to write one",
  });
}

/**
 * One shard of several: every file is in exactly one, and the same file in the same one on every host.
 *
 * @param index - from 1
 */
export function shardOf<File>(files: readonly File[], index: number, count: number): readonly File[] {
  return files.filter((_, position) => position % count === index - 1);
}

/** Paths and digests of files, as a bundle names them. */
export function describeFlowFiles(files: readonly string[], root: string): Promise<readonly FlowFile[]> {
  return Promise.all(files.map(async (file) => ({ path: relative(root, file), sha256: sha256(await readFile(file)) })));
}

/** Undefined when there is no such file or directory. */
async function filesOf(path: string): Promise<readonly string[] | undefined> {
  const facts = await stat(path).catch(() => undefined);
  if (facts === undefined) return undefined;
  if (!facts.isDirectory()) return [path];
  const entries = await readdir(path, { withFileTypes: true });
  const nested = await Promise.all(
    entries.map(async (entry) => {
      if (entry.isDirectory()) return isForeign(entry.name) ? [] : ((await filesOf(join(path, entry.name))) ?? []);
      return isFlowFile(entry.name) ? [join(path, entry.name)] : [];
    }),
  );
  return nested.flat();
}

async function isDirectory(path: string): Promise<boolean> {
  return stat(path).then(
    (facts) => facts.isDirectory(),
    () => false,
  );
}

async function missingFiles(missing: readonly string[], root: string): Promise<KestrelError> {
  const known = ((await filesOf(root)) ?? []).map((file) => relative(root, file));
  const [first = ""] = missing;
  return new KestrelError({
    kind: "input",
    step: "find the flows",
    subject: missing.join(", "),
    expected: "files and directories that exist",
    found: missing.length === 1 ? "no such file" : "no such files",
    hint: known.length === 0 ? undefined : `did you mean ${closest(first, known)}?`,
  });
}
