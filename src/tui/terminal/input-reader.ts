import { parseInput, type TerminalInput } from "./key-parser.ts";
import type { TerminalStreams } from "./streams.ts";

/** Milliseconds after which an escape that nothing follows is the Escape key. */
const escapeMs = 30;

/** Read keys and mouse events until disposed. */
export function readInput(stdin: TerminalStreams["stdin"], take: (input: TerminalInput) => void): Disposable {
  const decoder = new TextDecoder();
  let rest = "";
  let timer: NodeJS.Timeout | undefined;
  const parse = (isComplete: boolean): void => {
    const parsed = parseInput(rest, isComplete);
    rest = parsed.rest;
    for (const input of parsed.inputs) take(input);
  };
  const onData = (chunk: Buffer | string): void => {
    clearTimeout(timer);
    rest += typeof chunk === "string" ? chunk : decoder.decode(chunk, { stream: true });
    parse(false);
    if (rest !== "") {
      timer = setTimeout(() => {
        parse(true);
      }, escapeMs);
    }
  };
  stdin.on("data", onData);
  return {
    [Symbol.dispose]: () => {
      clearTimeout(timer);
      stdin.off("data", onData);
    },
  };
}
