import type { Guest } from "../../guest/index.ts";
import type { FlowTestbed } from "../flow-testbed.ts";
import type { Sighting } from "../sighting.ts";
import type { RecordedPlace } from "../watched.ts";
import { FlowTap, type TapOptions } from "./flow-tap.ts";
import { GuestClock } from "./guest-clock.ts";

/** The taps that record in a testbed, and the clocks of their nodes. */
export class Taps implements AsyncDisposable {
  readonly #bed: FlowTestbed;
  readonly #taps = new Set<FlowTap>();
  /** By node: taps of one node have one clock, so that their times compare. */
  readonly #clocks = new Map<string, Promise<GuestClock>>();

  constructor(bed: FlowTestbed) {
    this.#bed = bed;
  }

  /** Names of those that record now. */
  get names(): readonly string[] {
    return [...this.#taps].map(({ name }) => name);
  }

  /** What expectations and traces read. */
  get places(): readonly RecordedPlace[] {
    return [...this.#taps].map(({ recorded }) => recorded);
  }

  /** Begin to record an interface of a node. */
  async open(node: string, interfaceName: string, options: TapOptions): Promise<FlowTap> {
    const guest = await this.#bed.testbed.node(node).guest();
    const tap = await FlowTap.open(this.#bed, guest, await this.#clockOf(guest), interfaceName, options);
    this.#taps.add(tap);
    return tap;
  }

  /** A tap has ended. */
  forget(tap: FlowTap): void {
    this.#taps.delete(tap);
  }

  /** Note where all taps stand, do something that gives the testbed's new cursor, and let the one stand for the other. */
  async markWith(act: () => Promise<number>): Promise<number> {
    // Before the act: what it causes comes behind.
    const positions = await Promise.all([...this.#taps].map(async (tap) => [tap, await tap.position()] as const));
    const cursor = await act();
    for (const [tap, position] of positions) tap.note(cursor, position);
    return cursor;
  }

  /** What all taps have seen since a cursor. */
  seen(since: number): readonly Sighting[] {
    return [...this.#taps].flatMap((tap) => tap.frames(since));
  }

  /** End all taps. */
  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#taps].map((tap) => tap[Symbol.asyncDispose]()));
    for (const clock of await Promise.allSettled(this.#clocks.values()))
      if (clock.status === "fulfilled") clock.value[Symbol.dispose]();
    this.#clocks.clear();
  }

  #clockOf(guest: Guest): Promise<GuestClock> {
    const opened = this.#clocks.get(guest.node);
    if (opened !== undefined) return opened;
    const opening = this.#wireTime().then((wireTime) => GuestClock.open(guest, wireTime));
    this.#clocks.set(guest.node, opening);
    opening.catch(() => this.#clocks.delete(guest.node));
    return opening;
  }

  /** The clock of the wires' recordings, read once and then followed by that of this process. */
  async #wireTime(): Promise<() => bigint> {
    const before = performance.now();
    const { timestamp } = await this.#bed.testbed.wires.statistics();
    const at = (before + performance.now()) / 2;
    return () => BigInt(timestamp) + BigInt(Math.round((performance.now() - at) * 1e6));
  }
}
