import {
  bfdPort,
  bgpPort,
  ddmDiscoveryPort,
  ddmExchangePort,
  type Icmpv6,
  type Layer,
  multihopBfdPort,
  type Packet,
  type Tcp,
} from "../packet/index.ts";
import type { FramePattern } from "./pattern.ts";

/**
 * A kind of frame that hosts and routers send by themselves, whatever a test does:
 *
 * - `arp`: address resolution of IPv4 (RFC 826)
 * - `igmp`, `mld`: who listens to which multicast group (RFC 9776; RFC 2710 and RFC 3810)
 * - `router-discovery`: router solicitations and advertisements (RFC 4861)
 * - `neighbor-discovery`: neighbour solicitations and advertisements, and redirects (RFC 4861)
 * - `ddm`: discovery, exchange and delay acknowledgments of DDM routers
 * - `lldp`: what systems tell their neighbours about themselves (IEEE 802.1AB)
 * - `bfd`: control packets of forwarding detection (RFC 5880)
 * - `bgp-keepalive`: KEEPALIVE messages of BGP, and bare acknowledgments of its connections (RFC 4271)
 */
export type BackgroundKind =
  "arp" | "igmp" | "mld" | "router-discovery" | "neighbor-discovery" | "ddm" | "lldp" | "bfd" | "bgp-keepalive";

/** Every kind of background: what is passed over unless a test says otherwise. */
export const everydayBackground: ReadonlySet<BackgroundKind> = new Set<BackgroundKind>([
  ...(["arp", "igmp", "mld", "router-discovery", "neighbor-discovery"] as const),
  ...(["ddm", "lldp", "bfd", "bgp-keepalive"] as const),
]);

/**
 * The kind of background that a frame is; undefined if it is none. Only the outermost packet counts: what a tunnel carries is
 * what a test is about.
 */
export function backgroundKind({ layers }: Packet): BackgroundKind | undefined {
  let inNetwork = false;
  for (const [index, layer] of layers.entries()) {
    const isNetwork = layer.layer === "ipv4" || layer.layer === "ipv6";
    const isInner = (isNetwork && inNetwork) || (layer.layer === "ethernet" && index > 0);
    if (isInner || layer.layer === "geneve") return undefined;
    inNetwork ||= isNetwork;
    const kind = kindOf(layer, layers, index);
    if (kind !== undefined) return kind;
  }
  return undefined;
}

/** Whether a frame is background of one of `kinds`, by its outermost packet. */
export function isBackground(packet: Packet, kinds: ReadonlySet<BackgroundKind> = everydayBackground): boolean {
  const kind = backgroundKind(packet);
  return kind !== undefined && kinds.has(kind);
}

/**
 * Whether a pattern is about background frames: it asks for a layer that only they have, for a message of ICMPv6 or BGP, a
 * protocol of IPv4 or an acknowledgment of DDM by name, or for a port of BFD, BGP or DDM by number.
 */
export function asksForBackground(pattern: FramePattern): boolean {
  if (typeof pattern === "function") return false;
  return (
    backgroundLayers.some((name) => patternsOf(pattern[name]).length > 0) ||
    patternsOf(pattern.icmpv6).some((fields) => "message" in fields) ||
    patternsOf(pattern.bgp).some((fields) => "message" in fields) ||
    patternsOf(pattern.ipv4).some((fields) => "protocol" in fields) ||
    patternsOf(pattern.ddm).some((fields) => "acknowledgment" in fields) ||
    asksForPort(patternsOf(pattern.udp), udpPorts) ||
    asksForPort(patternsOf(pattern.tcp), tcpPorts)
  );
}

const icmpv6Kinds: ReadonlyMap<Icmpv6["message"], BackgroundKind> = new Map<Icmpv6["message"], BackgroundKind>([
  ["mldv1-query", "mld"],
  ["mldv1-report", "mld"],
  ["mldv1-done", "mld"],
  ["mldv2-query", "mld"],
  ["mldv2-report", "mld"],
  ["router-solicitation", "router-discovery"],
  ["router-advertisement", "router-discovery"],
  ["neighbor-solicitation", "neighbor-discovery"],
  ["neighbor-advertisement", "neighbor-discovery"],
  ["redirect", "neighbor-discovery"],
]);

const igmpProtocol = 2;
const backgroundLayers = ["arp", "lldp", "bfd", "ddm-discovery"] as const;
const udpPorts: ReadonlySet<unknown> = new Set([bfdPort, multihopBfdPort, ddmDiscoveryPort]);
const tcpPorts: ReadonlySet<unknown> = new Set([bgpPort, ddmExchangePort]);

function kindOf(layer: Layer, layers: readonly Layer[], index: number): BackgroundKind | undefined {
  if (layer.layer === "arp" || layer.layer === "lldp" || layer.layer === "bfd") return layer.layer;
  if (layer.layer === "ddm-discovery") return "ddm";
  if (layer.layer === "ddm") return layer.acknowledgment ? "ddm" : undefined;
  if (layer.layer === "ipv4") return layer.protocol === igmpProtocol ? "igmp" : undefined;
  if (layer.layer === "icmpv6") return icmpv6Kinds.get(layer.message);
  return layer.layer === "tcp" ? segmentKind(layer, layers.slice(index + 1)) : undefined;
}

function segmentKind({ srcPort, dstPort, flags }: Tcp, above: readonly Layer[]): BackgroundKind | undefined {
  if (srcPort === ddmExchangePort || dstPort === ddmExchangePort) return "ddm";
  if (srcPort !== bgpPort && dstPort !== bgpPort) return undefined;
  // Opening, closing and resetting a session are events.
  if (flags.includes("SYN") || flags.includes("FIN") || flags.includes("RST")) return undefined;
  const isQuiet = above.every(
    (layer) => layer.layer === "padding" || (layer.layer === "bgp" && layer.message === "keepalive"),
  );
  return isQuiet ? "bgp-keepalive" : undefined;
}

type Fields = Readonly<Record<string, unknown>>;

function patternsOf(asked: object | false | undefined): readonly Fields[] {
  if (asked === undefined || asked === false) return [];
  return (Array.isArray(asked) ? asked : [asked]) as readonly Fields[];
}

function asksForPort(patterns: readonly Fields[], ports: ReadonlySet<unknown>): boolean {
  return patterns.some(({ srcPort, dstPort }) => ports.has(srcPort) || ports.has(dstPort));
}
