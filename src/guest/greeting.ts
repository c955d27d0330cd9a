import type { Duplex } from "node:stream";
import { Connection } from "../channel/index.ts";
import { KestrelError } from "../error/kestrel-error.ts";
import { agentHello, hostHello, parkedLine } from "./agent-protocol.ts";

/** How to greet an agent. */
export interface Greeting {
  /** The agent has yet to boot and park; a clone of a parked one says nothing before it is greeted. */
  readonly parks: boolean;
  readonly deadlineMs: number;
  readonly signal?: AbortSignal | undefined;
  /** The node's name, for errors. */
  readonly node: string;
}

/** Wait for the agent's word that it is parked: its machine may be frozen. Rejects when the line ends. */
export function waitUntilParked(agent: Duplex): Promise<void> {
  return waitForText(agent, parkedLine);
}

/**
 * Wake the agent at the other end of a machine's serial line.
 *
 * @throws KestrelError (host) when it does not answer within the deadline
 */
export async function greetAgent(agent: Duplex, { parks, deadlineMs, signal, node }: Greeting): Promise<Connection> {
  const deadline = AbortSignal.timeout(deadlineMs);
  const stop = signal === undefined ? deadline : AbortSignal.any([deadline, signal]);
  try {
    if (parks) await waitForText(agent, parkedLine, stop);
    agent.write(hostHello);
    await waitForText(agent, agentHello, stop);
  } catch (cause) {
    signal?.throwIfAborted();
    if (!deadline.aborted) throw cause;
    throw new KestrelError(
      {
        kind: "host",
        step: "reach the agent of the node",
        subject: node,
        expected: `an answer within ${Math.round(deadlineMs / 1000)} s`,
        found: "none",
        hint: `kestrel console ${node} shows what the machine printed`,
      },
      { cause },
    );
  }
  return new Connection(agent, {}, { peer: `the agent of ${node}` });
}

/** Resolves when `text` has come, and puts back what came after it. What came before is thrown away. */
async function waitForText(stream: Duplex, text: string, signal?: AbortSignal): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<undefined>();
  let received = Buffer.alloc(0);
  const onReadable = (): void => {
    for (let chunk = stream.read() as Buffer | null; chunk !== null; chunk = stream.read() as Buffer | null) {
      received = Buffer.concat([received, chunk]);
      const at = received.indexOf(text);
      if (at < 0) continue;
      const rest = received.subarray(at + text.length);
      stop();
      if (rest.length > 0) stream.unshift(rest);
      resolve(undefined);
      return;
    }
  };
  const onEnd = (): void => {
    reject(new Error(`the line to the agent ended before it said "${text.trim()}"`));
  };
  const onAbort = (): void => {
    reject(signal?.reason instanceof Error ? signal.reason : new Error("aborted"));
  };
  const stop = (): void => {
    stream.off("readable", onReadable);
    stream.off("close", onEnd);
    stream.off("end", onEnd);
    signal?.removeEventListener("abort", onAbort);
  };
  stream.on("readable", onReadable);
  stream.on("close", onEnd);
  stream.on("end", onEnd);
  signal?.addEventListener("abort", onAbort, { once: true });
  if (signal?.aborted === true) onAbort();
  await promise.finally(stop);
}
