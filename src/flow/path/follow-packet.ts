import { KestrelError } from "../../error/kestrel-error.ts";
import { isBackground } from "../background.ts";
import type { FlowTestbed } from "../flow-testbed.ts";
import type { Sighting } from "../sighting.ts";
import { PacketTrace } from "../trace.ts";
import { patience } from "../wait/patience.ts";
import { checkPlace } from "../wiring.ts";
import { isErrorAbout, packetIdentity } from "./identity.ts";
import { type Journey, journeysOf, nodeOfEnd } from "./journey.ts";

/** How long a packet is followed. */
export interface FollowOptions {
  /** The port or node where its way ends; once it was delivered there, nothing more is waited for. */
  readonly to?: string;
  /** How long it is followed at most, milliseconds: 20 s unless given, or half the time of the test where that is less. */
  readonly within?: number;
  /**
   * Its way has ended when it was not seen again for so long, milliseconds. Unless given: 500 where no end was named, or a wire
   * did not deliver the packet, or somebody refused it; 5000 where it has arrived and only taps have not shown it; as long as
   * it is followed otherwise.
   */
  readonly quietFor?: number;
}

const endedQuietFor = 500;
const tapsQuietFor = 5000;

/**
 * Follow the packet that `isStart` picks among the sightings since the cursor, on all wires and taps, until it has arrived
 * or was not seen any more.
 *
 * @throws KestrelError (flow) when no sighting was picked in time; (input) for a place that is not there
 */
export async function followPacket(
  bed: FlowTestbed,
  what: string,
  isStart: (seen: Sighting) => boolean,
  options: FollowOptions,
  lastWords: readonly string[] = [],
): Promise<PacketTrace> {
  const { to, within = patience() } = options;
  if (to !== undefined) checkPlace(bed.plan, to);
  const latest = performance.now() + within;
  let deadline = latest;
  let start: Sighting | undefined;
  let identity = "";
  /** Those that may be of the packet: all of them until it is known. */
  let candidates: Sighting[] = [];
  let journey: Journey = [];
  const answers: Sighting[] = [];
  const arrived = new AbortController();
  const look = (batch: readonly Sighting[]): void => {
    // Background is never on the way of a packet, unless it is followed itself.
    const shown = batch.filter((seen) => isStart(seen) || !isBackground(seen.packet));
    const isCandidate = (seen: Sighting): boolean => packetIdentity(seen.packet) === identity;
    if (start === undefined) {
      candidates.push(...shown);
      start = shown.find(isStart);
      if (start === undefined) return;
      identity = packetIdentity(start.packet);
      candidates = candidates.filter(isCandidate);
    } else {
      candidates.push(...shown.filter(isCandidate));
    }
    const first = start;
    const known = journey.length + answers.length;
    answers.push(...shown.filter(({ packet }) => isErrorAbout(packet, identity)));
    journey = journeysOf(candidates).find((each) => each.includes(first)) ?? [];
    if (journey.length + answers.length > known) {
      const quietFor = options.quietFor ?? usualQuiet(journey, answers, to) ?? within;
      deadline = Math.min(latest, performance.now() + quietFor);
    }
    if (to !== undefined && hasArrived(journey, to) && unseenTaps(bed, journey).length === 0) arrived.abort();
  };
  await Promise.all(
    (await bed.places()).map(async (place) => {
      for await (const batch of place.follow(bed.cursor, { deadline: () => deadline, signal: arrived.signal })) {
        if (batch.length > 0) look(batch);
      }
    }),
  );
  if (journey.length > 0) return new PacketTrace(journey, { testbed: bed.name, answers: firstOfEach(answers) });
  throw new KestrelError({
    kind: "flow",
    step: "trace a packet",
    subject: bed.name,
    expected: what,
    found: `none on any wire within ${within} ms`,
    lastWords,
  });
}

/** How long a packet is not seen any more until its way counts as ended; undefined for as long as it is followed. */
function usualQuiet(journey: Journey, answers: readonly Sighting[], to: string | undefined): number | undefined {
  if (to === undefined) return endedQuietFor;
  if (hasArrived(journey, to)) return tapsQuietFor;
  const last = journey.findLast(({ tap }) => tap === undefined);
  return answers.length > 0 || (last !== undefined && last.fate !== "delivered") ? endedQuietFor : undefined;
}

/** The first sighting of each packet. */
function firstOfEach(sightings: readonly Sighting[]): readonly Sighting[] {
  return journeysOf(sightings).flatMap(([first]) => first ?? []);
}

/**
 * The taps in nodes that the packet went through which have not shown it yet. What a tap sees comes to the host later than
 * what a wire sees; a tap whose filter passes the packet over is waited for until the packet's way counts as ended.
 */
function unseenTaps(bed: FlowTestbed, journey: Journey): readonly string[] {
  const nodes = new Set(journey.flatMap(({ from, to }) => [nodeOfEnd(from), nodeOfEnd(to)]));
  return bed.taps.names.filter((name) => nodes.has(nodeOfEnd(name)) && !journey.some(({ tap }) => tap === name));
}

/** Whether a wire has delivered the packet to that port or node. */
export function hasArrived(journey: Journey, to: string): boolean {
  return journey.some(
    ({ tap, fate, to: end }) => tap === undefined && fate === "delivered" && (end === to || nodeOfEnd(end) === to),
  );
}
