import type { Terminal } from "../terminal.ts";

/** Milliseconds between two frames of a live view. */
const framePeriodMs = 80;
const eraseBelow = "\u001b[J";
const hideCursor = "\u001b[?25l";
const showCursor = "\u001b[?25h";

/** Lines at the end of standard error that are drawn anew many times a second, until it is disposed. */
export class LiveArea implements Disposable {
  readonly #terminal: Terminal;
  readonly #render: (frame: { readonly columns: number; readonly tick: number }) => readonly string[];
  readonly #timer: NodeJS.Timeout;
  #tick = 0;
  #drawnLines = 0;

  constructor(
    terminal: Terminal,
    render: (frame: { readonly columns: number; readonly tick: number }) => readonly string[],
  ) {
    this.#terminal = terminal;
    this.#render = render;
    terminal.stderr.write(hideCursor);
    this.draw();
    this.#timer = setInterval(() => {
      this.#tick += 1;
      this.draw();
    }, framePeriodMs);
  }

  /** Draw now; `above` are lines that stay above the area for good. */
  draw(above: readonly string[] = []): void {
    const { stderr } = this.#terminal;
    const { rows, columns } = this.#terminal.sizeOf(stderr);
    const lines = this.#render({ columns, tick: this.#tick }).slice(0, Math.max(1, rows - 1));
    stderr.write(`${this.#back()}${[...above, ...lines].map((line) => `${line}\n`).join("")}`);
    this.#drawnLines = lines.length;
  }

  /** To the first line of what was drawn, and everything from there erased. */
  #back(): string {
    return this.#drawnLines === 0 ? "" : `\u001b[${this.#drawnLines}F${eraseBelow}`;
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    this.#terminal.stderr.write(`${this.#back()}${showCursor}`);
    this.#drawnLines = 0;
  }
}
