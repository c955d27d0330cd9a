import { connect } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import ssh2, { type Client } from "ssh2";
import { KestrelError } from "../error/kestrel-error.ts";

/** A foreign guest and how it is reached. */
export interface SshTarget {
  readonly node: string;
  readonly host: string;
  readonly port: number;
  /** A user who may run everything through `sudo` without a password. */
  readonly username: string;
  /** OpenSSH format. */
  readonly privateKey: string;
  /** Milliseconds until the server has to let the key in. */
  readonly deadlineMs: number;
  readonly signal?: AbortSignal | undefined;
}

/** Milliseconds between attempts: after a refused connection, and after a refused key, which servers punish. */
const pauseMs = { connection: 200, key: 1_000 } as const;
/** QEMU accepts connections for a guest that does not listen yet; a silent one is given up, each time a little later. */
const firstPatienceMs = 3_000;
const lastPatienceMs = 30_000;
/** An emulated guest takes over a second for the key exchange, several when it is busy. */
const handshakeMs = 60_000;
const keepaliveMs = 15_000;
const keepaliveCount = 8;

/** Why an attempt came to nothing. */
interface Refusal {
  readonly found: string;
  readonly reason: "connection" | "key" | "silence";
}

/**
 * Connect and authenticate, again and again until the server lets the key in: a fresh machine refuses connections,
 * and then the key until cloud-init has run.
 *
 * @throws KestrelError (host) with what was found last when the deadline has passed; (flow) when aborted
 */
export async function connectSsh(target: SshTarget): Promise<Client> {
  const { node, host, port, username, deadlineMs, signal } = target;
  if (ssh2.utils.parseKey(target.privateKey) instanceof Error) {
    throw new KestrelError({
      kind: "internal",
      step: "connect over SSH",
      subject: node,
      found: "an unreadable private key",
    });
  }
  const deadline = performance.now() + deadlineMs;
  let patienceMs = firstPatienceMs;
  let found: string | undefined;
  for (;;) {
    if (signal?.aborted === true) throw cancelled(node);
    const remainingMs = Math.max(1, deadline - performance.now());
    const outcome = await attempt(target, Math.min(patienceMs, remainingMs), Math.min(handshakeMs, remainingMs));
    if (outcome instanceof ssh2.Client) return outcome;
    const { reason } = outcome;
    // An attempt that the deadline cut short says less than the one before.
    if (found === undefined || performance.now() < deadline) found = outcome.found;
    if (reason === "silence") patienceMs = Math.min(lastPatienceMs, patienceMs * 1.5);
    const waitMs = pauseMs[reason === "key" ? "key" : "connection"];
    if (performance.now() + waitMs >= deadline) {
      throw new KestrelError({
        kind: "host",
        step: "connect over SSH",
        subject: node,
        expected: `an SSH server on ${host} port ${port} that lets in the testbed's key as ${username} within ${deadlineMs / 1000} s`,
        found,
        hint: "look at the node's console: it must start an SSH server, and cloud-init (or the image) must admit the key",
      });
    }
    await pause(waitMs, undefined, { signal }).catch(() => undefined);
  }
}

function cancelled(node: string): KestrelError {
  return new KestrelError({ kind: "flow", step: "connect over SSH", subject: node, found: "it was cancelled" });
}

function attempt(target: SshTarget, patienceMs: number, readyTimeout: number): Promise<Client | Refusal> {
  const { host, port, username, privateKey, signal } = target;
  return new Promise((resolve) => {
    const socket = connect({ host, port, noDelay: true });
    const client = new ssh2.Client();
    let outcome: Refusal = { reason: "connection", found: "the connection was closed before the key was looked at" };
    const giveUp = (): void => {
      socket.destroy();
      client.destroy();
    };
    const greeting = setTimeout(() => {
      if (socket.bytesRead > 0) return;
      outcome = { reason: "silence", found: "the port is open, but no SSH server answers" };
      giveUp();
    }, patienceMs);
    const settle = (result: Client | Refusal): void => {
      clearTimeout(greeting);
      signal?.removeEventListener("abort", giveUp);
      resolve(result);
    };
    signal?.addEventListener("abort", giveUp, { once: true });
    client.on("error", (error) => {
      // Giving up makes an error of its own.
      if (socket.destroyed && outcome.reason === "silence") return;
      outcome =
        error.level === "client-authentication"
          ? { reason: "key", found: `a server that does not admit the key as ${username}` }
          : { reason: "connection", found: error.message };
    });
    client.once("close", () => {
      settle(outcome);
    });
    client.once("ready", () => {
      settle(client);
    });
    client.connect({
      sock: socket,
      username,
      privateKey,
      readyTimeout,
      keepaliveInterval: keepaliveMs,
      keepaliveCountMax: keepaliveCount,
    });
  });
}
