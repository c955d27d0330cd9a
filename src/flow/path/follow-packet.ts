import { KestrelError } from "../../error/kestrel-error.ts";
import { isBackground } from "../background.ts";
import type { FlowTestbed } from "../flow-testbed.ts";
import type { Sighting } from "../sighting.ts";
import { PacketTrace } from "../trace.ts";
import { checkPlace } from "../wiring.ts";
import { isErrorAbout, packetIdentity } from "./identity.ts";
import { type Journey, journeysOf, nodeOfEnd } from "./journey.ts";

/** How long a packet is followed. */
export interface FollowOptions {
  /** The port or node where its way ends; once it was delivered there, nothing more is waited for. */
  readonly to?: string;
  /** How long it is followed at most, milliseconds: 2000 unless given. */
  readonly within?: number;
  /** Its way has ended when it was not seen again for so long, milliseconds: 500 unless given. */
  readonly quietFor?: number;
}

const defaultWithin = 2000;
const defaultQuietFor = 500;

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
  const { to, within = defaultWithin, quietFor = defaultQuietFor } = options;
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
    answers.push(...shown.filter(({ packet }) => isErrorAbout(packet, identity)));
    const first = start;
    const before = journey.length;
    journey = journeysOf(candidates).find((each) => each.includes(first)) ?? [];
    if (journey.length > before) deadline = Math.min(latest, performance.now() + quietFor);
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
