import { mkdtemp, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { execa } from "execa";
import { expect, onTestFinished } from "vitest";
import { eventually } from "../../src/index.ts";
import { findProgram } from "../../src/host/index.ts";

/** The command line of this tree. */
export const kestrel = fileURLToPath(new URL("../../bin/kestrel", import.meta.url));
/** Whether there is a terminal multiplexer to draw in. */
export const hasTmux = (await findProgram("tmux")) !== undefined;

/** How long a screen may take to come on a host that is busy with other machines. */
const within = 60_000;

/** A terminal of tmux with a shell in it, of which the screen can be read. It ends with the test. */
export class Terminal {
  /** With the socket of a tmux server of its own: tmux leaves those of servers that have ended where they were. */
  readonly #directory: string;

  private constructor(directory: string) {
    this.#directory = directory;
  }

  /** Open one, and run a command in its shell. */
  static async run(command: string, size = { columns: 120, rows: 40 }): Promise<Terminal> {
    const terminal = new Terminal(await mkdtemp("/tmp/kestrel-tmux-"));
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

  /** Type a text as it is. */
  async type(text: string): Promise<void> {
    await this.#tmux("send-keys", "-l", text);
  }

  /** Click on a text of the screen with the left button of the mouse, as xterm reports it in SGR form. */
  async click(text: string): Promise<void> {
    await this.sees(text);
    const lines = (await this.screen()).split("\n");
    const row = lines.findIndex((line) => line.includes(text));
    const place = `${(lines[row]?.indexOf(text) ?? 0) + 1};${row + 1}`;
    await this.type(`\u001b[<0;${place}M\u001b[<0;${place}m`);
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
    await rm(this.#directory, { recursive: true, force: true });
  }

  #tmux(...words: readonly string[]) {
    return execa("tmux", ["-S", join(this.#directory, "s"), ...words]);
  }
}
