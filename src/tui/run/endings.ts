import { constants } from "node:os";
import { describeError } from "../../error/kestrel-error.ts";

const signals = ["SIGTERM", "SIGHUP", "SIGINT", "SIGQUIT"] as const;

/** Exit code for a fault of ours. */
const ownFault = 4;

/**
 * Have the terminal given back before anything ends this process: a signal ends the user interface in order, and a second
 * one at once; an error that nobody caught ends the process with a report that can be read.
 */
export function watchEndings(release: () => void, end: (signal: NodeJS.Signals) => void): Disposable {
  let isEnding = false;
  const onSignal = (signal: NodeJS.Signals): void => {
    if (isEnding) process.exit(128 + constants.signals[signal]);
    isEnding = true;
    release();
    end(signal);
  };
  const crash = (error: unknown): void => {
    release();
    process.stderr.write(
      `kestrel: the user interface has failed, which is a fault of Kestrel's; testbeds run on.\n${describeError(error)}\n`,
    );
    if (error instanceof Error && error.stack !== undefined) process.stderr.write(`${error.stack}\n`);
    process.exit(ownFault);
  };
  for (const signal of signals) process.on(signal, onSignal);
  process.on("uncaughtException", crash);
  process.on("unhandledRejection", crash);
  return {
    [Symbol.dispose]: () => {
      for (const signal of signals) process.off(signal, onSignal);
      process.off("uncaughtException", crash);
      process.off("unhandledRejection", crash);
    },
  };
}
