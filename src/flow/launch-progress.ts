import type { TestbedEvent } from "../testbed/index.ts";
import type { PoolListener } from "./run/testbed-pool.ts";

/** A launch that takes longer than this is worth telling about, milliseconds. */
const patienceMilliseconds = 5000;

/** Tells about a launch, but only when it is slow or fails. */
export class LaunchProgress {
  readonly #testbed: string;
  readonly #print: (line: string) => void;
  #held: string[] | undefined = [];

  constructor(testbed: string, print: (line: string) => void = (line) => process.stderr.write(`${line}\n`)) {
    this.#testbed = testbed;
    this.#print = print;
  }

  readonly follow = (event: TestbedEvent): void => {
    const text = describeTestbedEvent(event);
    if (text === undefined) return;
    const line = `${this.#testbed} ${(event.elapsedMs / 1000).toFixed(1).padStart(5)} s  ${text}`;
    if (this.#held === undefined) this.#print(line);
    else this.#held.push(line);
    if (event.elapsedMs >= patienceMilliseconds) this.tell();
  };

  /** Print what has been held back, and from now on everything at once. */
  tell(): void {
    for (const line of this.#held ?? []) this.#print(line);
    this.#held = undefined;
  }
}

/** What tells, on the standard error, of the launches of a pool that are slow or fail. */
export function launchTeller(): PoolListener {
  const progress = new Map<string, LaunchProgress>();
  return {
    onEvent: (name, event) => {
      const known = progress.get(name) ?? new LaunchProgress(name);
      progress.set(name, known);
      known.follow(event);
    },
    onLaunchFailed: (name) => progress.get(name)?.tell(),
  };
}

/** An event in a few words; undefined for what says nothing new. */
export function describeTestbedEvent(event: TestbedEvent): string | undefined {
  switch (event.type) {
    case "phase":
    case "notice":
    case "panel":
      return event.message;
    case "progress":
      return `${event.step}: ${event.message}`;
    case "node":
      return `${event.node} ${event.state}${event.message === undefined ? "" : ` (${event.message})`}`;
    case "node-failed":
      return `${event.node} failed: ${event.error.message}`;
    case "wire":
      return `${event.wire}: ${event.message}`;
    case "state":
      return undefined;
  }
}
