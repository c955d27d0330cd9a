import { isControlError, type ControlSubject } from "../state/control-error.ts";

/** What is wrong with a command before it is sent; the label is the one of simple_switch_CLI. */
export class CliError extends Error {
  readonly label: "Error" | "Invalid match key" | "Invalid runtime data";

  constructor(text: string, label: CliError["label"] = "Error") {
    super(text);
    this.name = "CliError";
    this.label = label;
  }
}

const subjects: Readonly<Record<ControlSubject, string>> = {
  table: "table",
  counter: "counter",
  register: "register",
  meter: "meter",
  multicast: "PRE",
  learning: "learn",
  swap: "swap",
  calculation: "crc",
  valueSet: "parser value set",
  device: "device manager",
  lookup: "id lookup",
  mirroring: "mirroring",
};

/** A failed command. */
export interface CliFailure {
  /** The line that simple_switch_CLI prints. */
  readonly text: string;
  /** The reference's name of the error, where the switch refused it. */
  readonly code?: string;
}

/** What there is to say of anything that a command threw; undefined for a fault of ours. */
export function describeCliFailure(error: unknown): CliFailure | undefined {
  if (error instanceof CliError) return { text: `${error.label}: ${error.message}` };
  if (!isControlError(error)) return undefined;
  const subject = error.code === "INVALID_KEY" ? "Toeplitz hash" : subjects[error.subject];
  return { text: `Invalid ${subject} operation (${error.code})`, code: error.code };
}
