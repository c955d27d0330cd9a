import { describeDiagnostic, refusal, SourceFile } from "../../p4/compiler/index.ts";
import { describeFailure, failureJson, runStf, type StfResult } from "../../p4/stf/index.ts";
import { loadProgram } from "../../p4/switch/index.ts";
import { compileFile, type P4SourceOptions, readSource } from "../p4-source.ts";
import type { JsonOption, Session } from "../session.ts";
import type { Terminal } from "../terminal.ts";

/** Options of `kestrel p4 stf`. */
export interface P4StfOptions extends JsonOption, P4SourceOptions {
  readonly interpret?: boolean;
}

/**
 * Run a test on a P4 program. The exit code is 1 when the program does not do as the test expects.
 *
 * @throws KestrelError (input) with all faults of the program or of the test, or when a file cannot be read
 */
export async function p4Stf(session: Session, file: string, test: string, options: P4StfOptions): Promise<void> {
  const { terminal } = session;
  const testText = await readSource(test, "read the test");
  const { json: program, diagnostics } = await compileFile(file, options);
  if (program === undefined) {
    if (options.json !== true) throw refusal(file, diagnostics, "compile the P4 program");
    terminal.printJson({ passed: false, diagnostics });
    session.exitCode = 2;
    return;
  }
  const result = runStf(loadProgram(JSON.stringify(program), file), new SourceFile(test, testText), {
    execution: options.interpret === true ? "interpreted" : "compiled",
  });
  const passed = result.failures.length === 0;
  if (options.json === true) {
    const { packets, expectations, notes } = result;
    const failures = result.failures.map(failureJson);
    const all = [...diagnostics, ...result.diagnostics];
    const sound = result.diagnostics.length === 0;
    terminal.printJson({ passed: sound && passed, packets, expectations, failures, notes, diagnostics: all });
    session.exitCode = sound ? (passed ? 0 : 1) : 2;
    return;
  }
  if (result.diagnostics.length > 0) throw refusal(test, result.diagnostics, "read the test");
  for (const diagnostic of diagnostics) terminal.note(`${describeDiagnostic(diagnostic)}\n`);
  printResult(terminal, test, result);
  session.exitCode = passed ? 0 : 1;
}

function printResult(terminal: Terminal, test: string, { failures, packets, expectations, notes }: StfResult): void {
  for (const note of notes) terminal.print(`  ${note}`);
  for (const failure of failures) terminal.print(`${describeFailure(failure)}\n`);
  const counts = `${packets} packets, ${expectations} expectations`;
  const outcome = failures.length === 0 ? "all as expected" : `${failures.length} not as expected`;
  terminal.print(`${test}: ${counts}, ${outcome}`);
}
