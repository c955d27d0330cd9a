import { describe, difference, type FieldDifference, type Layer, Packet } from "../../packet/index.ts";
import { describeTunnel, innermost, type TunnelLayer, unwrap } from "../inner-packet.ts";
import type { Sighting } from "../sighting.ts";
import { type Journey, nodeOfEnd } from "./journey.ts";

/** A tunnel that a packet was put into or taken out of, or that it stayed in while its outer headers changed. */
export interface TunnelChange {
  readonly change: "entered" | "left" | "rewritten";
  readonly tunnel: TunnelLayer;
  /** The headers around the tunnel; after the change where the packet stayed in it. */
  readonly outer: Packet;
  /** What became of them; only where the packet stayed in the tunnel. */
  readonly changes: readonly FieldDifference[];
}

/** One sighting of a packet on its way, and what changed since the one before. */
export interface Hop {
  readonly seen: Sighting;
  /** The sighting of the same packet on the wire before; undefined on the first. */
  readonly previous: Sighting | undefined;
  /** What changed of the packet, apart from the tunnels around it. */
  readonly changes: readonly FieldDifference[];
  /** What changed of the tunnels around it, the innermost first. */
  readonly tunnels: readonly TunnelChange[];
}

/** The hops of one packet. */
export function hopsOfJourney(journey: Journey): readonly Hop[] {
  return journey.map((seen, index) => hop(seen, previousOf(journey, index)));
}

/** The sighting that a packet came from: the latest that led to where it left from, which differs behind a shared segment. */
function previousOf(journey: Journey, index: number): Sighting | undefined {
  const earlier = journey.slice(0, index);
  const seen = journey[index];
  const from = seen === undefined ? "" : nodeOfEnd(seen.tap ?? seen.from);
  return earlier.findLast(({ tap, to }) => nodeOfEnd(tap ?? to) === from) ?? earlier.at(-1);
}

function hop(seen: Sighting, previous: Sighting | undefined): Hop {
  if (previous === undefined) return { seen, previous, changes: [], tunnels: [] };
  const [before, after] = comparable(innermost(previous.packet), innermost(seen.packet));
  return { seen, previous, changes: difference(before, after), tunnels: tunnelChanges(previous.packet, seen.packet) };
}

/** Some tunnels and taps carry a packet without its link header: then that is no difference. */
function comparable(before: Packet, after: Packet): readonly [Packet, Packet] {
  const bare = [before, after].some(({ layers: [first] }) => first?.layer === "ipv4" || first?.layer === "ipv6");
  return bare ? [withoutLink(before), withoutLink(after)] : [before, after];
}

function withoutLink({ layers }: Packet): Packet {
  return new Packet(layers.filter(({ layer }) => layer !== "ethernet" && layer !== "vlan"));
}

function tunnelChanges(before: Packet, after: Packet): readonly TunnelChange[] {
  const [old, now] = [tunnelsOf(before), tunnelsOf(after)];
  const changes: TunnelChange[] = [];
  for (let depth = 0; depth < Math.max(old.length, now.length); depth += 1) {
    const [was, is] = [old[depth], now[depth]];
    if (was === undefined && is !== undefined) changes.push({ change: "entered", ...is, changes: [] });
    else if (was !== undefined && is === undefined) changes.push({ change: "left", ...was, changes: [] });
    else if (was !== undefined && is !== undefined) {
      if (was.tunnel.layer !== is.tunnel.layer || was.tunnel.vni !== is.tunnel.vni) {
        changes.push({ change: "left", ...was, changes: [] }, { change: "entered", ...is, changes: [] });
        continue;
      }
      const outer = difference(wholeHeader(was), wholeHeader(is));
      if (outer.length > 0) changes.push({ change: "rewritten", ...is, changes: outer });
    }
  }
  return changes;
}

/** The headers of a tunnel, its own included: its options may change on the way. */
function wholeHeader({ outer, tunnel }: Around): Packet {
  return new Packet([...outer.layers, tunnel as unknown as Layer]);
}

interface Around {
  readonly tunnel: TunnelLayer;
  readonly outer: Packet;
}

/** The tunnels around a packet, the innermost first. */
function tunnelsOf(packet: Packet): readonly Around[] {
  const tunnelled = unwrap(packet);
  if (tunnelled === undefined) return [];
  const { tunnel, outer, inner } = tunnelled;
  // Lengths and checksums of the outer headers follow from what is inside, which they are not compared with.
  return [...tunnelsOf(inner), { tunnel, outer: new Packet(outer.layers.map(withoutDerived)) }];
}

function withoutDerived(layer: Layer): Layer {
  const kept = Object.entries(layer).filter(([name]) => !derived.has(name));
  return Object.fromEntries(kept) as unknown as Layer;
}

const derived: ReadonlySet<string> = new Set(["checksum", "length", "totalLength", "payloadLength"]);

/** A change on a line: `~ hop limit  64 → 63`, `+ Geneve VNI 1001  outer fd00::1 > fd00::2 hlim 64`. */
export function describeTunnelChange({ change, tunnel, outer }: TunnelChange): string {
  if (change === "left") return `− ${describeTunnel(tunnel)}`;
  return `+ ${describeTunnel(tunnel)}  outer ${describe(outer)}`;
}
