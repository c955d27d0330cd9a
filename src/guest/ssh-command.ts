import { constants } from "node:os";
import { PassThrough, type Readable, type Writable } from "node:stream";
import type { ClientChannel } from "ssh2";
import { KestrelError } from "../error/kestrel-error.ts";
import type { ExecResult, TerminalSize } from "./agent-protocol.ts";
import type { Running, SpawnOptions } from "./guest.ts";
import { ProcessIdLine, remoteCommandLine, signalLine } from "./remote-shell.ts";
import { openExec, type SshSessions } from "./ssh-sessions.ts";

/** After a command has ended, a descendant may hold its output open; it is listened to until it is silent for so long. */
const silenceMs = 500;
/** Milliseconds that a killed command has to end; after that the node itself is at fault. */
const deathMs = 30_000;
/** What a terminal takes as the end of input. */
const endOfTransmission = "\x04";
/** First word of the line with the process id; a command that prints the same later is not looked at. */
const marker = "kestrel-process-group";

/** Start a command in a session of its own; everything that {@link Running} promises, over SSH. */
export function runOverSsh(sessions: SshSessions, command: readonly string[] | string, options: SpawnOptions): Running {
  options.signal?.throwIfAborted();
  const run = new SshCommand(sessions, options);
  const result = run.run(command);
  // Who only wants the streams need not look at the result.
  result.catch(() => undefined);
  return {
    stdin: run.stdin,
    stdout: run.stdout,
    stderr: run.stderr,
    result,
    kill: (signal) => {
      run.kill(signal);
    },
    resize: (size) => {
      run.resize(size);
    },
  };
}

class SshCommand {
  readonly stdin = new PassThrough();
  readonly stdout = new PassThrough();
  readonly stderr = new PassThrough();
  readonly #sessions: SshSessions;
  readonly #options: SpawnOptions;
  readonly #group = Promise.withResolvers<number>();
  readonly #end = Promise.withResolvers<ExecResult>();
  #channel: ClientChannel | undefined;
  #exit: ExecResult | undefined;
  /** Whether all is over: the number of the process may be another's by now. */
  #closed = false;
  #timedOut = false;
  #deathTimer: NodeJS.Timeout | undefined;

  constructor(sessions: SshSessions, options: SpawnOptions) {
    this.#sessions = sessions;
    this.#options = options;
    this.#end.promise.catch(() => undefined);
    // A command that closes its input early is free to do so.
    this.stdin.on("error", () => undefined);
  }

  async run(command: readonly string[] | string): Promise<ExecResult> {
    const { env, cwd, stdin, terminal, timeoutMs, signal } = this.#options;
    const line = remoteCommandLine(
      { command, env, cwd, inheritsInput: stdin === true || terminal !== undefined },
      marker,
    );
    const pty = terminal && { rows: terminal.rows, cols: terminal.columns, term: "xterm-256color" };
    const onAbort = (): void => {
      if (this.#channel !== undefined) this.#strike();
      else this.#end.reject(this.#failed("it was cancelled"));
    };
    let timer: NodeJS.Timeout | undefined;
    signal?.addEventListener("abort", onAbort, { once: true });
    try {
      const started = this.#sessions
        .session((client) =>
          openExec(client, line, pty, (channel) => {
            this.#join(channel);
          }),
        )
        .then(({ channel, release }) => {
          if (this.#closed) release();
          else channel.once("close", release);
        });
      // Who cancels does not wait for a session to become free.
      await Promise.race([started, this.#end.promise]);
      if (timeoutMs !== undefined) {
        timer = setTimeout(() => {
          this.#timedOut = true;
          this.#strike();
        }, timeoutMs);
      }
      return { ...(await this.#end.promise), timedOut: this.#timedOut };
    } catch (error) {
      this.#channel?.close();
      throw error instanceof KestrelError
        ? error
        : this.#failed(error instanceof Error ? error.message : String(error));
    } finally {
      clearTimeout(timer);
      clearTimeout(this.#deathTimer);
      signal?.removeEventListener("abort", onAbort);
      this.stdin.destroy();
      if (!this.stdout.writableEnded) this.stdout.end();
      if (!this.stderr.writableEnded) this.stderr.end();
    }
  }

  kill(signal: NodeJS.Signals): void {
    void this.#group.promise
      .then((group) => (this.#closed ? undefined : this.#sessions.runAside(signalLine(group, signal))))
      .catch(() => undefined);
  }

  resize({ rows, columns }: TerminalSize): void {
    if (!this.#closed && this.#options.terminal !== undefined) this.#channel?.setWindow(rows, columns, 0, 0);
  }

  #strike(): void {
    this.kill("SIGKILL");
    // What has left the process group and goes on printing is not waited for.
    if (this.#exit !== undefined) this.#channel?.close();
    this.#deathTimer ??= setTimeout(() => {
      this.#end.reject(this.#failed(`a node that does not end a killed command within ${deathMs / 1000} s`));
    }, deathMs);
  }

  #join(channel: ClientChannel): void {
    const { stdin, terminal } = this.#options;
    this.#channel = channel;
    if (this.stdout.writableEnded) this.kill("SIGKILL");
    channel.on("error", () => undefined);
    const line = new ProcessIdLine(marker, this.#group.resolve);
    // On a terminal, standard error is part of standard output.
    carry(terminal === undefined ? channel : channel.pipe(line), this.stdout);
    carry(terminal === undefined ? channel.stderr.pipe(line) : channel.stderr, this.stderr);
    if (stdin === true) this.stdin.pipe(channel);
    else if (terminal === undefined) channel.end();
    else channel.write(endOfTransmission);
    channel.once("exit", (code: number | null, signal?: string) => {
      this.#exit = { exitCode: code, signal: signalName(signal), timedOut: false };
      this.#closeWhenSilent(channel);
    });
    channel.once("close", () => {
      this.#closed = true;
      if (this.#exit !== undefined) this.#end.resolve(this.#exit);
      else this.#end.reject(this.#failed("the connection was lost before the command ended"));
    });
  }

  #closeWhenSilent(channel: ClientChannel): void {
    let silence: NodeJS.Timeout | undefined;
    const wait = (): void => {
      clearTimeout(silence);
      silence = setTimeout(() => {
        // Held back by the reader is not silent.
        if ([this.stdout, this.stderr].some((out) => out.readableLength > 0)) wait();
        else channel.close();
      }, silenceMs);
    };
    channel.on("data", wait);
    channel.stderr.on("data", wait);
    channel.once("close", () => {
      clearTimeout(silence);
    });
    wait();
  }

  #failed(found: string): KestrelError {
    return new KestrelError({ kind: "host", step: "run a command over SSH", subject: this.#sessions.node, found });
  }
}

/** A reader that stops reading must not keep the command from writing: what it writes then goes nowhere. */
function carry(from: Readable, to: Writable): void {
  if (to.writableEnded || to.destroyed) {
    from.resume();
    return;
  }
  from.pipe(to);
  to.on("error", () => undefined);
  to.once("close", () => {
    from.unpipe(to);
    from.resume();
  });
}

function signalName(signal: string | undefined): NodeJS.Signals | null {
  return signal !== undefined && signal in constants.signals ? (signal as NodeJS.Signals) : null;
}
