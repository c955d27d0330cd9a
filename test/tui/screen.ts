import { EventEmitter } from "node:events";
import { render } from "ink";
import xterm from "@xterm/headless";
import { placedPanes } from "../../src/tui/layout/screen.ts";
import { pictureOf } from "../../src/tui/effects/console-terminal.ts";
import { type Line, lineText } from "../../src/tui/line/line.ts";
import type { Palette } from "../../src/tui/line/palette.ts";
import type { TuiState } from "../../src/tui/model/state.ts";
import { App } from "../../src/tui/view/app.tsx";
import { createElement } from "react";

/**
 * A standard output of a given size. ink-testing-library has one too, but of 100 columns whatever is asked for, and it shows
 * what was written and not what a terminal makes of it.
 */
class Output extends EventEmitter {
  readonly isTTY = true;
  readonly columns: number;
  readonly rows: number;
  readonly terminal: xterm.Terminal;
  #written: Promise<void> = Promise.resolve();

  constructor(columns: number, rows: number) {
    super();
    this.columns = columns;
    this.rows = rows;
    this.terminal = new xterm.Terminal({ cols: columns, rows, allowProposedApi: true });
  }

  write(text: string, done?: () => void): boolean {
    this.#written = this.#written.then(
      () =>
        new Promise((resolve) => {
          // A terminal in raw mode leaves the column alone at a line feed; the driver of the usual mode does not.
          this.terminal.write(text.replaceAll("\n", "\r\n"), resolve);
        }),
    );
    if (done !== undefined) void this.#written.then(done);
    return true;
  }

  settled(): Promise<void> {
    return this.#written;
  }
}

class Input extends EventEmitter {
  readonly isTTY = true;
  setRawMode(): void {
    // Keys are not read here.
  }
  setEncoding(): void {
    // Nor decoded.
  }
  read(): null {
    return null;
  }
  ref(): void {
    // Nothing to keep alive.
  }
  unref(): void {
    // Nothing to let go.
  }
}

/** The lines that a terminal of the state's size shows, drawn by the components themselves. */
export function screenOf(
  state: TuiState,
  palette: Palette = { color: true, unicode: true },
): Promise<readonly string[]> {
  return drawn(state, palette, (terminal) => pictureOf(terminal).lines.map((line) => lineText(line).trimEnd()));
}

/** The same with colours and weights. */
export function coloredScreenOf(state: TuiState): Promise<readonly Line[]> {
  return drawn(state, { color: true, unicode: true }, (terminal) => pictureOf(terminal).lines);
}

async function drawn<T>(state: TuiState, palette: Palette, read: (terminal: xterm.Terminal) => T): Promise<T> {
  const { columns, rows } = state;
  const output = new Output(columns, rows);
  const screen = render(createElement(App, { columns, rows, panes: placedPanes(state), palette }), {
    stdout: output as unknown as NodeJS.WriteStream,
    stdin: new Input() as unknown as NodeJS.ReadStream,
    exitOnCtrlC: false,
    patchConsole: false,
    interactive: true,
    alternateScreen: true,
  });
  await screen.waitUntilRenderFlush();
  await output.settled();
  const shown = read(output.terminal);
  screen.unmount();
  screen.cleanup();
  output.terminal.dispose();
  return shown;
}
