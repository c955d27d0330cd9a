import { CommanderError } from "commander";
import { describeError, exitCodeOf, explanationOf, KestrelError, serializeError } from "../error/kestrel-error.ts";
import { Interruption } from "./interruption.ts";
import type { Terminal } from "./terminal.ts";

/** Exit code for Kestrel's own failure where the others are the guest's (`exec`). */
export const ownFailureInExec = 125;

/** How a failure is told. */
export interface FailureStyle {
  /** As `{"error": …}` on standard output instead of as text on standard error. */
  readonly json: boolean;
  /** The command's exit codes are a guest's: ours is {@link ownFailureInExec}. */
  readonly mirrorsGuest: boolean;
  /** Only the exit code is wanted. */
  readonly silent?: boolean;
}

/** Tell why a command failed, in the one way of all verbs. Returns the exit code. */
export function reportFailure(thrown: unknown, terminal: Terminal, style: FailureStyle): number {
  if (isClosedPipe(thrown)) return 0;
  if (thrown instanceof CommanderError && thrown.exitCode === 0) return 0;
  // A group of verbs without a verb: its help has been printed already.
  if (thrown instanceof CommanderError && thrown.code === "commander.help") return 2;
  const error = thrown instanceof CommanderError ? usageError(thrown) : thrown;
  if (error instanceof Interruption) {
    tell(error, error.message, terminal, style);
    return error.exitCode;
  }
  if (error instanceof AggregateError && error.errors.length > 0) {
    // Several things were tried and more than one failed: each is told, and the gravest decides.
    if (style.json) terminal.printJson({ error: serializeError(error), errors: error.errors.map(serializeError) });
    return Math.max(...error.errors.map((each) => reportFailure(each, terminal, { ...style, silent: style.json })));
  }
  if (explanationOf(error) !== undefined) {
    tell(error, paint(describeError(error), terminal), terminal, style);
    return style.mirrorsGuest ? ownFailureInExec : exitCodeOf(error);
  }
  tell(
    error,
    paint(`a fault of Kestrel's: ${describeError(error)}${stackOrHint(error, terminal)}`, terminal),
    terminal,
    style,
  );
  return style.mirrorsGuest ? ownFailureInExec : 4;
}

/** Whether an error says that the reader of standard output has gone, which is no failure. */
export function isClosedPipe(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "EPIPE";
}

/** What commander says, without its prefix, as an explained error. */
function usageError({ message }: CommanderError): KestrelError {
  const [found = "", suggestion] = message.replace(/^error: /, "").split("\n");
  const hint =
    suggestion === undefined ? "kestrel --help lists the verbs, kestrel VERB --help explains one" : plain(suggestion);
  return new KestrelError({ kind: "input", step: "read the command line", found, hint });
}

function plain(suggestion: string): string {
  return suggestion.replace(/^\((.*)\)$/, "$1").replace(/^D/, "d");
}

function tell(error: unknown, text: string, terminal: Terminal, { json, silent }: FailureStyle): void {
  if (silent === true) return;
  if (json) terminal.printJson({ error: serializeError(error) });
  else terminal.note(`${terminal.errorColors.red("kestrel:")} ${text}`);
}

function paint(text: string, { errorColors }: Terminal): string {
  const [first = "", ...rest] = text.split("\n");
  const painted = rest.map((line) =>
    /^\s*(what to do|hint):/.test(line)
      ? line.replace(
          /^(\s*)(what to do|hint):/,
          (_, indent: string, label: string) => `${indent}${errorColors.cyan(label)}:`,
        )
      : /^\s*because:/.test(line)
        ? line
        : /^\s+/.test(line)
          ? errorColors.dim(line)
          : line,
  );
  return [errorColors.bold(first), ...painted].join("\n");
}

function stackOrHint(error: unknown, { environment }: Terminal): string {
  if (environment["KESTREL_DEBUG"] !== "1")
    return "\n  what to do: run it again with KESTREL_DEBUG=1 and report what it prints";
  return error instanceof Error && error.stack !== undefined ? `\n${error.stack}` : "";
}
