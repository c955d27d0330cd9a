import { type Diagnostic, Diagnostics } from "../compiler/diagnostics/diagnostics.ts";
import type { SourceFile, Span } from "../compiler/diagnostics/source-file.ts";
import type { EngineOptions } from "../switch/engine/contract.ts";
import type { Program } from "../switch/format/program.ts";
import { ControlError } from "../switch/state/control-error.ts";
import { bound, type Labels } from "./bind.ts";
import { boundCheck, boundDigestCheck } from "./check.ts";
import { compareSent, type Failure } from "./failure.ts";
import { BadLine, Line } from "./line.ts";
import { parseStf } from "./parse.ts";
import type { Statement } from "./statement.ts";
import { TestSwitch } from "./test-switch.ts";

/** How a test ended. */
export interface StfResult {
  /** What is wrong with the test itself; then it was not run to its end. */
  readonly diagnostics: readonly Diagnostic[];
  /** Where the program did not do as the test expects, in the order of the test. */
  readonly failures: readonly Failure[];
  /** Packets that went in. */
  readonly packets: number;
  /** Packets, counts and digests that were expected. */
  readonly expectations: number;
  /** What the switch said, and what was read of it. */
  readonly notes: readonly string[];
}

/** After commands, before the next packet, and at the end: the pauses of BMv2's own runner, microseconds. */
const pauseAfterCommands = 1_000_000;
const pauseAtEnd = 2_000_000;

type Turn = (bench: TestSwitch) => Failure | undefined;

/**
 * Run a test in the simple test framework's format (STF, as the tests of p4c have it) on a program, in virtual time.
 * Faults of the test that can be found without running it are all found before anything runs.
 */
export function runStf(program: Program, file: SourceFile, options: EngineOptions = {}): StfResult {
  const diagnostics = new Diagnostics();
  const statements = parseStf(file, diagnostics);
  const labels: Labels = new Map();
  const turns = statements.map((statement) =>
    attempt(statement.span, diagnostics, () => turnOf(statement, statements, program, labels, diagnostics)),
  );
  const bench = new TestSwitch(program, options);
  const failures: Failure[] = [];
  for (const [at, { span, kind }] of statements.entries()) {
    if (diagnostics.hasErrors()) break;
    if (kind === "packet" && changesSwitch(statements[at - 1])) bench.advance(pauseAfterCommands);
    const failure = attempt(span, diagnostics, () => turns[at]?.(bench));
    if (failure !== undefined) failures.push(failure);
  }
  if (!diagnostics.hasErrors()) {
    bench.advance(pauseAtEnd);
    failures.push(...compareSent(statements, bench.sent));
  }
  const place = ({ span }: Failure): number => span?.start ?? Infinity;
  return {
    diagnostics: diagnostics.list(),
    failures: failures.toSorted((a, b) => place(a) - place(b)),
    packets: statements.filter(({ kind }) => kind === "packet").length,
    expectations: statements.filter(({ kind }) => expecting.has(kind)).length,
    notes: bench.notes,
  };
}

const expecting: ReadonlySet<Statement["kind"]> = new Set(["expect", "noPacket", "check", "checkDigest"]);
const changing: ReadonlySet<Statement["kind"]> = new Set(["add", "setDefault", "remove", "command"]);

function changesSwitch(statement: Statement | undefined): boolean {
  return statement !== undefined && changing.has(statement.kind);
}

/** What a statement does when its turn has come. */
function turnOf(
  statement: Statement,
  all: readonly Statement[],
  program: Program,
  labels: Labels,
  diagnostics: Diagnostics,
): Turn {
  const { span } = statement;
  const words = statement.kind === "command" ? statement.words : [];
  const line = new Line(words, { ...span, start: span.end, end: span.end + 1 }, diagnostics);
  switch (statement.kind) {
    case "packet":
      return (bench) => {
        bench.receive(statement.port, statement.bytes, span);
        return undefined;
      };
    case "wait":
      return (bench) => {
        bench.advance(statement.milliseconds * 1000);
        return undefined;
      };
    case "expect":
      return () => undefined;
    case "noPacket": {
      const expected = all.slice(0, all.indexOf(statement)).filter(({ kind }) => kind === "expect").length;
      return ({ sent }) => {
        const found = sent[expected];
        return found === undefined ? undefined : { kind: "unexpected", span, port: found.port, found };
      };
    }
    case "check":
      return boundCheck(statement, program, labels, line);
    case "checkDigest":
      return boundDigestCheck(statement, program, line);
    case "add":
    case "setDefault":
    case "remove":
    case "command": {
      const step = bound(statement, program, labels, line);
      return (bench) => {
        step(bench);
        return undefined;
      };
    }
  }
}

/** Undefined after a complaint. What the switch refuses is a fault of the test. */
function attempt<T>(span: Span, diagnostics: Diagnostics, work: () => T): T | undefined {
  try {
    return work();
  } catch (error) {
    if (error instanceof ControlError) diagnostics.error(span, `the switch refuses this: ${error.message}`);
    else if (!(error instanceof BadLine)) throw error;
    return undefined;
  }
}
