import { writeFile } from "node:fs/promises";
import { KestrelError } from "../../error/kestrel-error.ts";
import { describeDiagnostic, programText, refusal } from "../../p4/compiler/index.ts";
import { compileFile, type P4SourceOptions } from "../p4-source.ts";
import type { JsonOption, Session } from "../session.ts";

/** Options of `kestrel p4 build`. */
export interface P4BuildOptions extends JsonOption, P4SourceOptions {
  readonly output?: string;
}

/**
 * Compile a P4 program. Nothing is written when it has an error.
 *
 * @throws KestrelError (input) with all errors of the program, or when a file cannot be read or written
 */
export async function p4Build(session: Session, file: string, options: P4BuildOptions): Promise<void> {
  const { terminal } = session;
  const { json: program, diagnostics } = await compileFile(file, options);
  if (program === undefined) {
    if (options.json !== true) throw refusal(file, diagnostics, "compile the P4 program");
    terminal.printJson({ output: null, diagnostics });
    session.exitCode = 2;
    return;
  }
  if (options.output !== undefined) await writeProgram(options.output, programText(program));
  if (options.json === true) {
    const output = options.output ?? null;
    terminal.printJson(options.output === undefined ? { output, diagnostics, program } : { output, diagnostics });
    return;
  }
  for (const diagnostic of diagnostics) terminal.note(`${describeDiagnostic(diagnostic)}\n`);
  if (options.output === undefined) terminal.printJson(program);
}

async function writeProgram(file: string, text: string): Promise<void> {
  try {
    await writeFile(file, text);
  } catch (cause) {
    const found = cause instanceof Error ? cause.message : String(cause);
    const step = "write the compiled program";
    throw new KestrelError(
      { kind: "input", step, subject: file, expected: "a file that can be written", found },
      { cause },
    );
  }
}
