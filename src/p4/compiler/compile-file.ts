import { readFile } from "node:fs/promises";
import { P4Error } from "../p4-error.ts";
import { type Compilation, compileP4 } from "./compile.ts";
import { describeDiagnostic, type Diagnostic } from "./diagnostics/diagnostics.ts";
import type { Json } from "./emit/json.ts";
import { IncludeFolders } from "./include-folders.ts";

/** What a file is compiled with. */
export interface CompileFileOptions {
  /** Folders to look for included files in, besides the file's own and ours. */
  readonly include?: readonly string[] | undefined;
  /** Macros that are defined from outside: name and text. */
  readonly defines?: ReadonlyMap<string, string> | undefined;
}

/** A program that switches load. */
export interface BuiltProgram {
  /** BMv2 JSON; the same source gives the same text, byte for byte, so that its digest names the program. */
  readonly text: string;
  readonly warnings: readonly Diagnostic[];
}

/**
 * Compile a file; what is wrong with the program is in the diagnostics.
 *
 * @throws P4Error (input) when the file cannot be read
 */
export async function compileP4File(
  file: string,
  { include, defines = new Map() }: CompileFileOptions = {},
): Promise<Compilation> {
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (cause) {
    const found = cause instanceof Error ? cause.message : String(cause);
    throw new P4Error(
      { kind: "input", step: "read the P4 program", subject: file, expected: "a file that can be read", found },
      { cause },
    );
  }
  return compileP4(text, file, { includes: new IncludeFolders(include), defines });
}

/**
 * Compile a file into what a switch loads.
 *
 * @throws P4Error (input) with all errors of the program, or when the file cannot be read
 */
export async function buildP4Program(file: string, options: CompileFileOptions = {}): Promise<BuiltProgram> {
  const { json, diagnostics } = await compileP4File(file, options);
  if (json === undefined) throw refusal(file, diagnostics, "compile the P4 program");
  return { text: programText(json), warnings: diagnostics };
}

/** A compiled program as the text of a file. */
export function programText(json: Record<string, Json>): string {
  return `${JSON.stringify(json, undefined, 2)}\n`;
}

/** All errors of a program, or of a test of one, as one error. */
export function refusal(file: string, diagnostics: readonly Diagnostic[], step: string): P4Error {
  const errors = diagnostics.filter(({ severity }) => severity === "error").length;
  const count = `${errors} ${errors === 1 ? "error" : "errors"}`;
  const found = [count, ...diagnostics.map(describeDiagnostic)].join("\n\n");
  return new P4Error({ kind: "input", step, subject: file, found });
}
