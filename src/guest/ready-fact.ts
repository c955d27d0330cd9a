import { setTimeout as pause } from "node:timers/promises";
import { KestrelError } from "../error/kestrel-error.ts";
import type { ReadyFact } from "./agent-protocol.ts";

/** How often a fact is looked at that nothing gives notice of; milliseconds. An answer over HTTP costs the node more. */
const pollMs: Readonly<Record<ReadyFact["type"], number>> = { command: 50, file: 50, tcp: 50, http: 200 };

/** A fact in words that follow "expected": "a TCP server on ::1 port 53". */
export function describeFact(fact: ReadyFact): string {
  switch (fact.type) {
    case "command":
      return `"${fact.command}" to exit with 0`;
    case "file":
      return `file ${fact.path}`;
    case "tcp":
      return `a TCP server on ${fact.address} port ${fact.port}`;
    case "http":
      return fact.fact ?? `an answer to GET ${fact.path} on ${fact.address} port ${fact.port} as declared`;
  }
}

/**
 * Look at a fact until it holds. `check` gives undefined when it does, else what is the case instead; it is told how
 * many milliseconds are left.
 *
 * @throws KestrelError (host) with what was found last when it does not hold in time
 */
export async function pollFact(
  fact: ReadyFact,
  check: (remainingMs: number) => Promise<string | undefined>,
  signal: AbortSignal | undefined,
  subject?: string,
): Promise<void> {
  const deadline = performance.now() + fact.timeoutMs;
  let found = await check(fact.timeoutMs);
  while (found !== undefined && performance.now() < deadline) {
    await pause(pollMs[fact.type], undefined, { signal });
    found = await check(Math.max(1, deadline - performance.now()));
  }
  if (found === undefined) return;
  throw new KestrelError({
    kind: "host",
    step: "wait until the node is ready",
    subject,
    expected: `${describeFact(fact)} within ${fact.timeoutMs / 1000} s`,
    found,
  });
}
