/**
 * What kind of fault an error is. It decides the exit code of the command line:
 * `flow` 1 (the tested thing failed), `input` 2 (the user's input is wrong), `host` 3 (this host cannot),
 * `internal` 4 (a fault of Kestrel's).
 */
export type FaultKind = "flow" | "input" | "host" | "internal";

const exitCodes: Readonly<Record<FaultKind, number>> = { flow: 1, input: 2, host: 3, internal: 4 };

/** The parts of an explained error; everything but `kind`, `step` and `found` may be absent. */
export interface Explanation {
  readonly kind: FaultKind;
  /** What was being done, in words a user knows: "start node r1", "read topology". */
  readonly step: string;
  /** The node, wire, file or option that it happened to. */
  readonly subject?: string | undefined;
  readonly expected?: string | undefined;
  readonly found: string;
  /** What the user can do about it. */
  readonly hint?: string | undefined;
  /** The last lines of a process or console, oldest first. */
  readonly lastWords?: readonly string[] | undefined;
}

/** An error that explains itself: step, subject, expected, found, what to do (docs/architecture.md, "Errors"). */
export class KestrelError extends Error {
  readonly explanation: Explanation;

  constructor(explanation: Explanation, options?: ErrorOptions) {
    super(summarize(explanation), options);
    this.name = "KestrelError";
    this.explanation = explanation;
  }

  get kind(): FaultKind {
    return this.explanation.kind;
  }

  /** Exit code of the command line for this fault: 1, 2, 3 or 4. */
  get exitCode(): number {
    return exitCodes[this.explanation.kind];
  }
}

/**
 * How an error explains itself, or undefined. Told by its shape, not by its class: parts that are usable on their own
 * (src/p4) and bundles of their own bring an error class of theirs.
 */
export function explanationOf(error: unknown): Explanation | undefined {
  if (!(error instanceof Error) || !("explanation" in error)) return undefined;
  const { explanation } = error;
  if (typeof explanation !== "object" || explanation === null || !("kind" in explanation)) return undefined;
  return Object.hasOwn(exitCodes, String(explanation.kind)) ? (explanation as Explanation) : undefined;
}

/** Exit code of the command line for anything thrown: what does not explain itself is a fault of Kestrel's, 4. */
export function exitCodeOf(error: unknown): number {
  return exitCodes[explanationOf(error)?.kind ?? "internal"];
}

function summarize({ step, subject, expected, found }: Explanation): string {
  const where = subject === undefined ? step : `${step}: ${subject}`;
  return expected === undefined ? `${where}: ${found}` : `${where}: expected ${expected}, found ${found}`;
}

/**
 * The text a person reads: one line for what happened, then what to do, the cause, and the last words of the process.
 * Plain text, no colour, several lines, no trailing newline.
 */
export function describeError(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const lines = [error.message];
  const explanation = explanationOf(error);
  if (explanation !== undefined) {
    const { lastWords = [], hint } = explanation;
    if (lastWords.some((line) => line.trim() !== "")) {
      lines.push("  its last words:", ...lastWords.map((line) => `    ${line}`));
    }
    if (hint !== undefined) lines.push(`  what to do: ${hint}`);
  }
  if (error.cause instanceof Error) lines.push(`  because: ${describeError(error.cause).replaceAll("\n", "\n  ")}`);
  return lines.join("\n");
}

/** An error as JSON, for `--json` output and for sending it to another process. */
export interface SerializedError {
  readonly message: string;
  readonly explanation?: Explanation;
  readonly cause?: SerializedError;
}

/** Turn anything thrown into its JSON form. */
export function serializeError(error: unknown): SerializedError {
  if (!(error instanceof Error)) return { message: String(error) };
  const explanation = explanationOf(error);
  return {
    message: error.message,
    ...(explanation === undefined ? {} : { explanation }),
    ...(error.cause === undefined ? {} : { cause: serializeError(error.cause) }),
  };
}

/** The inverse of {@link serializeError}: a KestrelError where one explained itself, else an Error with the same message. */
export function deserializeError(serialized: SerializedError): Error {
  const options = serialized.cause === undefined ? undefined : { cause: deserializeError(serialized.cause) };
  return serialized.explanation === undefined
    ? new Error(serialized.message, options)
    : new KestrelError(serialized.explanation, options);
}
