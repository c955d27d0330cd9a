import { formatIpv4, formatIpv6, formatMac, parseIpv4, parseIpv6, parseMac } from "../packet/index.ts";
import type { FramePattern } from "./pattern.ts";
import type { Sighting } from "./sighting.ts";

/** What the bytes of a frame alone say about a pattern. `unsure`: it has to be decoded. */
export type GlanceVerdict = "yes" | "no" | "unsure";

/** A field that is compared where it stands: `length` bytes from `offset` into the header. */
interface ByteCheck {
  readonly header: "ethernet" | "ip" | "transport";
  readonly offset: number;
  readonly bytes: Uint8Array;
}

const ethernetBytes = 14;
const ipv4Bytes = 20;
const ipv6Bytes = 40;
/** Shorter than this behind the IP header, a transport header may be malformed. */
const transportBytes = 20;
const shortestTransport: Readonly<Record<number, number>> = { 17: 8, 6: transportBytes, 1: 8, 58: 8 };
const etherTypes = { ipv4: 0x0800, ipv6: 0x86dd } as const;
const protocols = { icmp: 1, tcp: 6, udp: 17, icmpv6: 58 } as const;
/** Of UDP: what follows may be a tunnel, or another protocol that is known by its port. */
const portsBelowWhichProtocolsLive = 1024;

/** TCP ports where routers speak by themselves: BGP, and the exchange of DDM. */
const routingPorts: ReadonlySet<number> = new Set([179, 0xdddd]);

/** Where the headers of a plain frame are; one for all frames, since many are looked at. */
const place = { etherType: 0, protocol: 0, transport: 0 };

/**
 * Make a test of bytes from a pattern. It is exact where it says yes or no: it agrees with decoding the frame and comparing
 * (test/flow/frame-glance.test.ts). Anything that is not Ethernet with a plain IP packet in it, and any question beyond
 * addresses, ports and hops to live, is left to decoding.
 */
export function compileGlance(pattern: FramePattern): (seen: Sighting) => GlanceVerdict {
  if (typeof pattern === "function") return () => "unsure";
  const { from, to, fate = "delivered", ...layers } = pattern;
  const checks: ByteCheck[] = [];
  let etherType: number | undefined;
  let protocol: number | undefined;
  let complete = true;
  let usable = true;
  for (const [name, asked] of Object.entries(layers) as [string, unknown][]) {
    if (asked === undefined) continue;
    const fields = fieldsOf(name, asked);
    if (fields === undefined) {
      complete = false;
      continue;
    }
    if (name === "ipv4" || name === "ipv6") {
      if (etherType !== undefined && etherType !== etherTypes[name]) usable = false;
      etherType = etherTypes[name];
    } else if (name !== "ethernet") {
      const number = protocols[name as keyof typeof protocols];
      if (protocol !== undefined && protocol !== number) usable = false;
      protocol = number;
    }
    for (const [field, value] of fields) {
      const check = byteCheck(name, field, value);
      if (check === undefined) complete = false;
      else checks.push(check);
    }
  }
  if (!usable) return () => "unsure";
  const otherwise: GlanceVerdict = complete ? "yes" : "unsure";
  return (seen) => {
    if (from !== undefined && seen.from !== from) return "no";
    if (to !== undefined && seen.to !== to) return "no";
    if (fate !== "any" && seen.fate !== fate) return "no";
    if (seen.tap !== undefined || !locate(seen.frame)) return "unsure";
    if (etherType !== undefined && place.etherType !== etherType) return "no";
    if (protocol !== undefined && place.protocol !== protocol) return "no";
    for (const check of checks) if (!holds(check, seen.frame)) return "no";
    return otherwise;
  };
}

/** Whether the bytes alone show that a frame is UDP or TCP on ports where nobody speaks by himself: no background. */
export function isPlainTraffic({ tap, frame }: Sighting): boolean {
  if (tap !== undefined || !locate(frame)) return false;
  if (place.protocol === protocols.udp) return true;
  return place.protocol === protocols.tcp && !isRouting(frame, 0) && !isRouting(frame, 2);
}

function isRouting(frame: Buffer, offset: number): boolean {
  return routingPorts.has(frame.readUInt16BE(place.transport + offset));
}

/** Find the headers of a plain frame. False for everything else. */
function locate(frame: Buffer): boolean {
  if (frame.length < ethernetBytes + ipv4Bytes) return false;
  const etherType = frame.readUInt16BE(12);
  const ip = ethernetBytes;
  let end: number;
  if (etherType === etherTypes.ipv6) {
    if (frame.length < ip + ipv6Bytes || (frame[ip] ?? 0) >> 4 !== 6) return false;
    place.protocol = frame[ip + 6] ?? 0;
    place.transport = ip + ipv6Bytes;
    end = place.transport + frame.readUInt16BE(ip + 4);
  } else if (etherType === etherTypes.ipv4) {
    // Version 4, no options, no fragment.
    if (frame[ip] !== 0x45 || (frame.readUInt16BE(ip + 6) & 0x3fff) !== 0) return false;
    place.protocol = frame[ip + 9] ?? 0;
    place.transport = ip + ipv4Bytes;
    end = ip + frame.readUInt16BE(ip + 2);
  } else {
    return false;
  }
  const shortest = shortestTransport[place.protocol];
  if (shortest === undefined || end > frame.length || end - place.transport < shortest) return false;
  place.etherType = etherType;
  if (place.protocol === protocols.udp) return isPlainPort(frame, 0) && isPlainPort(frame, 2);
  if (place.protocol === protocols.tcp) return (frame[place.transport + 12] ?? 0) >> 4 === 5;
  return true;
}

/** Whether nothing is known to be spoken on that UDP port. */
function isPlainPort(frame: Buffer, offset: number): boolean {
  const port = frame.readUInt16BE(place.transport + offset);
  return port === 9 || (port >= portsBelowWhichProtocolsLive && !spoken.has(port));
}

/** Geneve, VXLAN, BFD (RFC 5881, RFC 5883), DDM. */
const spoken: ReadonlySet<number> = new Set([6081, 4789, 3784, 3785, 4784, 0xddd]);

function holds({ header, offset, bytes }: ByteCheck, frame: Buffer): boolean {
  const begin = (header === "ethernet" ? 0 : header === "ip" ? ethernetBytes : place.transport) + offset;
  for (let index = 0; index < bytes.length; index += 1) if (frame[begin + index] !== bytes[index]) return false;
  return true;
}

/** The fields asked of one layer that is compared by its bytes; undefined for what only decoding can tell. */
function fieldsOf(name: string, asked: unknown): readonly [string, unknown][] | undefined {
  if (name !== "ethernet" && !Object.hasOwn(etherTypes, name) && !Object.hasOwn(protocols, name)) return undefined;
  if (asked === false || Array.isArray(asked)) return undefined;
  return Object.entries(asked as object).filter(([, value]) => value !== undefined);
}

function byteCheck(layer: string, field: string, value: unknown): ByteCheck | undefined {
  const bytes = bytesOf(layer, field, value);
  const spot = spots[`${layer}.${field}`];
  return bytes === undefined || spot === undefined ? undefined : { ...spot, bytes };
}

const spots: Readonly<Record<string, Omit<ByteCheck, "bytes"> | undefined>> = {
  "ethernet.dst": { header: "ethernet", offset: 0 },
  "ethernet.src": { header: "ethernet", offset: 6 },
  "ipv4.ttl": { header: "ip", offset: 8 },
  "ipv4.src": { header: "ip", offset: 12 },
  "ipv4.dst": { header: "ip", offset: 16 },
  "ipv6.hopLimit": { header: "ip", offset: 7 },
  "ipv6.src": { header: "ip", offset: 8 },
  "ipv6.dst": { header: "ip", offset: 24 },
  "udp.srcPort": { header: "transport", offset: 0 },
  "udp.dstPort": { header: "transport", offset: 2 },
  "tcp.srcPort": { header: "transport", offset: 0 },
  "tcp.dstPort": { header: "transport", offset: 2 },
};

function bytesOf(layer: string, field: string, value: unknown): Uint8Array | undefined {
  if (typeof value === "number") {
    const limit = layer.startsWith("ip") ? 0xff : 0xffff;
    if (!Number.isInteger(value) || value < 0 || value > limit) return undefined;
    return limit === 0xff ? Uint8Array.of(value) : Uint8Array.of(value >> 8, value & 0xff);
  }
  if (typeof value !== "string" || (field !== "src" && field !== "dst")) return undefined;
  const { read, write } = addressForms[layer] ?? {};
  try {
    const bytes = read?.(value);
    // Decoded addresses are compared as text: another way to write one matches nothing.
    return bytes !== undefined && write?.(bytes) === value ? bytes : undefined;
  } catch {
    return undefined;
  }
}

const addressForms: Readonly<
  Record<string, { readonly read: (text: string) => Uint8Array; readonly write: (bytes: Uint8Array) => string }>
> = {
  ethernet: { read: parseMac, write: (bytes) => formatMac(bytes) },
  ipv4: { read: parseIpv4, write: (bytes) => formatIpv4(bytes) },
  ipv6: { read: parseIpv6, write: (bytes) => formatIpv6(bytes) },
};
