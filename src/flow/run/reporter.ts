import { readFileSync } from "node:fs";
import { relative } from "node:path";
import { stripVTControlCharacters } from "node:util";
import type { Reporter, TestCase, TestModule } from "vitest/node";
import { codeFrame } from "../../error/code-frame.ts";
import type { FaultKind } from "../../error/kestrel-error.ts";
import type { FlowName } from "./run-events.ts";
import type { FlowFailure, FlowRound, RunFault } from "./run-record.ts";

/** What vitest knows of the flow of a round when it has ended. */
export type FlowOutcome = Omit<FlowRound, "round" | "leftBehind" | "underWay" | "evidence">;

/** Whoever wants to hear of the flows that vitest runs, in words of flows. */
export interface FlowListener {
  onEnd(id: string, flow: FlowName, outcome: FlowOutcome): void;
  onFault(fault: RunFault): void;
  onOutput(text: string): void;
}

/** The part of an error that vitest reports which is read here; more of it is the error's own. */
interface ReportedError {
  readonly message: string;
  readonly name?: string;
  readonly stacks?: readonly { readonly file: string; readonly line: number; readonly column: number }[];
  readonly diff?: string;
  readonly explanation?: {
    readonly kind?: FaultKind;
    readonly hint?: string;
    readonly lastWords?: readonly string[];
  };
}

/** Translates what vitest reports; prints nothing. */
export class FlowReporter implements Reporter {
  readonly #root: string;
  readonly #listener: FlowListener;
  readonly #ended = new Set<string>();
  /** A worker died, and the flows say so that it ran. */
  #workerDied = false;

  constructor(root: string, listener: FlowListener) {
    this.#root = root;
    this.#listener = listener;
  }

  onTestRunStart(): void {
    this.#ended.clear();
  }

  onTestCaseResult(test: TestCase): void {
    this.#end(test);
  }

  onUserConsoleLog({ content }: { readonly content: string }): void {
    this.#listener.onOutput(content);
  }

  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly object[]): void {
    for (const module of modules) {
      for (const error of module.errors()) this.#fault(error, this.#file(module));
      for (const suite of module.children.allSuites())
        for (const error of suite.errors()) this.#fault(error, this.#file(module));
      // A worker that died leaves its flows without a result.
      for (const test of module.children.allTests()) if (!this.#ended.has(test.id)) this.#end(test);
    }
    for (const error of unhandled) {
      const isWorkers = (error as ReportedError).message.startsWith("[vitest-pool]");
      if (!isWorkers || !this.#workerDied) this.#fault(error as ReportedError, undefined);
    }
  }

  #end(test: TestCase): void {
    this.#ended.add(test.id);
    const result = test.result();
    const diagnostic = test.diagnostic();
    const lost = result.state === "pending" && diagnostic !== undefined;
    this.#workerDied ||= lost;
    const failures: FlowFailure[] = lost
      ? [{ message: "the process that ran the flow ended before the flow did", kind: "internal" }]
      : (result.errors ?? []).map((error) => this.#failure(error));
    this.#listener.onEnd(test.id, this.#name(test), {
      state: lost ? "failed" : result.state === "pending" ? "skipped" : result.state,
      startedAt: Math.round(diagnostic?.startTime ?? Date.now()),
      durationMs: Math.round(diagnostic?.duration ?? 0),
      ...("note" in result && result.note !== undefined ? { note: result.note } : {}),
      failures,
    });
  }

  #fault(error: ReportedError, file: string | undefined): void {
    const failure = this.#failure(error);
    const ownFault = file !== undefined && failure.kind === undefined;
    this.#listener.onFault({ ...failure, file, kind: failure.kind ?? (ownFault ? "input" : "internal") });
  }

  #failure(error: ReportedError): FlowFailure {
    const { explanation, stacks = [], diff } = error;
    const hint = explanation?.hint === undefined ? [] : [`what to do: ${explanation.hint}`];
    const words = explanation?.lastWords ?? [];
    const lastWords = words.every((line) => line.trim() === "")
      ? []
      : ["its last words:", ...words.map((line) => `  ${line}`)];
    const place = stacks.find(({ file }) => file.startsWith(this.#root) && !file.includes("/node_modules/"));
    const frame = stacks.find(({ file }) => file.endsWith(".flow.ts")) ?? place;
    const location =
      frame === undefined
        ? undefined
        : { file: relative(this.#root, frame.file), line: frame.line, column: frame.column };
    return {
      message: [plainMessage(error.message), ...lastWords, ...hint].join("\n"),
      kind: explanation?.kind,
      location,
      codeFrame: frame === undefined ? undefined : frameOf(frame.file, frame.line, frame.column),
      ...(diff === undefined ? {} : { diff: stripVTControlCharacters(diff) }),
    };
  }

  #name(test: TestCase): FlowName {
    return { file: this.#file(test.module), name: test.fullName };
  }

  #file(module: TestModule): string {
    return relative(this.#root, module.moduleId);
  }
}

function frameOf(file: string, line: number, column: number): string | undefined {
  try {
    return codeFrame(readFileSync(file, "utf8").split("\n"), { line, column, endColumn: column + 1 });
  } catch {
    return undefined;
  }
}

/** vitest's advice on time-outs is about its own options. */
function plainMessage(message: string): string {
  const [, limit] = /^Test timed out in (\d+)ms\./.exec(message) ?? [];
  return limit === undefined ? stripVTControlCharacters(message) : `the flow did not end within ${limit} ms`;
}
