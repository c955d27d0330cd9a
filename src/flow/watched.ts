import { KestrelError } from "../error/kestrel-error.ts";
import type { FlowTestbed } from "./flow-testbed.ts";
import type { Sighting } from "./sighting.ts";

/** A place where frames are recorded, made ready to be read. */
export interface RecordedPlace {
  /** As a person names it: `wire h1:net0--r1:net0`, `tap r1:gnv0`. */
  readonly subject: string;
  /** What its sightings have as {@link Sighting.wire}. */
  readonly wire: string;
  /**
   * Everything recorded since `since` (a sequence number of the testbed's wires), then what comes, as it comes.
   *
   * @throws KestrelError (flow) when frames were lost before they could be read
   */
  follow(since: number, until: Until): AsyncGenerator<readonly Sighting[]>;
}

/** How long a recording is followed. */
export interface Until {
  /** Milliseconds of `performance.now()`; may be put off meanwhile. */
  readonly deadline: () => number;
  /** Ends it at once, without what has been recorded since the last batch. */
  readonly signal?: AbortSignal | undefined;
}

/** Something that expectations can be about: a wire; a port, which stands for the wire it is plugged into; a tap. */
export interface Watched {
  readonly bed: FlowTestbed;
  readonly name: string;
  /** What is read. @throws KestrelError (input) when there is no such wire, or none plugged into the port */
  place(): Promise<RecordedPlace>;
}

/** Several wires, ports or taps that an expectation is about at once. */
export class WatchedGroup {
  readonly members: readonly Watched[];
  /** What the members are part of. */
  readonly bed: FlowTestbed;
  /** How many of them have to carry the frames. */
  readonly quantifier: "any" | "all" | "none";

  /**
   * The names that read like sentences are {@link anyOf}, {@link allOf} and {@link noneOf}.
   *
   * @throws KestrelError (input) when there is nothing to watch
   */
  constructor(quantifier: WatchedGroup["quantifier"], members: readonly Watched[]) {
    const [first] = members;
    if (first === undefined) {
      throw new KestrelError({
        kind: "input",
        step: "watch several wires",
        subject: `${quantifier}Of()`,
        expected: "wires, ports or taps",
        found: "none",
      });
    }
    this.quantifier = quantifier;
    this.members = members;
    this.bed = first.bed;
  }
}

/** At least one of them: `expect(anyOf(bed.wire(a), bed.wire(b))).toCarry(…)`. */
export function anyOf(...members: readonly Watched[]): WatchedGroup {
  return new WatchedGroup("any", members);
}

/** Each of them. */
export function allOf(...members: readonly Watched[]): WatchedGroup {
  return new WatchedGroup("all", members);
}

/** Not one of them. */
export function noneOf(...members: readonly Watched[]): WatchedGroup {
  return new WatchedGroup("none", members);
}
