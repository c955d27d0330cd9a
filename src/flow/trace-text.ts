import { describe, type FieldDifference, type Layer, Packet } from "../packet/index.ts";
import { describePacket } from "./inner-packet.ts";
import { formatValue } from "./pattern-text.ts";
import { describeTunnelChange, type Hop, type TunnelChange } from "./path/hop.ts";
import { elapsed } from "./sighting.ts";

/** How people call the fields that hops rewrite. */
const fieldNames: Readonly<Record<string, string>> = {
  "ethernet.src": "source MAC",
  "ethernet.dst": "destination MAC",
  "ipv4.ttl": "TTL",
  "ipv4.checksum": "header checksum",
  "ipv4.src": "source address",
  "ipv4.dst": "destination address",
  "ipv6.hopLimit": "hop limit",
  "ipv6.src": "source address",
  "ipv6.dst": "destination address",
  "udp.srcPort": "source port",
  "udp.dstPort": "destination port",
  "tcp.srcPort": "source port",
  "tcp.dstPort": "destination port",
};

const indent = " ".repeat(21);

/**
 * Hops as a person reads them: one heading a wire, left end as declared first; below it each frame with its time, its
 * direction, what it was, its MACs, and what changed since the wire before.
 */
export function traceText(hops: readonly Hop[]): string {
  const [first] = hops;
  if (first === undefined) return "no wire carried anything";
  const origin = first.seen.timestampNanoseconds;
  return hops
    .flatMap((hop, index) => {
      const { seen } = hop;
      const heading = hops[index - 1]?.seen.wire === seen.wire ? [] : [`  ${headingOf(hop)}`];
      const arrow = seen.direction === "aToB" ? "──▶" : "◀──";
      const fate = seen.fate === "delivered" ? "" : `  ✗ not delivered: ${seen.fate}`;
      return [
        ...heading,
        `    ${elapsed(seen, origin).padStart(11)}  ${arrow}  ${describePacket(seen.packet)}${fate}`,
        ...macLine(hop),
        ...changeLines(hop).map((line) => `${indent}${line}`),
      ];
    })
    .join("\n");
}

/** What a hop did to the packet and to the tunnels around it, a line each. */
export function changeLines({ changes, tunnels }: Hop): readonly string[] {
  return [...tunnels.flatMap(tunnelLines), ...changes.map((change) => changeLine(change))];
}

function tunnelLines(change: TunnelChange): readonly string[] {
  if (change.change !== "rewritten") return [describeTunnelChange(change)];
  return change.changes.map((each) => changeLine(each, "outer "));
}

function changeLine({ layer, field, before, after }: FieldDifference, prefix = ""): string {
  if (field === "layer") {
    const [sign, whole] = after === undefined ? ["−", before] : ["+", after];
    return `${sign} ${prefix}${describe(new Packet([whole as Layer]))}`;
  }
  const name = fieldNames[`${layer}.${field}`] ?? `${layer} ${field}`;
  return `~ ${prefix}${name}  ${formatValue(before)} → ${formatValue(after)}`;
}

function headingOf({ seen: { direction, from, to, tap } }: Hop): string {
  if (tap !== undefined) return `${tap} (tap)`;
  const [left, right] = direction === "aToB" ? [from, to] : [to, from];
  return `${left} ━━━━━ ${right}`;
}

function macLine({ seen, previous }: Hop): string[] {
  const ethernet = seen.packet.find("ethernet");
  // After the first hop the changed MACs are shown as such.
  return ethernet === undefined || previous !== undefined ? [] : [`${indent}MAC ${ethernet.src} > ${ethernet.dst}`];
}
