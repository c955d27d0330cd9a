import { Transform, type TransformCallback } from "node:stream";

/** What a command line for a remote login shell is made of. */
export interface RemoteCommand {
  readonly command: readonly string[] | string;
  readonly env?: Readonly<Record<string, string>> | undefined;
  readonly cwd?: string | undefined;
  /** Whether it reads what the session sends; otherwise /dev/null. */
  readonly inheritsInput: boolean;
}

/** Says its process id, which is that of its process group, on standard error, and becomes the command. */
const announce = `printf '%s %s\\n' "$1" "$$" >&2; d=$2; shift 2; if [ -n "$d" ]; then cd -- "$d" || exit 127; fi; exec "$@"`;
/** Becomes the command as root, wherever it starts. */
const elevate = `if [ "$(id -u)" = 0 ]; then exec "$@"; fi; exec sudo -n -- "$@"`;

/** A word that any login shell takes as it is. */
export function quoteWord(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}

/**
 * A command line for a login shell whatever it is: `marker PID` comes first on standard error. Servers refuse
 * `SetEnv`, so the environment is part of it. 127 when the program or the directory is not there.
 */
export function remoteCommandLine({ command, env, cwd, inheritsInput }: RemoteCommand, marker: string): string {
  const argv = typeof command === "string" ? ["/bin/sh", "-c", command] : command;
  const variables = Object.entries(env ?? {}).map(([name, value]) => `${name}=${value}`);
  const script = inheritsInput ? announce : `${announce} </dev/null`;
  const words = [
    "/bin/sh",
    "-c",
    script,
    "sh",
    marker,
    cwd ?? "",
    ...(variables.length > 0 ? ["env", ...variables] : []),
    ...argv,
  ];
  return `exec ${words.map(quoteWord).join(" ")}`;
}

/** The same command as root: directly, or through `sudo` without a password. */
export function asRoot(argv: readonly string[]): readonly string[] {
  return ["/bin/sh", "-c", elevate, "sh", ...argv];
}

/** A command line that sends a signal to a process group, also where members of it run as root. */
export function signalLine(group: number, signal: NodeJS.Signals): string {
  const name = signal.replace(/^SIG/, "");
  const script = `if [ "$(id -u)" != 0 ] && sudo -n kill -s ${name} -- -${group}; then exit 0; fi; kill -s ${name} -- -${group}`;
  return `exec /bin/sh -c ${quoteWord(script)} 2>/dev/null`;
}

/** Takes the line `marker PID` out of a stream and passes everything else on. */
export class ProcessIdLine extends Transform {
  readonly #marker: Buffer;
  readonly #found: (pid: number) => void;
  #held: Buffer | undefined = Buffer.alloc(0);

  constructor(marker: string, found: (pid: number) => void) {
    super();
    this.#marker = Buffer.from(`${marker} `);
    this.#found = found;
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    if (this.#held === undefined) {
      done(null, chunk);
      return;
    }
    this.#held = Buffer.concat([this.#held, chunk]);
    const start = this.#held.indexOf(this.#marker);
    const end = start < 0 ? -1 : this.#held.indexOf("\n", start);
    if (end < 0) {
      done();
      return;
    }
    this.#found(Number.parseInt(this.#held.toString("latin1", start + this.#marker.length, end), 10));
    const rest = Buffer.concat([this.#held.subarray(0, start), this.#held.subarray(end + 1)]);
    this.#held = undefined;
    if (rest.length > 0) this.push(rest);
    done();
  }

  override _flush(done: TransformCallback): void {
    if (this.#held !== undefined && this.#held.length > 0) this.push(this.#held);
    done();
  }
}
