import { type Layer, type Packet, PacketError, parse } from "../../packet/index.ts";
import { innermost } from "../inner-packet.ts";

/*
 * What makes a packet the same packet on another wire: what no hop on its way may change.
 *
 *   kept by    routers   NAT   tunnels
 *   payload    yes       yes   yes (inside)        part of the identity
 *   TCP sequence, acknowledgment, flags            part of the identity
 *   ICMP type, code, sequence                      part of the identity
 *   fragment offset                                part of the identity
 *   ICMP echo identifier, ports, addresses         no NAT keeps all of them: they only tell apart what is alike
 *   IPv4 identification                            kept by routers and NAT, but zero or the same for many packets: as above
 *   MACs, hops to live, checksums, ECN, TCP options and window, link padding: rewritten on the way, looked at by nobody
 *
 * A packet is compared by what is inside of all tunnels. ICMP errors quote the packet that they are about, which a NAT
 * translates as well: of the quotation the same parts count.
 */

/** The part of a packet that stays the same on its whole way, as text. */
export function packetIdentity(packet: Packet): string {
  const { layers } = innermost(packet);
  const ip = lastIp(layers);
  if (ip === -1) return `link ${layers.filter(isPartOfPacket).map(wholeLayer).join(" ")}`;
  return layers
    .slice(ip)
    .filter(isPartOfPacket)
    .map((layer) => layerIdentity(layer, layers))
    .filter((part) => part !== "")
    .join(" ");
}

/** Whether a packet is an ICMP error about a packet of that identity. */
export function isErrorAbout(packet: Packet, identity: string): boolean {
  return packetIdentity(packet).endsWith(`${about} ${identity}`);
}

/**
 * How many of the marks that a hop may rewrite two packets of the same identity share: addresses, ports, identifiers. Zero
 * means that they are different packets that carry the same.
 */
export function likeness(a: Packet, b: Packet): number {
  const [left, right] = [marksOf(a), marksOf(b)];
  return [...left].filter(([name, value]) => right.get(name) === value).length;
}

/** Hops that the packet inside of all tunnels has left to live; undefined where there is no IP header. */
export function hopsToLive(packet: Packet): number | undefined {
  const { layers } = innermost(packet);
  const layer = layers[lastIp(layers)];
  if (layer?.layer === "ipv4") return layer.ttl;
  return layer?.layer === "ipv6" ? layer.hopLimit : undefined;
}

function lastIp(layers: readonly Layer[]): number {
  return layers.findLastIndex(({ layer }) => layer === "ipv4" || layer === "ipv6");
}

function isPartOfPacket({ layer }: Layer): boolean {
  return layer !== "padding";
}

function layerIdentity(layer: Layer, layers: readonly Layer[]): string {
  if (rewrittenAtWill.has(layer.layer)) return "";
  if (layer.layer === "ipv4") {
    const { fragmentOffset, moreFragments, identification } = layer;
    return fragmentOffset > 0 || moreFragments ? `fragment ${identification} ${fragmentOffset}` : "";
  }
  if (layer.layer === "tcp") return `tcp ${layer.sequence} ${layer.acknowledgment} ${layer.flags.join()}`;
  if (layer.layer === "udp") return "udp";
  if (layer.layer === "icmp" || layer.layer === "icmpv6") return icmpIdentity(layer);
  return layer.layer === "payload" ? payloadIdentity(layer.data, layers) : wholeLayer(layer);
}

/** Headers of which nothing is sure to be kept. */
const rewrittenAtWill: ReadonlySet<string> = new Set(["ipv6", "hop-by-hop", "routing", "destination-options"]);

function icmpIdentity(layer: Extract<Layer, { layer: "icmp" | "icmpv6" }>): string {
  return `icmp ${text({ ...layer, layer: undefined, identifier: undefined, checksum: undefined })}`;
}

function payloadIdentity(data: Uint8Array, layers: readonly Layer[]): string {
  const error = layers.find((layer) => layer.layer === "icmp" || layer.layer === "icmpv6");
  if (error === undefined || !quotes.has(error.message)) return Buffer.from(data).toString("latin1");
  try {
    return `${about} ${packetIdentity(parse(data, error.layer === "icmp" ? "ipv4" : "ipv6"))}`;
  } catch (failure) {
    if (failure instanceof PacketError) return Buffer.from(data).toString("latin1");
    throw failure;
  }
}

/** What stands between an error and what it quotes. */
const about = "about";

const quotes: ReadonlySet<string> = new Set([
  "destination-unreachable",
  "packet-too-big",
  "time-exceeded",
  "parameter-problem",
  "redirect",
]);

function wholeLayer(layer: Layer): string {
  return layer.layer === "ethernet" ? "" : text(layer);
}

function text(value: unknown): string {
  return JSON.stringify(value, (_key, each: unknown) => {
    if (each instanceof Uint8Array) return Buffer.from(each).toString("latin1");
    return typeof each === "bigint" ? String(each) : each;
  });
}

function marksOf(packet: Packet): Map<string, string | number> {
  const { layers } = innermost(packet);
  const marks = new Map<string, string | number>();
  const ip = lastIp(layers);
  // What has no addresses to be translated is told apart by its identity alone.
  if (ip === -1) marks.set("link", "");
  for (const layer of layers.slice(Math.max(0, ip))) {
    if (layer.layer === "ipv4" || layer.layer === "ipv6") {
      marks.set("src", layer.src).set("dst", layer.dst);
      if (layer.layer === "ipv4" && layer.identification !== 0) marks.set("identification", layer.identification);
    } else if (layer.layer === "udp" || layer.layer === "tcp") {
      marks.set("srcPort", layer.srcPort).set("dstPort", layer.dstPort);
    } else if ((layer.layer === "icmp" || layer.layer === "icmpv6") && "identifier" in layer) {
      marks.set("identifier", layer.identifier);
    }
  }
  return marks;
}
