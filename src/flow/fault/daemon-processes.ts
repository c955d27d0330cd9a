import { KestrelError } from "../../error/kestrel-error.ts";
import { quoteWord } from "../../guest/index.ts";
import type { FlowNode } from "../flow-node.ts";
import type { DaemonControl } from "./daemon-breaker.ts";
import type { Daemon } from "./fault.ts";
import { describeDaemon } from "./fault-text.ts";

/** What it takes to start a process again. */
interface Incarnation {
  readonly pid: number;
  readonly parent: number;
  readonly directory: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly command: readonly string[];
  /** Where its output went; no file where that was a pipe. */
  readonly output: string;
}

/** A name is known to the kernel by its first 15 characters (proc(5), `comm`). */
const commandNameLength = 15;

/** How long a process that is told to end may take before it is killed, milliseconds. */
const endDeadlineMs = 20_000;

/** A daemon that nobody but its own processes stands for. */
export class DaemonProcesses implements DaemonControl {
  readonly #node: FlowNode;
  readonly #daemon: Exclude<Daemon, { readonly service: string }>;
  #broken: readonly Incarnation[] = [];

  constructor(node: FlowNode, daemon: Exclude<Daemon, { readonly service: string }>) {
    this.#node = node;
    this.#daemon = daemon;
  }

  async kill(): Promise<void> {
    const pids = await this.#remember();
    await this.#signal("KILL", pids);
    await this.#untilGone(pids);
  }

  async stop(): Promise<void> {
    const pids = await this.#remember();
    await this.#signal("TERM", pids);
    // A stubborn one does not end by itself.
    await this.#untilGone(pids).catch(() => this.#node.ask(`kill -KILL ${pids.join(" ")} 2>/dev/null || true`));
  }

  async freeze(): Promise<void> {
    await this.#signal("STOP", await this.#remember());
  }

  async thaw(): Promise<void> {
    const pids = this.#broken.map(({ pid }) => pid);
    if (pids.length > 0) await this.#node.ask(`kill -CONT ${pids.join(" ")} 2>/dev/null || true`);
  }

  /** Start what is gone as it was started before, unless something else has done so already. */
  async ensureRunning(): Promise<void> {
    if (this.#broken.length === 0 || (await this.#pids()).length > 0) return;
    const pids = new Set(this.#broken.map(({ pid }) => pid));
    // What they had started themselves, they start again.
    for (const first of this.#broken.filter(({ parent }) => !pids.has(parent))) await this.#startAgain(first);
  }

  async #startAgain({ directory, environment, command, output }: Incarnation): Promise<void> {
    const guest = await this.#node.guest();
    const script = 'test -f "$1" && out=$1 || out=/dev/null; shift; exec setsid -f "$@" </dev/null >>"$out" 2>&1';
    const { exitCode, stderr } = await guest.exec(["/bin/sh", "-c", script, "sh", output, ...command], {
      cwd: directory,
      env: environment,
    });
    if (exitCode === 0) return;
    throw new KestrelError({
      kind: "flow",
      step: "start a daemon again",
      subject: this.#subject,
      expected: "exit code 0",
      found: `exit code ${exitCode ?? "none"}`,
      lastWords: stderr.trimEnd().split("\n"),
    });
  }

  async #signal(signal: string, pids: readonly number[]): Promise<void> {
    await this.#node.ask(["kill", `-${signal}`, ...pids.map(String)]);
  }

  /** A process that has ended is still there, as a zombie, until its parent has heard of it. */
  async #untilGone(pids: readonly number[]): Promise<void> {
    await this.#node.until(`! ps -o stat= -p ${pids.join(",")} | grep -qv '^Z'`, { within: endDeadlineMs });
  }

  /** The processes, once it is noted how to start them again. */
  async #remember(): Promise<readonly number[]> {
    const pids = await this.#pids();
    if (pids.length === 0) {
      throw new KestrelError({
        kind: "input",
        step: "break a daemon",
        subject: this.#subject,
        expected: "a process that runs",
        found: "none",
      });
    }
    this.#broken = await Promise.all(pids.map((pid) => this.#incarnation(pid)));
    return pids;
  }

  async #pids(): Promise<readonly number[]> {
    const daemon = this.#daemon;
    const text = await this.#node.ask(
      "process" in daemon
        ? `pgrep -x -r D,I,R,S,T ${quoteWord(literal(daemon.process.slice(0, commandNameLength)))} || true`
        : `pid=$(cat ${quoteWord(daemon.pidFile)}) && ps -o stat= -p "$pid" | grep -qv '^Z' && echo "$pid" || true`,
    );
    return text.split("\n").map(Number).filter(Boolean);
  }

  async #incarnation(pid: number): Promise<Incarnation> {
    const process = `/proc/${pid}`;
    const facts = `readlink ${process}/cwd; ps -o ppid= -p ${pid}; readlink -f ${process}/fd/1`;
    const [command, environment, [directory = "/", parent, output = ""]] = await Promise.all([
      this.#node.ask(["cat", `${process}/cmdline`]),
      this.#node.ask(["cat", `${process}/environ`]),
      this.#node.ask(facts).then((text) => text.split("\n")),
    ]);
    return {
      pid,
      parent: Number(parent),
      directory,
      output,
      command: parts(command),
      environment: Object.fromEntries(
        parts(environment).map((pair) => [pair.slice(0, pair.indexOf("=")), pair.slice(pair.indexOf("=") + 1)]),
      ),
    };
  }

  get #subject(): string {
    return `${describeDaemon(this.#daemon)} of ${this.#node.name}`;
  }
}

/** Strings that each end in a zero byte. */
function parts(text: string): readonly string[] {
  return text.split("\0").slice(0, -1);
}

/** A regular expression of pgrep(1) that matches the text and nothing else. */
function literal(text: string): string {
  return text.replaceAll(/[.*+?^$(){}|[\]\\]/g, String.raw`\$&`);
}
