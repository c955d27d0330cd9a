import type { Readable, Writable } from "node:stream";
import pico from "picocolors";

/** A stream that output goes to, and what is known of the terminal behind it. */
export type Output = Writable & { readonly isTTY?: boolean; readonly columns?: number; readonly rows?: number };
/** The stream that input comes from. */
export type Input = Readable & { readonly isTTY?: boolean; setRawMode?(raw: boolean): unknown };

/** Colour functions; they return their text unchanged where there is no colour. */
export type Colors = ReturnType<typeof pico.createColors>;

/** What a terminal is made of. */
export interface TerminalStreams {
  readonly stdin: Input;
  readonly stdout: Output;
  readonly stderr: Output;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** Where a command reads from and prints to; everything that it shows goes through here. */
export class Terminal {
  readonly stdin: Input;
  readonly stdout: Output;
  readonly stderr: Output;
  readonly environment: TerminalStreams["environment"];
  /** Colours of standard output. */
  readonly colors: Colors;
  /** Colours of standard error. */
  readonly errorColors: Colors;

  constructor({ stdin, stdout, stderr, environment }: TerminalStreams) {
    this.stdin = stdin;
    this.stdout = stdout;
    this.stderr = stderr;
    this.environment = environment;
    this.colors = pico.createColors(wantsColor(stdout, environment));
    this.errorColors = pico.createColors(wantsColor(stderr, environment));
  }

  /** Whether a person watches standard error, so that lines may be redrawn there. */
  get isLive(): boolean {
    return this.stderr.isTTY === true && !isSet(this.environment["CI"]) && this.environment["TERM"] !== "dumb";
  }

  /** Size of a terminal behind a stream, in characters; the classic one where it is not known. */
  sizeOf({ rows, columns }: Output): { readonly rows: number; readonly columns: number } {
    // A terminal that was never given a size says 0.
    return {
      rows: rows === undefined || rows === 0 ? 24 : rows,
      columns: columns === undefined || columns === 0 ? 80 : columns,
    };
  }

  /** Print a line (or several) on standard output. */
  print(text: string): void {
    this.stdout.write(`${text}\n`);
  }

  /** Print one JSON document on standard output. */
  printJson(value: unknown): void {
    this.print(JSON.stringify(value, undefined, 2));
  }

  /** Print a JSON value as one line of a stream (NDJSON). */
  printJsonLine(value: unknown): void {
    this.print(JSON.stringify(value));
  }

  /** Tell something that is not the result: it goes to standard error. */
  note(text: string): void {
    this.stderr.write(`${text}\n`);
  }
}

/** Whether there is a terminal that a user interface can be drawn on. */
export function canDraw({ stdin, stdout, environment }: Terminal): boolean {
  return stdin.isTTY === true && stdout.isTTY === true && environment["TERM"] !== "dumb";
}

/** The terminal of this process. */
export function processTerminal(): Terminal {
  const { stdin, stdout, stderr, env } = process;
  return new Terminal({ stdin, stdout, stderr, environment: env });
}

/** https://no-color.org and its opposite FORCE_COLOR win over what the stream is. */
function wantsColor(stream: Output, environment: TerminalStreams["environment"]): boolean {
  if (isSet(environment["NO_COLOR"])) return false;
  if (isSet(environment["FORCE_COLOR"])) return environment["FORCE_COLOR"] !== "0";
  return stream.isTTY === true && environment["TERM"] !== "dumb";
}

function isSet(value: string | undefined): boolean {
  return value !== undefined && value !== "";
}
