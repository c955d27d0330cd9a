import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";

/** Jiffies a second, as /proc counts them on every architecture that Kestrel runs on (proc(5)). */
const jiffiesPerSecond = 100;

/** A program in a terminal of its own, made by script(1). */
export class TerminalProgram implements AsyncDisposable {
  readonly #child: ChildProcess;
  #output = "";
  #heard: (() => void) | undefined;

  /** @param command - a command line for sh; it is to become the program itself (`exec`) */
  constructor(
    command: string,
    size: { readonly columns: number; readonly rows: number },
    environment: NodeJS.ProcessEnv,
  ) {
    const inner = `stty cols ${size.columns} rows ${size.rows}; exec ${command}`;
    this.#child = spawn("script", ["-qec", inner, "/dev/null"], {
      stdio: ["pipe", "pipe", "inherit"],
      env: { ...environment, SHELL: "/bin/sh" },
    });
    this.#child.stdout?.on("data", (chunk: Buffer) => {
      this.#output += chunk.toString("latin1");
      this.#heard?.();
    });
  }

  /** Type something. */
  type(text: string): void {
    this.#child.stdin?.write(text);
  }

  /** Forget what it has printed. */
  forget(): void {
    this.#output = "";
  }

  /** Wait until it has printed a text since it was made to forget. @throws Error when it does not come in time */
  async prints(text: string, withinMs: number): Promise<void> {
    const deadline = AbortSignal.timeout(withinMs);
    while (!this.#output.includes(text)) {
      const { promise, resolve } = Promise.withResolvers<undefined>();
      this.#heard = () => {
        resolve(undefined);
      };
      const late = (): void => {
        resolve(undefined);
      };
      deadline.addEventListener("abort", late, { once: true });
      await promise;
      deadline.removeEventListener("abort", late);
      if (deadline.aborted)
        throw new Error(
          `the program did not print ${JSON.stringify(text)} within ${withinMs} ms, but ${JSON.stringify(this.#output.slice(-300))}`,
        );
    }
  }

  /** Seconds of CPU that it has used so far. */
  cpuSeconds(): number {
    const fields = readFileSync(`/proc/${this.#program()}/stat`, "latin1")
      .replace(/^.*\) /s, "")
      .split(" ");
    return (Number(fields[11]) + Number(fields[12])) / jiffiesPerSecond;
  }

  /** Bytes of memory that are its own. */
  memoryBytes(): number {
    const rollup = readFileSync(`/proc/${this.#program()}/smaps_rollup`, "latin1");
    return Number(/^Private_Dirty:\s+(\d+)/m.exec(rollup)?.[1]) * 1024;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null) return;
    const ended = once(this.#child, "exit");
    // The program and not script(1): that one kills its child for good.
    process.kill(this.#program(), "SIGTERM");
    await ended;
  }

  /** The program is the only child of script(1). */
  #program(): number {
    const pid = this.#child.pid ?? 0;
    const [child = ""] = readFileSync(`/proc/${pid}/task/${pid}/children`, "latin1").trim().split(" ");
    return Number(child);
  }
}
