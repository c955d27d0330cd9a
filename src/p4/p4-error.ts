/** Whose fault an error is: the user's input, this host that cannot, or this program. */
export type P4FaultKind = "input" | "host" | "internal";

/** The parts of an error that a person reads. */
export interface P4Explanation {
  readonly kind: P4FaultKind;
  /** What was being done. */
  readonly step: string;
  /** The file, port or option that it happened to. */
  readonly subject?: string | undefined;
  readonly expected?: string | undefined;
  readonly found: string;
  /** What the user can do about it. */
  readonly hint?: string | undefined;
}

/**
 * An error of the compiler or the switch that explains itself. Whoever uses them tells its kind and its parts by
 * `explanation`, not by this class.
 */
export class P4Error extends Error {
  readonly explanation: P4Explanation;

  constructor(explanation: P4Explanation, options?: ErrorOptions) {
    const { step, subject, expected, found } = explanation;
    const where = subject === undefined ? step : `${step}: ${subject}`;
    super(`${where}: ${expected === undefined ? found : `expected ${expected}, found ${found}`}`, options);
    this.name = "P4Error";
    this.explanation = explanation;
  }
}

/** The text a person reads: what happened, what to do, and the cause. Several lines, no trailing newline. */
export function describeP4Error(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const hint = error instanceof P4Error ? error.explanation.hint : undefined;
  return [
    error.message,
    ...(hint === undefined ? [] : [`  what to do: ${hint}`]),
    ...(error.cause === undefined ? [] : [`  because: ${describeP4Error(error.cause).replaceAll("\n", "\n  ")}`]),
  ].join("\n");
}
