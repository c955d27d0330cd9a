import { isBackground } from "./background.ts";
import { describePacket } from "./inner-packet.ts";
import { type Hop, hopsOfJourney } from "./path/hop.ts";
import { type Journey, journeysOf } from "./path/journey.ts";
import type { Sighting } from "./sighting.ts";
import { traceText } from "./trace-text.ts";

/** What wires and taps saw, hop by hop, in time order and without background. */
export class Trace {
  readonly sightings: readonly Sighting[];
  readonly hops: readonly Hop[];
  /** The same, packet by packet. */
  readonly packets: readonly PacketTrace[];

  constructor(recorded: readonly Sighting[]) {
    this.sightings = recorded.filter(({ packet }) => !isBackground(packet));
    this.packets = journeysOf(this.sightings).map((journey) => new PacketTrace(journey));
    const hops = new Map(this.packets.flatMap((packet) => packet.hops.map((hop) => [hop.seen, hop] as const)));
    this.hops = this.sightings.flatMap((seen) => hops.get(seen) ?? []);
  }

  /** The text a person reads: wires, arrows, headers, and what each hop changed. */
  toString(): string {
    return traceText(this.hops);
  }
}

/** The way of one packet: where it was seen, in order, and what each hop did to it. */
export class PacketTrace {
  readonly sightings: Journey;
  readonly hops: readonly Hop[];

  /** Name of the testbed; undefined when it was not said. */
  readonly testbed: string | undefined;
  /** ICMP errors that were sent about it, each where it was seen first. */
  readonly answers: readonly Sighting[];

  constructor(
    journey: Journey,
    about: { readonly testbed?: string | undefined; readonly answers?: readonly Sighting[] } = {},
  ) {
    this.testbed = about.testbed;
    this.answers = about.answers ?? [];
    this.sightings = journey;
    this.hops = hopsOfJourney(journey);
  }

  /** The text a person reads: wires, arrows, headers, and what each hop changed. */
  toString(): string {
    return [traceText(this.hops), ...this.answers.map(answerLine)].join("\n");
  }
}

function answerLine({ from, packet }: Sighting): string {
  return `  ${from} answered  ${describePacket(packet)}`;
}
