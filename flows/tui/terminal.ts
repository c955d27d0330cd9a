import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { execa } from "execa";
import { expect, onTestFinished } from "vitest";
import { eventually } from "../../src/index.ts";
import { findProgram } from "../../src/host/index.ts";

/** The command line of this tree. */
export const kestrel = fileURLToPath(new URL("../../bin/kestrel", import.meta.url));
/** Whether there is a terminal multiplexer to draw in. */
export const hasTmux = (await findProgram("tmux")) !== undefined;

/** How long a screen may take to come on a busy host. */
const within = 30_000;
let terminals = 0;

/** A terminal of tmux with a shell in it, of which the screen can be read. It ends with the test. */
export class Terminal {
  readonly #server = `kestrel-flow-${process.pid}-${(terminals += 1)}`;

  /** Open one, and run a command in its shell. */
  static async run(command: string, size = { columns: 120, rows: 40 }): Promise<Terminal> {
    const terminal = new Terminal();
    onTestFinished(() => terminal.#end());
    const { columns, rows } = size;
    await terminal.#tmux(
      "-f",
      "/dev/null",
      "new-session",
      "-d",
      "-x",
      String(columns),
      "-y",
      String(rows),
      "env PS1='shell> ' sh",
    );
    await terminal.sees("shell>");
    await terminal.keys(command, "Enter");
    return terminal;
  }

  /** Type keys, as tmux names them. */
  async keys(...keys: readonly string[]): Promise<void> {
    await this.#tmux("send-keys", ...keys);
  }

  /** What the screen shows now. */
  async screen(): Promise<string> {
    return (await this.#tmux("capture-pane", "-p")).stdout;
  }

  /** Wait until the screen shows something, for so many milliseconds at most. */
  async sees(what: string | RegExp, deadlineMs = within): Promise<void> {
    await eventually(
      async () => {
        const screen = await this.screen();
        if (typeof what === "string") expect(screen).toContain(what);
        else expect(screen).toMatch(what);
      },
      { what: `the screen shows ${String(what)}`, within: deadlineMs },
    );
  }

  /** Make it another size. */
  async resize(columns: number, rows: number): Promise<void> {
    await this.#tmux("resize-window", "-x", String(columns), "-y", String(rows));
  }

  /** Something that tmux knows of its terminal: `alternate_on`, `cursor_flag`, `mouse_any_flag`. */
  async flag(name: string): Promise<string> {
    return (await this.#tmux("display-message", "-p", `#{${name}}`)).stdout;
  }

  /** Process id of the program that runs in the shell. */
  async program(): Promise<number> {
    const [program] = await this.#programs();
    if (program === undefined) throw new Error("no program runs in the terminal");
    return program;
  }

  async #programs(): Promise<readonly number[]> {
    const shell = (await this.#tmux("display-message", "-p", "#{pane_pid}")).stdout;
    const children = await readFile(`/proc/${shell}/task/${shell}/children`, "utf8");
    return children
      .split(" ")
      .filter((pid) => pid !== "")
      .map(Number);
  }

  /** Look whether the shell has its terminal back as it was: screen, cursor, mouse, echo and lines. */
  async isSane(): Promise<void> {
    await eventually(
      () =>
        this.#programs().then((programs) => {
          expect(programs).toEqual([]);
        }),
      { what: "the program has ended", within },
    );
    await this.sees("shell>");
    for (const flag of ["alternate_on", "mouse_any_flag", "mouse_sgr_flag"])
      expect(await this.flag(flag), flag).toBe("0");
    expect(await this.flag("cursor_flag")).toBe("1");
    await this.keys("clear; stty -a | tr ' ;' '\\n\\n' | grep -x -e icanon -e echo -e isig", "Enter");
    await this.sees(/^isig$[^]*^icanon$[^]*^echo$/m);
  }

  async #end(): Promise<void> {
    await this.#tmux("kill-server").catch(() => undefined);
  }

  #tmux(...words: readonly string[]) {
    return execa("tmux", ["-L", this.#server, ...words]);
  }
}
