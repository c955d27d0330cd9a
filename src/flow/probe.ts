import { isIP } from "node:net";
import { KestrelError } from "../error/kestrel-error.ts";
import { icmp, icmpv6, ipv4, ipv6, packet, type Packet, payload, udp } from "../packet/index.ts";
import type { FlowPort } from "./flow-port.ts";
import type { FlowTestbed } from "./flow-testbed.ts";
import { linkToNextHop } from "./next-hop.ts";
import { checkPlace } from "./wiring.ts";

/** A packet to be followed. */
export interface ProbeOptions {
  /** Where to: a node, a port, or an address. */
  readonly to: string;
  /** IPv6 unless given, where both ends have it. */
  readonly family?: "ipv4" | "ipv6" | undefined;
  /** A UDP datagram to that port, instead of an echo request. */
  readonly udpPort?: number | undefined;
  /** 64 unless given. */
  readonly hopLimit?: number | undefined;
  /** The port whose MAC it is sent to, instead of the one at the other end of the wire. */
  readonly via?: string | undefined;
}

const sourcePort = 33_434;

/**
 * A packet from a port to a node, as the port's node would send it.
 *
 * @throws KestrelError (input) when the ends have no addresses of one family
 */
export async function probe(from: FlowPort, options: ProbeOptions): Promise<Packet> {
  const { hopLimit = 64, udpPort, via } = options;
  const { src, dst } = addresses(from, options);
  const isIpv6 = dst.includes(":");
  const link = linkToNextHop(from, await from.bed.wiring(), via);
  const network = isIpv6 ? ipv6({ src, dst, hopLimit }) : ipv4({ src, dst, ttl: hopLimit });
  const echo = { message: "echo-request", identifier: 0x6b65, sequence: 1 } as const;
  const transport =
    udpPort !== undefined ? udp({ srcPort: sourcePort, dstPort: udpPort }) : isIpv6 ? icmpv6(echo) : icmp(echo);
  return packet(link, network, transport, payload(`kestrel trace ${Date.now()}`));
}

/**
 * Whether a packet goes to a node or port of the testbed, at which it can be seen to arrive, and not just to an address.
 *
 * @throws KestrelError (input) with the nearest name when it is neither
 */
export function isPlaceOfTestbed({ plan }: FlowTestbed, to: string): boolean {
  const [node, port] = to.split(":");
  const isPlace = plan.nodes.some(
    ({ name, ports }) => name === node && (port === undefined || ports.some((each) => each.name === port)),
  );
  if (!isPlace && isIP(to) === 0) checkPlace(plan, to);
  return isPlace;
}

function addresses(from: FlowPort, { to, family }: ProbeOptions): { readonly src: string; readonly dst: string } {
  const destinations = destinationsOf(from.bed, to);
  const sources = from.plan.addresses.map(withoutLength);
  const wanted = family === undefined ? [true, false] : [family === "ipv6"];
  for (const isIpv6 of wanted) {
    const [src, dst] = [sources, destinations].map((each) => each.find((address) => address.includes(":") === isIpv6));
    if (src !== undefined && dst !== undefined) return { src, dst };
  }
  throw new KestrelError({
    kind: "input",
    step: "address a packet",
    subject: `${from.name} to ${to}`,
    expected: `addresses of ${family === undefined ? "one family" : family === "ipv6" ? "IPv6" : "IPv4"} at both ends`,
    found: `${sources.join(", ") || "none"} and ${destinations.join(", ") || "none"}`,
  });
}

function destinationsOf(bed: FlowTestbed, to: string): readonly string[] {
  if (isPlaceOfTestbed(bed, to)) {
    const [name, port] = to.split(":");
    const node = bed.plan.nodes.find((each) => each.name === name);
    const ports = node?.ports.filter((each) => port === undefined || each.name === port) ?? [];
    return ports.flatMap((each) => each.addresses.map(withoutLength));
  }
  return [to];
}

function withoutLength(address: string): string {
  const [text = ""] = address.split("/");
  return text;
}
