import type { Duplex, Readable, Writable } from "node:stream";
import type { ExecResult, ReadyFact, ServiceRequest, ServiceStatus, TerminalSize } from "./agent-protocol.ts";

/** How to run a command. */
export interface ExecOptions {
  readonly env?: Readonly<Record<string, string>> | undefined;
  readonly cwd?: string | undefined;
  /** Standard input; without it, /dev/null. */
  readonly stdin?: string | Uint8Array | undefined;
  /** Kill the process group after so many milliseconds; the result then says `timedOut`. */
  readonly timeoutMs?: number | undefined;
  /** Kill the process group when aborted. */
  readonly signal?: AbortSignal | undefined;
}

/** A command that has ended. */
export interface Completed extends ExecResult {
  readonly stdout: string;
  readonly stderr: string;
}

/** A command that runs. All its output must be read or destroyed before the result comes. */
export interface Running {
  readonly stdin: Writable;
  readonly stdout: Readable;
  readonly stderr: Readable;
  readonly result: Promise<ExecResult>;
  /** Send a signal to its process group. */
  kill(signal: NodeJS.Signals): void;
  /** Give its terminal another size; nothing happens without one. */
  resize(size: TerminalSize): void;
}

/** How to start a command whose streams are wanted. */
export interface SpawnOptions extends Omit<ExecOptions, "stdin"> {
  /** Whether something will be written to its standard input. */
  readonly stdin?: boolean;
  readonly terminal?: TerminalSize | undefined;
}

/** What a node's guest can be asked, whatever the transport. Everything throws KestrelError that names the node. */
export interface Guest {
  readonly node: string;
  /** Run a command to its end. An argument vector, or a string for `/bin/sh -c`. A failing command is a result, no error. */
  exec(command: readonly string[] | string, options?: ExecOptions): Promise<Completed>;
  /** Start a command. */
  spawn(command: readonly string[] | string, options?: SpawnOptions): Running;
  writeFile(path: string, content: Uint8Array | string, options?: { readonly mode?: number }): Promise<void>;
  readFile(path: string): Promise<Buffer>;
  /** Copy a file or a tree of the host into the node, modes and links kept; like `cp -r source target`. */
  copyIn(source: string, target: string): Promise<void>;
  /** Copy a file or a tree of the node to the host. */
  copyOut(source: string, target: string): Promise<void>;
  /** A TCP connection made inside the node. */
  connect(port: number, address?: string): Promise<Duplex>;
  /** Wait until a fact holds. */
  ready(fact: ReadyFact, signal?: AbortSignal): Promise<void>;
  /** Kernel messages and the logs of all services, or of one. Destroy the stream to stop following. */
  logs(options?: { readonly service?: string | undefined; readonly follow?: boolean }): Readable;
  services: {
    start(request: ServiceRequest): Promise<ServiceStatus>;
    stop(name: string): Promise<ServiceStatus>;
    restart(name: string): Promise<ServiceStatus>;
    list(): Promise<readonly ServiceStatus[]>;
  };
  /** A connection to an SSH server inside the node that admits the testbed's key. */
  openSsh(): Duplex | Promise<Duplex>;
  /** Ask the guest to restart or power off; resolves when it was told. */
  shutdown(how: "reboot" | "poweroff"): Promise<void>;
  close(): Promise<void>;
}
