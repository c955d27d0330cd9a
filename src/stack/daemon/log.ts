import { type Logger, pino } from "pino";

/** A daemon's log: a line of JSON each, on standard output, where the agent collects it. */
export type DaemonLog = Pick<Logger, "debug" | "info" | "warn" | "error">;

/** The log of a daemon. */
export function daemonLog(daemon: string): DaemonLog {
  return pino({ name: daemon, base: { name: daemon }, timestamp: pino.stdTimeFunctions.isoTime });
}

/** Says a thing of each kind once: what arrives from outside could otherwise fill the log. */
export class OnceLog {
  readonly #log: DaemonLog;
  readonly #said = new Set<string>();
  /** Kinds remembered; beyond it nothing new is said. */
  static readonly #kinds = 1024;

  constructor(log: DaemonLog) {
    this.#log = log;
  }

  /** Warn unless this kind was warned of already; `kind` must come from a bounded set or it stops at 1024 of them. */
  warn(kind: string, message: string): void {
    if (this.#said.has(kind) || this.#said.size >= OnceLog.#kinds) return;
    this.#said.add(kind);
    this.#log.warn({ kind }, message);
  }
}
