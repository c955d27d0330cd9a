import { pipeline } from "node:stream/promises";
import type { Running } from "../../guest/guest.ts";
import { ownFailureInExec } from "../failure.ts";
import { InterruptionWatch, signalExitCode } from "../interruption.ts";
import { keyValues, secondsAsMilliseconds, wrongValue } from "../option-values.ts";
import { rawInput } from "../raw-input.ts";
import type { JsonOption, Session, TestbedOption } from "../session.ts";
import type { Terminal } from "../terminal.ts";
import { execOnMany } from "./exec-on-many.ts";
import { execTarget, type ExecTarget, nodeTarget } from "./exec-target.ts";

/** Options of `kestrel exec`. */
export interface ExecOptions extends TestbedOption, JsonOption {
  readonly all?: boolean;
  readonly env?: readonly string[];
  readonly workdir?: string;
  readonly interactive?: boolean;
  readonly tty?: boolean;
  readonly timeout?: string;
}

/** How one command ended, as `--json` prints it. */
export interface ExecOutcome {
  readonly node: string;
  /** Null when a signal ended it. */
  readonly exitCode: number | null;
  readonly signal: string | null;
  /** Whether Kestrel ended it because its time was over. */
  readonly timedOut: boolean;
  /** UTF-8. */
  readonly stdout: string;
  readonly stderr: string;
}

/** What is to be run, apart from where. */
export interface ExecRequest {
  readonly command: string | readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string | undefined;
  readonly timeoutMs: number | undefined;
  /** Size of the terminal that the command is given; none without --tty. */
  readonly terminal: { readonly rows: number; readonly columns: number } | undefined;
}

/** Exit code of a command that was ended by its time-out, as timeout(1) has it. */
const timeOutExitCode = 124;

/** Run a command in one node or instance, or in several at once. */
export async function exec(
  session: Session,
  first: string | undefined,
  rest: readonly string[],
  options: ExecOptions,
): Promise<void> {
  const words = options.all === true && first !== undefined ? [first, ...rest] : rest;
  if (words.length === 0)
    throw wrongValue("exec", "NODE -- COMMAND", words.join(" "), "kestrel exec NODE -- COMMAND ARGUMENTS");
  const [onlyWord = ""] = words;
  const request: ExecRequest = {
    command: words.length === 1 ? onlyWord : words,
    env: keyValues(options.env ?? [], "--env"),
    cwd: options.workdir,
    timeoutMs: options.timeout === undefined ? undefined : secondsAsMilliseconds(options.timeout, "--timeout"),
    terminal: options.tty === true ? session.terminal.sizeOf(session.terminal.stdout) : undefined,
  };
  using testbed = await session.testbed(options);
  const names = (first ?? "").split(",").filter((name) => name !== "");
  const targets =
    options.all === true
      ? testbed.nodes.map(nodeTarget)
      : await Promise.all([...new Set(names)].map((name) => execTarget(testbed, name)));
  const [only] = targets;
  if (only === undefined) throw wrongValue("exec", "the name of a node", first ?? "");
  session.exitCode =
    targets.length > 1 || options.all === true
      ? await execOnMany(session.terminal, targets, request, options.json === true)
      : await execOnOne(session.terminal, only, request, options);
}

/** The exit code that a shell would give for this end. */
export function exitCodeOf({
  exitCode,
  signal,
  timedOut,
}: Pick<ExecOutcome, "exitCode" | "signal" | "timedOut">): number {
  if (timedOut) return timeOutExitCode;
  if (exitCode !== null) return exitCode;
  return signal === null ? ownFailureInExec : signalExitCode(signal);
}

/** Pass SIGINT and the like on to commands, until disposed; who is asked a third time stops waiting for them. */
export function passSignalsOn(processes: readonly Running[]): InterruptionWatch {
  let asked = 0;
  return new InterruptionWatch((signal) => {
    asked += 1;
    for (const process of processes) process.kill(asked > 2 ? "SIGKILL" : signal);
  });
}

/** Give the terminal of a command the size of ours whenever that changes, until disposed. */
function passSizeOn(terminal: Terminal, process: Running): Disposable {
  const { stdout } = terminal;
  const resize = (): void => {
    process.resize(terminal.sizeOf(stdout));
  };
  stdout.on("resize", resize);
  return { [Symbol.dispose]: () => void stdout.off("resize", resize) };
}

async function execOnOne(
  terminal: Terminal,
  target: ExecTarget,
  request: ExecRequest,
  options: ExecOptions,
): Promise<number> {
  const takesInput = options.interactive === true || request.terminal !== undefined || terminal.stdin.isTTY !== true;
  const process = await target.start(request, takesInput);
  using _passing = passSignalsOn([process]);
  using _raw = request.terminal === undefined ? undefined : rawInput(terminal);
  using _resizing = request.terminal === undefined ? undefined : passSizeOn(terminal, process);
  if (takesInput) void pipeline(terminal.stdin, process.stdin).catch(() => undefined);
  if (options.json === true) {
    const [stdout, stderr, result] = await Promise.all([text(process.stdout), text(process.stderr), process.result]);
    const outcome: ExecOutcome = { node: target.name, ...result, stdout, stderr };
    terminal.printJson(outcome);
    return exitCodeOf(outcome);
  }
  const [, , result] = await Promise.all([
    pipeline(process.stdout, terminal.stdout, { end: false }),
    pipeline(process.stderr, terminal.stderr, { end: false }),
    process.result,
  ]);
  if (result.timedOut) terminal.note(`kestrel: the command was ended after ${(request.timeoutMs ?? 0) / 1000} s`);
  return exitCodeOf(result);
}

async function text(stream: NodeJS.ReadableStream): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString("utf8");
}
