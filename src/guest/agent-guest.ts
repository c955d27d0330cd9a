import { Duplex, type Readable } from "node:stream";
import { buffer, text } from "node:stream/consumers";
import { pipeline } from "node:stream/promises";
import type { Channel, Connection } from "../channel/index.ts";
import {
  dataStream,
  type ExecMessage,
  type ExecRequest,
  type ExecResult,
  execStreams,
  type GuestFacts,
  type InstallResult,
  type RawSnapshot,
  type ReadyFact,
  type ServiceRequest,
  type ServiceStatus,
} from "./agent-protocol.ts";
import { factLook } from "./agent-ready.ts";
import type { BundleFile } from "./bundle.ts";
import { isConnected } from "./connected.ts";
import { copyTreeIn, copyTreeOut } from "./copy-tree.ts";
import type { Completed, ExecOptions, Guest, Running, SpawnOptions } from "./guest.ts";
import { type GuestSnapshot, understandSnapshot } from "./guest-snapshot.ts";
import type { Identity } from "./identity.ts";
import { installStack } from "./install-stack.ts";
import { pollFact } from "./ready-fact.ts";
import { takeIdentity } from "./take-identity.ts";

/** How calls reach an agent: its own connection, or one that relays to it. */
export type AgentCalls = Pick<Connection, "open" | "request">;

/** `$1` service or nothing for the kernel and all services, `$2` how to follow or nothing. */
const printLogs = `if [ -n "$1" ]; then exec tail -n +1 $2 "/var/log/kestrel/$1.log"; fi
dmesg; exec tail -n +1 $2 /var/log/kestrel/*.log`;

/** A node of our own kinds, reached through its agent over virtio-serial: out of band, nothing of it is on a wire. */
export class AgentGuest implements Guest {
  readonly node: string;
  readonly services: Guest["services"];
  readonly #calls: AgentCalls;

  constructor(calls: AgentCalls, node: string) {
    this.node = node;
    this.#calls = calls;
    this.services = {
      start: (request: ServiceRequest) => calls.request<ServiceStatus>("service-start", request),
      stop: (name) => calls.request<ServiceStatus>("service-stop", { name }),
      restart: (name) => calls.request<ServiceStatus>("service-restart", { name }),
      list: () => calls.request<readonly ServiceStatus[]>("service-list"),
    };
  }

  /** Tell the guest who it is. The same identity again changes nothing. */
  identify(identity: Identity, signal?: AbortSignal): Promise<GuestFacts> {
    return takeIdentity(this.#calls, identity, signal);
  }

  async exec(command: readonly string[] | string, options: ExecOptions = {}): Promise<Completed> {
    const { stdin, ...rest } = options;
    const running = this.spawn(command, { ...rest, stdin: stdin !== undefined });
    if (stdin !== undefined) {
      // A command that closes its input early is free to do so.
      running.stdin.on("error", () => undefined);
      running.stdin.end(stdin);
    }
    try {
      const [result, stdout, stderr] = await allOf(running.result, text(running.stdout), text(running.stderr));
      return { ...result, stdout, stderr };
    } catch (error) {
      options.signal?.throwIfAborted();
      throw error;
    }
  }

  spawn(command: readonly string[] | string, options: SpawnOptions = {}): Running {
    const { env, cwd, stdin, terminal, timeoutMs, signal } = options;
    signal?.throwIfAborted();
    const request: ExecRequest = { command, env, cwd, stdin, terminal, timeoutMs };
    const channel = this.#calls.open("exec", request);
    if (signal !== undefined) cancelWhenAborted(channel, signal);
    return {
      stdin: channel.writable(execStreams.stdin),
      stdout: channel.readable(execStreams.stdout),
      stderr: channel.readable(execStreams.stderr),
      result: channel.result as Promise<ExecResult>,
      kill: (name) => {
        channel.send({ signal: name } satisfies ExecMessage);
      },
      resize: (size) => {
        channel.send({ terminal: size } satisfies ExecMessage);
      },
    };
  }

  async writeFile(path: string, content: Uint8Array | string, { mode = 0o644 } = {}): Promise<void> {
    const channel = this.#calls.open("write-file", { path, mode });
    await Promise.all([
      pipeline([Buffer.from(content as Uint8Array)], channel.writable(dataStream)).catch(() => undefined),
      channel.result,
    ]);
  }

  async readFile(path: string): Promise<Buffer> {
    const channel = this.#calls.open("read-file", { path });
    const [, content] = await allOf(channel.result, buffer(channel.readable(dataStream)));
    return content;
  }

  /** Swap the code that runs in the node and restart its services; what is the same already is not sent. */
  install(files: readonly BundleFile[]): Promise<InstallResult> {
    return installStack(this, files);
  }

  copyIn(source: string, target: string): Promise<void> {
    return copyTreeIn(this, source, target);
  }

  copyOut(source: string, target: string): Promise<void> {
    return copyTreeOut(this, source, target);
  }

  async connect(port: number, address = "localhost"): Promise<Duplex> {
    const channel = this.#calls.open("connect", { port, address });
    await Promise.race([isConnected(channel), channel.result]);
    return duplexOf(channel, dataStream, dataStream);
  }

  async ready(fact: ReadyFact, signal?: AbortSignal): Promise<void> {
    await pollFact(fact, factLook({ guest: this, calls: this.#calls }, fact, signal), signal);
  }

  /** What the node is and runs now, read without starting a program in it. */
  async snapshot(options?: { readonly timeoutMs?: number }): Promise<GuestSnapshot> {
    return understandSnapshot(await this.#calls.request<RawSnapshot>("snapshot", undefined, options));
  }

  logs(options: { readonly service?: string | undefined; readonly follow?: boolean } = {}): Readable {
    const { service = "", follow = false } = options;
    const request: ExecRequest = { command: ["/bin/sh", "-c", printLogs, "sh", service, follow ? "-F" : ""] };
    const channel = this.#calls.open("exec", request);
    channel.readable(execStreams.stderr).resume();
    const lines = channel.readable(execStreams.stdout);
    lines.once("close", () => {
      channel.cancel();
    });
    return lines;
  }

  /** An SSH server that lives as long as this one connection: nothing listens in the node, and it has no NIC for it. */
  openSsh(): Duplex {
    const request: ExecRequest = { command: ["/usr/sbin/sshd", "-i", "-f", "/run/kestrel/sshd_config"], stdin: true };
    const channel = this.#calls.open("exec", request);
    channel.readable(execStreams.stderr).resume();
    return duplexOf(channel, execStreams.stdin, execStreams.stdout);
  }

  async shutdown(how: "reboot" | "poweroff"): Promise<void> {
    // The machine may be gone before the answer is.
    await this.#calls.request("shutdown", { how }).catch(() => undefined);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

/** Cancel the call when `signal` aborts; the caller's signal may live much longer than the call. */
function cancelWhenAborted(channel: Channel, signal: AbortSignal): void {
  const cancel = (): void => {
    channel.cancel();
  };
  const forget = (): void => {
    signal.removeEventListener("abort", cancel);
  };
  signal.addEventListener("abort", cancel, { once: true });
  channel.result.then(forget, forget);
}

/** All of them; when one fails, the error of the first in this order, which is the one that explains the others. */
async function allOf<T extends readonly unknown[]>(...promises: { [K in keyof T]: Promise<T[K]> }): Promise<T> {
  await Promise.allSettled(promises);
  const values: unknown[] = [];
  for (const promise of promises) values.push(await promise);
  return values as unknown as T;
}

function duplexOf(channel: Channel, outgoing: number, incoming: number): Duplex {
  const duplex = Duplex.from({ writable: channel.writable(outgoing), readable: channel.readable(incoming) });
  // Duplex.from() takes the end of its use for an error; nobody needs to listen for that.
  duplex.on("error", () => undefined);
  duplex.once("close", () => {
    channel.cancel();
  });
  return duplex;
}
