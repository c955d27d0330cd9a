import { readFile } from "node:fs/promises";
import { relative } from "node:path";
import { type Location, transform, type TransformFailure } from "esbuild";
import { codeFrame } from "../../error/code-frame.ts";
import type { RunFault } from "./run-record.ts";

/** The syntax errors of flow files, found before anything is started for them. */
export async function syntaxFaults(files: readonly string[], root: string): Promise<readonly RunFault[]> {
  return (await Promise.all(files.map((file) => faultsOf(file, relative(root, file))))).flat();
}

async function faultsOf(file: string, name: string): Promise<readonly RunFault[]> {
  const text = await readFile(file, "utf8");
  try {
    await transform(text, { loader: "ts", sourcefile: name, logLevel: "silent" });
    return [];
  } catch (error) {
    const { errors } = error as Partial<TransformFailure>;
    if (errors === undefined) throw error;
    return errors.map(({ text: found, location }) => ({
      kind: "input" as const,
      file: name,
      message: `syntax error: ${found}`,
      ...(location === null ? {} : placeOf(name, text, location)),
    }));
  }
}

function placeOf(file: string, text: string, location: Location): Pick<RunFault, "location" | "codeFrame"> {
  const { line, length } = location;
  const column = location.column + 1;
  return {
    location: { file, line, column },
    codeFrame: codeFrame(text.split("\n"), { line, column, endColumn: column + Math.max(1, length) }),
  };
}
