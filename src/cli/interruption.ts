import { constants } from "node:os";

/** The user ended a command with a signal; the exit code is 128 and the signal's number, as shells have it. */
export class Interruption extends Error {
  readonly signal: NodeJS.Signals;

  constructor(signal: NodeJS.Signals) {
    super(`interrupted by ${signal}`);
    this.name = "Interruption";
    this.signal = signal;
  }

  get exitCode(): number {
    return signalExitCode(this.signal);
  }
}

/** The exit code that stands for death by a signal: 128 and its number. */
export function signalExitCode(signal: string): number {
  return 128 + ((constants.signals as Readonly<Record<string, number>>)[signal] ?? 0);
}

/** Signals with which people and programs ask a command to end. */
const endingSignals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** Turns SIGINT, SIGTERM and SIGHUP into an aborted signal (its reason is an {@link Interruption}) until disposed. */
export class InterruptionWatch implements Disposable {
  readonly #controller = new AbortController();
  readonly #onSignal: ((signal: NodeJS.Signals) => void) | undefined;

  /** @param onSignal - called for every signal; when given, nothing is aborted by itself */
  constructor(onSignal?: (signal: NodeJS.Signals, abort: (reason: Error) => void) => void) {
    this.#onSignal =
      onSignal === undefined
        ? undefined
        : (signal) => {
            onSignal(signal, (reason) => {
              this.#controller.abort(reason);
            });
          };
    for (const signal of endingSignals) process.on(signal, this.#handle);
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  readonly #handle = (signal: NodeJS.Signals): void => {
    if (this.#onSignal === undefined) this.#controller.abort(new Interruption(signal));
    else this.#onSignal(signal);
  };

  [Symbol.dispose](): void {
    for (const signal of endingSignals) process.off(signal, this.#handle);
  }
}

/** Wait for a signal that asks to end; resolves with it. For verbs that run until the user has had enough. */
export async function untilInterrupted(alsoUntil?: Promise<unknown>): Promise<void> {
  using watch = new InterruptionWatch();
  const interrupted = new Promise<void>((resolve) => {
    watch.signal.addEventListener("abort", () => {
      resolve();
    });
  });
  await Promise.race([interrupted, ...(alsoUntil === undefined ? [] : [alsoUntil])]);
}
