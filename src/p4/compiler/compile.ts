import { checkProgram } from "./check/check-program.ts";
import { type Diagnostic, Diagnostics } from "./diagnostics/diagnostics.ts";
import { SourceFile } from "./diagnostics/source-file.ts";
import { emitProgram } from "./emit/emit-program.ts";
import type { Json } from "./emit/json.ts";
import { lowerProgram } from "./lower/lower-program.ts";
import { TooLarge } from "./lower/lowering.ts";
import { type IncludeResolver, preprocess } from "./preprocess/preprocess.ts";
import { parseProgram } from "./syntax/parse-program.ts";

/** What a program is compiled with. */
export interface CompileOptions {
  readonly includes: IncludeResolver;
  /** Macros that are defined from outside: name and text. */
  readonly defines?: ReadonlyMap<string, string>;
}

/** What came of a program. */
export interface Compilation {
  /** For simple_switch; absent when there is an error. The same source gives the same JSON, byte for byte. */
  readonly json?: Record<string, Json>;
  /** Errors and warnings in the order of their places. */
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Compile a P4-16 program for v1model into the JSON of BMv2. Whatever the text is, this throws nothing: what is wrong with
 * the program is in the diagnostics, all of it that can be told.
 *
 * Source: P4-16 language specification 1.2; BMv2 JSON format 2.23.
 *
 * @param file - the name that messages and `source_info` carry
 */
export function compileP4(text: string, file: string, { includes, defines = new Map() }: CompileOptions): Compilation {
  const diagnostics = new Diagnostics();
  const source = new SourceFile(file, text);
  try {
    const json = compile(source, includes, defines, diagnostics);
    if (json !== undefined && !diagnostics.hasErrors()) return { json, diagnostics: diagnostics.list() };
  } catch (error) {
    const fault = faultOf(error);
    if (fault === undefined) throw error;
    diagnostics.error({ file: source, start: 0, end: 1 }, ...fault);
  }
  return { diagnostics: diagnostics.list() };
}

function compile(
  source: SourceFile,
  includes: IncludeResolver,
  defines: ReadonlyMap<string, string>,
  diagnostics: Diagnostics,
): Record<string, Json> | undefined {
  const tokens = preprocess(source, includes, defines, diagnostics);
  const program = parseProgram(tokens, diagnostics);
  const semantics = checkProgram(program, diagnostics);
  if (diagnostics.hasErrors()) return undefined;
  const lowered = lowerProgram(program, semantics, source);
  // The back end has limits of its own to report, also where the program has been refused already.
  return lowered === undefined ? undefined : emitProgram(program, lowered, source.name);
}

/** What makes a program impossible as a whole; undefined for a fault of the compiler's. */
function faultOf(error: unknown): readonly [message: string, hint: string] | undefined {
  if (error instanceof TooLarge) {
    return ["this program comes to too many operations", "functions and loops are written out wherever they are used"];
  }
  if (error instanceof RangeError && error.message.includes("call stack")) {
    return ["this program is nested too deeply", "split long expressions into several"];
  }
  return undefined;
}
