import { once } from "node:events";
import { text } from "node:stream/consumers";
import { KestrelError } from "../error/kestrel-error.ts";
import type { AgentCalls } from "./agent-guest.ts";
import type { ReadyFact } from "./agent-protocol.ts";
import { isConnected } from "./connected.ts";
import type { Guest } from "./guest.ts";
import { httpLook } from "./http-fact.ts";

/** How much of what a failing command printed is told; characters. */
const complaintLength = 500;

/** What a look at a fact has found. */
interface Look {
  /** Undefined when the fact holds, else what is the case instead. */
  readonly found: string | undefined;
  /** Whether it ended because the time was over. */
  readonly cutOff: boolean;
}

/** The guest and the calls to its agent. */
export interface AgentAccess {
  readonly guest: Pick<Guest, "spawn" | "connect">;
  readonly calls: AgentCalls;
}

/**
 * A function that looks at a fact once, for `pollFact`: undefined when it holds, else what is the case instead. A look
 * that had no time to end says less than the one before, whose answer is then given again.
 */
export function factLook(
  access: AgentAccess,
  fact: ReadyFact,
  signal: AbortSignal | undefined,
): (remainingMs: number) => Promise<string | undefined> {
  let before: string | undefined;
  const look = lookFor(access, fact);
  return async (remainingMs) => {
    signal?.throwIfAborted();
    const timeOver = AbortSignal.timeout(Math.ceil(remainingMs));
    const stop = signal === undefined ? timeOver : AbortSignal.any([timeOver, signal]);
    const { found, cutOff } = await look(stop);
    signal?.throwIfAborted();
    if (!cutOff || before === undefined) before = found;
    return found === undefined ? undefined : before;
  };
}

function lookFor({ guest, calls }: AgentAccess, fact: ReadyFact): (stop: AbortSignal) => Promise<Look> {
  switch (fact.type) {
    case "file":
      return async () => ({ found: await faultOf(calls.request("look", { path: fact.path })), cutOff: false });
    case "tcp":
      return (stop) => checkTcp(calls, fact, stop);
    case "command":
      return (stop) => checkCommand(guest, fact.command, stop);
    case "http": {
      const look = httpLook(guest, fact);
      return async (stop) => ({ found: await look(stop), cutOff: stop.aborted });
    }
  }
}

async function checkTcp(
  calls: AgentCalls,
  { port, address }: Extract<ReadyFact, { type: "tcp" }>,
  stop: AbortSignal,
): Promise<Look> {
  const channel = calls.open("connect", { port, address });
  const late = stop.aborted ? Promise.resolve() : once(stop, "abort");
  const found = await Promise.race([isConnected(channel), faultOf(channel.result), late.then(() => "no answer")]);
  channel.cancel();
  await faultOf(channel.result);
  return { found, cutOff: stop.aborted };
}

async function checkCommand(guest: Pick<Guest, "spawn">, command: string, stop: AbortSignal): Promise<Look> {
  const running = guest.spawn(command, { signal: stop });
  running.stdout.destroy();
  const [complaint, { exitCode, signal }] = await Promise.all([text(running.stderr).catch(() => ""), running.result]);
  if (exitCode === 0) return { found: undefined, cutOff: false };
  const end = stop.aborted
    ? "it was still running"
    : exitCode === null
      ? `death by ${signal ?? "a signal"}`
      : `exit code ${exitCode}`;
  const words = complaint.slice(-complaintLength).trim();
  return { found: words === "" ? end : `${end}, ${words}`, cutOff: stop.aborted };
}

/** What went wrong in the node; undefined when nothing did. What is no fault of the node's is thrown. */
async function faultOf(work: Promise<unknown>): Promise<string | undefined> {
  try {
    await work;
    return undefined;
  } catch (error) {
    if (error instanceof KestrelError && error.kind === "input") return error.explanation.found;
    throw error;
  }
}
