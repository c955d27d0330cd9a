import type { Sighting } from "../sighting.ts";
import { hopsToLive, likeness, packetIdentity } from "./identity.ts";

/** All sightings of one packet, in the order of its way. */
export type Journey = readonly Sighting[];

/** Node that an end belongs to: `r1` of `r1:net0`; a segment is its own. */
export function nodeOfEnd(end: string): string {
  const [node = end] = end.split(":");
  return node;
}

/**
 * Tell packets apart and follow each on its way. A packet may cross a wire again in the same direction only with fewer hops
 * to live (a routing loop); otherwise it is another packet that looks the same.
 *
 * Wires order their sightings exactly: their numbers count all frames of the testbed. Taps have another clock, so theirs are
 * put where the packet is inside of the tap's node, between the wire by which it came and the one by which it leaves; the
 * times of one node among each other are exact.
 */
export function journeysOf(sightings: readonly Sighting[]): readonly Journey[] {
  const wires = sightings.filter(({ tap }) => tap === undefined).toSorted((a, b) => a.sequence - b.sequence);
  const taps = sightings.filter(({ tap }) => tap !== undefined).toSorted(byTime);
  const byIdentity = new Map<string, Sighting[][]>();
  for (const seen of [...wires, ...taps]) {
    const identity = packetIdentity(seen.packet);
    const alike = byIdentity.get(identity) ?? [];
    byIdentity.set(identity, alike);
    const journey = bestJourney(alike, seen);
    if (journey === undefined) alike.push([seen]);
    else journey.push(seen);
  }
  return [...byIdentity.values()]
    .flat()
    .map(inOrder)
    .toSorted(([a], [b]) => (a === undefined || b === undefined ? 0 : byTime(a, b)));
}

function byTime(a: Sighting, b: Sighting): number {
  return Number(a.timestampNanoseconds - b.timestampNanoseconds) || a.sequence - b.sequence;
}

/** The journey that a sighting goes on with; undefined when it begins one. */
function bestJourney(journeys: readonly Sighting[][], seen: Sighting): Sighting[] | undefined {
  let best: Sighting[] | undefined;
  let most = 0;
  for (const journey of journeys) {
    const last = journey.at(-1);
    if (last === undefined || !mayGoOn(journey, seen)) continue;
    const alike = Math.max(...journey.map(({ packet }) => likeness(packet, seen.packet)));
    if (alike === 0) continue;
    const adjacent = journey.some((each) => nodeOfEnd(each.to) === nodeOfEnd(seen.from)) ? 1 : 0;
    const score = 2 * alike + adjacent;
    // Of packets that are alike in everything the oldest goes on first: wires and routers keep their order.
    if (score > most) [best, most] = [journey, score];
  }
  return best;
}

function mayGoOn(journey: readonly Sighting[], seen: Sighting): boolean {
  const left = hopsToLive(seen.packet);
  for (const each of journey) {
    const before = hopsToLive(each.packet);
    const again = each.wire === seen.wire && each.direction === seen.direction;
    if (again && (left === undefined || before === undefined || left >= before)) return false;
    // Nobody on the way gives a packet more hops to live.
    if (seen.tap === undefined && each.tap === undefined && left !== undefined && before !== undefined && left > before)
      return false;
  }
  return true;
}

/** Put the sightings of taps where the packet is in their node. */
function inOrder(journey: readonly Sighting[]): Journey {
  const ordered = journey.filter(({ tap }) => tap === undefined);
  const taps = journey.filter(({ tap }) => tap !== undefined).toSorted(byTime);
  // Where the last one of each node was put: the next one of it comes behind.
  const floor = new Map<string, number>();
  for (const seen of taps) {
    const node = nodeOfEnd(seen.tap ?? "");
    const least = floor.get(node) ?? 0;
    const slot = slotOf(ordered, seen, node, least);
    ordered.splice(slot, 0, seen);
    for (const [other, at] of floor) if (at > slot) floor.set(other, at + 1);
    floor.set(node, slot + 1);
  }
  return ordered;
}

/** Where in `ordered` a sighting of a tap belongs. */
function slotOf(ordered: readonly Sighting[], seen: Sighting, node: string, least: number): number {
  let best = ordered.length;
  let most = Number.NEGATIVE_INFINITY;
  for (let slot = least; slot <= ordered.length; slot += 1) {
    const [before, after] = [ordered[slot - 1], ordered[slot]];
    const inside = (isIn(before, node, "to") ? 1 : 0) + (isIn(after, node, "from") ? 1 : 0);
    // Among places that fit as well the clocks decide, as good as they are.
    const distance = Math.max(millisecondsBetween(before, seen), millisecondsBetween(seen, after), 0);
    const score = inside - distance / 1e9;
    if (score > most) [best, most] = [slot, score];
  }
  return best;
}

/** Whether a sighting shows the packet on its way into the node, out of it, or inside. */
function isIn(seen: Sighting | undefined, node: string, end: "from" | "to"): boolean {
  if (seen === undefined) return false;
  return nodeOfEnd(seen.tap ?? seen[end]) === node;
}

function millisecondsBetween(earlier: Sighting | undefined, later: Sighting | undefined): number {
  if (earlier === undefined || later === undefined) return 0;
  return Number(earlier.timestampNanoseconds - later.timestampNanoseconds) / 1e6;
}
