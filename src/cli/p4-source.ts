import { readFile } from "node:fs/promises";
import { KestrelError } from "../error/kestrel-error.ts";
import { type Compilation, compileP4File } from "../p4/compiler/index.ts";
import { keyValues } from "./option-values.ts";

/** Options of verbs that compile a P4 program. */
export interface P4SourceOptions {
  readonly include?: readonly string[];
  readonly define?: readonly string[];
}

/** Compile a file. Throws a KestrelError (input) when it cannot be read. */
export function compileFile(file: string, { include, define = [] }: P4SourceOptions): Promise<Compilation> {
  return compileP4File(file, { include, defines: definesOf(define) });
}

/** `-D NAME` is 1, as every preprocessor has it. */
function definesOf(pairs: readonly string[]): ReadonlyMap<string, string> {
  return new Map(
    Object.entries(
      keyValues(
        pairs.map((pair) => (pair.includes("=") ? pair : `${pair}=1`)),
        "-D",
      ),
    ),
  );
}

/** The text of a file that a verb was given; `step` says what for. */
export async function readSource(file: string, step: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (cause) {
    const found = cause instanceof Error ? cause.message : String(cause);
    throw new KestrelError(
      { kind: "input", step, subject: file, expected: "a file that can be read", found },
      { cause },
    );
  }
}
