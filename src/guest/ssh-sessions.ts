import pLimit from "p-limit";
import type { Client, ClientChannel, PseudoTtyOptions } from "ssh2";
import { KestrelError } from "../error/kestrel-error.ts";
import { connectSsh, type SshTarget } from "./ssh-connection.ts";

/** sshd allows ten sessions a connection (sshd_config(5), MaxSessions); one is kept for sending signals. */
const sessionsPerConnection = 9;
/** Each connection costs the guest a process or two; beyond this, commands wait for each other. */
const maxConnections = 8;
/** Milliseconds that a further connection, or one in place of a lost one, may take. */
const reconnectMs = 60_000;

/** Milliseconds that a short command beside the sessions is waited for. */
const asideMs = 5_000;

interface PooledConnection {
  readonly client: Client;
  open: number;
  limit: number;
}

/** A channel that counts as a session at the server until it is released. */
export interface Session<C> {
  readonly channel: C;
  readonly release: () => void;
}

/** As many sessions as are wanted, over as few connections as the server's limit needs; a lost connection is replaced. */
export class SshSessions {
  readonly #target: SshTarget;
  readonly #connections = new Set<PooledConnection>();
  readonly #waiting: (() => void)[] = [];
  readonly #signalling = pLimit(1);
  #opening: Promise<void> | undefined;
  #closed = false;

  private constructor(target: SshTarget) {
    this.#target = target;
  }

  /** @throws KestrelError (host) when the server does not let the key in by the deadline */
  static async open(target: SshTarget): Promise<SshSessions> {
    const sessions = new SshSessions(target);
    await sessions.#connect(target);
    return sessions;
  }

  get node(): string {
    return this.#target.node;
  }

  /** Open a session; `open` starts it on the connection that has room. Errors of `open` are passed on. */
  async session<C>(open: (client: Client) => Promise<C>): Promise<Session<C>> {
    for (;;) {
      const connection = await this.#reserve();
      let released = false;
      const release = (): void => {
        if (released) return;
        released = true;
        connection.open -= 1;
        this.#waiting.shift()?.();
      };
      try {
        return { channel: await open(connection.client), release };
      } catch (error) {
        release();
        const live = this.#connections.has(connection);
        if (!(error instanceof Error) || !isOpenFailure(error) || (live && connection.open === 0)) throw error;
        // This server allows fewer sessions than others.
        connection.limit = Math.max(1, Math.min(connection.limit, connection.open));
      }
    }
  }

  /** A connection for what is no session, such as forwarding. */
  async client(): Promise<Client> {
    for (;;) {
      this.#checkOpen();
      for (const { client } of this.#connections) return client;
      await this.#connectOnce();
    }
  }

  /** Run a short command line to its end beside all sessions, even when none is free. Its outcome is not looked at. */
  runAside(commandLine: string): Promise<void> {
    return this.#signalling(async () => {
      const client = await this.client();
      const told = await execute(client, commandLine).then(
        () => true,
        () => false,
      );
      if (told) return;
      const extra = await connectSsh({ ...this.#target, deadlineMs: reconnectMs, signal: undefined });
      await execute(extra, commandLine).catch(() => undefined);
      extra.end();
    });
  }

  /** End all connections, and with them all channels, after the signals that are on their way. */
  async close(): Promise<void> {
    await this.#signalling(() => undefined);
    this.#closed = true;
    await this.#opening?.catch(() => undefined);
    await Promise.all(
      [...this.#connections].map(({ client }) => {
        const closed = new Promise<void>((resolve) =>
          client.once("close", () => {
            resolve();
          }),
        );
        client.end();
        return closed;
      }),
    );
    for (const wake of this.#waiting.splice(0)) wake();
  }

  async #reserve(): Promise<PooledConnection> {
    for (;;) {
      this.#checkOpen();
      for (const connection of this.#connections) {
        if (connection.open >= connection.limit) continue;
        connection.open += 1;
        return connection;
      }
      if (this.#connections.size < maxConnections) await this.#connectOnce();
      else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  #connectOnce(): Promise<void> {
    const { deadlineMs } = this.#target;
    this.#opening ??= this.#connect({
      ...this.#target,
      deadlineMs: Math.min(deadlineMs, reconnectMs),
      signal: undefined,
    }).finally(() => {
      this.#opening = undefined;
    });
    return this.#opening;
  }

  async #connect(target: SshTarget): Promise<void> {
    const client = await connectSsh(target);
    const connection = { client, open: 0, limit: sessionsPerConnection };
    this.#connections.add(connection);
    client.once("close", () => {
      this.#connections.delete(connection);
      for (const wake of this.#waiting.splice(0)) wake();
    });
    if (this.#closed) client.end();
  }

  #checkOpen(): void {
    if (!this.#closed) return;
    throw new KestrelError({
      kind: "flow",
      step: "use the SSH connection",
      subject: this.node,
      found: "it was closed",
    });
  }
}

/**
 * Start a command line on a connection. `started` is called in the same turn in which the server says so: a short
 * command may have ended in the next.
 */
export function openExec(
  client: Client,
  commandLine: string,
  pty: PseudoTtyOptions | undefined,
  started: (channel: ClientChannel) => void,
): Promise<ClientChannel> {
  return new Promise((resolve, reject) => {
    client.exec(commandLine, pty === undefined ? {} : { pty }, (error, channel) => {
      if (error !== undefined) {
        reject(error);
        return;
      }
      started(channel);
      resolve(channel);
    });
  });
}

async function execute(client: Client, commandLine: string): Promise<void> {
  const { promise: over, resolve } = Promise.withResolvers<undefined>();
  const end = (): void => {
    resolve(undefined);
  };
  const timer = setTimeout(end, asideMs);
  const opened = openExec(client, commandLine, undefined, (channel) => {
    channel.once("close", end);
    channel.resume();
    channel.stderr.resume();
    channel.end();
  });
  try {
    await Promise.race([over, opened.then(() => over)]);
  } finally {
    clearTimeout(timer);
  }
}

function isOpenFailure(error: Error): boolean {
  return (
    error.message.startsWith("(SSH) Channel open failure") ||
    error.message === "Not connected" ||
    error.message === "No response from server"
  );
}
