import xterm, { type IBufferCell } from "@xterm/headless";
import type { Testbed } from "../../testbed/testbed.ts";
import type { Line, Span } from "../line/line.ts";
import { errorText, type Outcomes } from "./services.ts";

/** Stream of the console channel. */
const consoleStream = 0;
/** Least milliseconds between two pictures of a console. */
const pictureMs = 60;

/** The console of a node in a terminal of its own, of which pictures are taken. */
export class ConsoleTerminal implements Disposable {
  readonly #node: string;
  readonly #outcomes: Outcomes;
  readonly #terminal: xterm.Terminal;
  readonly #channel: ReturnType<ReturnType<Testbed["node"]>["console"]>;
  readonly #input: NodeJS.WritableStream;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(testbed: Testbed, node: string, size: { columns: number; rows: number }, outcomes: Outcomes) {
    this.#node = node;
    this.#outcomes = outcomes;
    this.#terminal = new xterm.Terminal({
      cols: size.columns,
      rows: size.rows,
      allowProposedApi: true,
      scrollback: 200,
    });
    this.#channel = testbed.node(node).console();
    this.#input = this.#channel.writable(consoleStream);
    this.#input.on("error", () => undefined);
    const output = this.#channel.readable(consoleStream);
    output.on("data", (chunk: Buffer) => {
      this.#terminal.write(chunk, () => {
        this.#changed();
      });
    });
    output.on("error", () => undefined);
    this.#channel.result.then(
      () => {
        this.#ended("it has ended");
      },
      (error: unknown) => {
        this.#ended(errorText(error));
      },
    );
    // What the program in the node asks its terminal is answered.
    this.#terminal.onData((answer) => this.#input.write(answer));
  }

  /** Type into it. */
  type(text: string): void {
    this.#input.write(text);
  }

  /** Give it another size. */
  resize(columns: number, rows: number): void {
    this.#terminal.resize(columns, rows);
    this.#changed();
  }

  [Symbol.dispose](): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#channel.cancel();
    this.#terminal.dispose();
  }

  #changed(): void {
    if (this.#closed) return;
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      const { lines, cursor } = pictureOf(this.#terminal);
      this.#outcomes.dispatch({ type: "console", node: this.#node, lines, cursor });
    }, pictureMs);
  }

  #ended(reason: string): void {
    if (!this.#closed) this.#outcomes.dispatch({ type: "console-ended", node: this.#node, reason });
  }
}

/** What a terminal shows now. */
export function pictureOf(terminal: xterm.Terminal): {
  readonly lines: readonly Line[];
  readonly cursor: { readonly x: number; readonly y: number };
} {
  const { active } = terminal.buffer;
  const lines = Array.from({ length: terminal.rows }, (_, y): Line => {
    const row = active.getLine(active.baseY + y);
    if (row === undefined) return [];
    const spans: Span[] = [];
    let [text, looks] = ["", ""];
    for (let x = 0; x < terminal.cols; x += 1) {
      const cell = row.getCell(x);
      if (cell === undefined || cell.getWidth() === 0) continue;
      const sgr = looksOf(cell);
      if (sgr !== looks) {
        if (text !== "") spans.push(spanOf(text, looks));
        [text, looks] = ["", sgr];
      }
      text += cell.getChars() || " ";
    }
    const rest = looks === "" ? text.trimEnd() : text;
    return rest === "" ? spans : [...spans, spanOf(rest, looks)];
  });
  return { lines, cursor: { x: active.cursorX, y: active.cursorY } };
}

function spanOf(text: string, sgr: string): Span {
  return sgr === "" ? { text } : { text, sgr };
}

/** The parameters of SGR that make a cell look as it does. */
function looksOf(cell: IBufferCell): string {
  const parts: string[] = [];
  if (cell.isBold() !== 0) parts.push("1");
  if (cell.isDim() !== 0) parts.push("2");
  if (cell.isItalic() !== 0) parts.push("3");
  if (cell.isUnderline() !== 0) parts.push("4");
  if (cell.isInverse() !== 0) parts.push("7");
  if (cell.isFgPalette()) parts.push(paletteColor(cell.getFgColor(), 30));
  else if (cell.isFgRGB()) parts.push(`38;2;${rgb(cell.getFgColor())}`);
  if (cell.isBgPalette()) parts.push(paletteColor(cell.getBgColor(), 40));
  else if (cell.isBgRGB()) parts.push(`48;2;${rgb(cell.getBgColor())}`);
  return parts.join(";");
}

function paletteColor(color: number, base: 30 | 40): string {
  if (color < 8) return String(base + color);
  return color < 16 ? String(base + 52 + color) : `${base + 8};5;${color}`;
}

function rgb(color: number): string {
  return `${(color >> 16) & 255};${(color >> 8) & 255};${color & 255}`;
}
