import { writeSync } from "node:fs";
import type { TerminalStreams } from "./streams.ts";

const enter = [
  "\u001b[?1000h", // clicks
  "\u001b[?1006h", // in SGR form
  "\u001b[?2004h", // pasted text is marked
].join("");
const leave = ["\u001b[?2004l", "\u001b[?1006l", "\u001b[?1000l", "\u001b[0m", "\u001b[?25h"].join("");
const mainScreen = "\u001b[?1049l";

/**
 * Takes a terminal and gives it back, however this process ends: its modes, its screen, its cursor. Only SIGKILL leaves it
 * as it is.
 */
export class ScreenGuard implements Disposable {
  readonly #streams: TerminalStreams;
  readonly #closeScreen: () => void;
  #taken = true;

  /** @param closeScreen - gives the main screen back; may throw */
  constructor(streams: TerminalStreams, closeScreen: () => void) {
    this.#streams = streams;
    this.#closeScreen = closeScreen;
    streams.stdin.setRawMode?.(true);
    streams.stdin.resume();
    streams.stdout.write(enter);
    process.on("exit", this.release);
  }

  /** Give the terminal back. Safe to be called again. */
  readonly release = (): void => {
    if (!this.#taken) return;
    this.#taken = false;
    process.off("exit", this.release);
    const { stdin, stdout } = this.#streams;
    // A terminal that has hung up takes nothing: whatever fails here, the rest is still tried.
    const attempts = [
      () => {
        this.#closeScreen();
      },
      () => {
        write(stdout, leave);
      },
      () => stdin.setRawMode?.(false),
      () => stdin.pause(),
    ];
    for (const [index, attempt] of attempts.entries()) {
      try {
        attempt();
      } catch {
        if (index === 0)
          ignoringErrors(() => {
            write(stdout, mainScreen);
          });
      }
    }
  };

  [Symbol.dispose](): void {
    this.release();
  }
}

/** Past the stream's own queue where it is a file descriptor: the process may be about to end. */
function write(stdout: TerminalStreams["stdout"], text: string): void {
  if (stdout.fd === undefined) stdout.write(text);
  else writeSync(stdout.fd, text);
}

function ignoringErrors(work: () => void): void {
  try {
    work();
  } catch {
    // Nobody is there to be told.
  }
}
