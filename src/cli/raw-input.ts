import type { Terminal } from "./terminal.ts";

/** Pass keys on as they are typed, without echo and signals, until disposed. Does nothing without a terminal. */
export function rawInput({ stdin }: Terminal): Disposable {
  const isTerminal = stdin.isTTY === true;
  if (isTerminal) stdin.setRawMode?.(true);
  return {
    [Symbol.dispose]: () => {
      if (isTerminal) stdin.setRawMode?.(false);
    },
  };
}
