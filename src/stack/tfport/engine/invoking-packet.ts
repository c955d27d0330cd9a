import { readWord } from "./sidecar-frame.ts";

/** Why no ICMP error may be sent about a packet. */
export type ErrorRefusal =
  /** Not an IP packet, or cut off. */
  | "unreadable"
  /** An ICMP error itself, a redirect, or ICMP of a type that is not known (RFC 4443, section 2.4 (e.1, e.2)). */
  | "about-error"
  /** Its destination is not one host, or its frame was not for one station (e.3 to e.5; RFC 1122, section 3.2.2). */
  | "multicast"
  /** Its source does not tell one host (e.6). */
  | "no-source"
  /** A fragment other than the first (RFC 1122, section 3.2.2). */
  | "later-fragment";

/** The packet that an ICMP error is about, as far as the error needs to know it. */
export interface InvokingPacket {
  readonly family: 4 | 6;
  /** Its source address, 4 or 16 bytes. */
  readonly source: Uint8Array;
  /** The packet from its IP header on, without what its frame had behind it. */
  readonly bytes: Uint8Array;
}

const ETHERTYPE_IPV4 = 0x0800;
const ETHERTYPE_IPV6 = 0x86dd;
const ICMP = 1;
const ICMPV6 = 58;
const FRAGMENT = 44;
const AUTHENTICATION = 51;
const NO_NEXT_HEADER = 59;
/** The extension header of delay-driven multipath, whose second byte is its length in bytes, less one. */
const DDM = 0xdd;
/** Hop-by-hop options, routing, destination options, mobility, HIP, shim6: length in units of 8 bytes, the first not counted. */
const extensions: ReadonlySet<number> = new Set([0, 43, 60, 135, 139, 140]);
/** ICMP messages that ask or answer; all others are errors or not known (RFC 792, RFC 950, RFC 1256, RFC 8335). */
const queries: ReadonlySet<number> = new Set([0, 8, 9, 10, 13, 14, 15, 16, 17, 18, 42, 43]);
const ICMPV6_REDIRECT = 137;

/** Look at the packet that is `bytes` from its network layer on. A refusal says why no error may be sent about it. */
export function invokingPacket(etherType: number, bytes: Uint8Array): InvokingPacket | ErrorRefusal {
  if (etherType === ETHERTYPE_IPV4) return invokingIpv4(bytes);
  return etherType === ETHERTYPE_IPV6 ? invokingIpv6(bytes) : "unreadable";
}

function invokingIpv4(bytes: Uint8Array): InvokingPacket | ErrorRefusal {
  const first = bytes[0] ?? 0;
  const headerLength = (first & 0xf) * 4;
  const totalLength = readWord(bytes, 2);
  if (first >> 4 !== 4 || headerLength < 20 || totalLength < headerLength || totalLength > bytes.length) {
    return "unreadable";
  }
  const source = bytes.subarray(12, 16);
  if (!isHostIpv4(source)) return "no-source";
  const destination = bytes[16] ?? 0;
  // 224.0.0.0/4 are groups; of 240.0.0.0/4 only the broadcast address is in use.
  if (destination >= 0xe0) return "multicast";
  if ((readWord(bytes, 6) & 0x1fff) !== 0) return "later-fragment";
  if (bytes[9] === ICMP) {
    if (totalLength === headerLength) return "unreadable";
    if (!queries.has(bytes[headerLength] ?? 0)) return "about-error";
  }
  return { family: 4, source, bytes: bytes.subarray(0, totalLength) };
}

/** Neither this network, nor this host, nor a group (RFC 1122, section 3.2.1.3). */
function isHostIpv4(address: Uint8Array): boolean {
  const [first = 0] = address;
  return first !== 0 && first !== 127 && first < 0xe0;
}

function invokingIpv6(bytes: Uint8Array): InvokingPacket | ErrorRefusal {
  const end = 40 + readWord(bytes, 4);
  if ((bytes[0] ?? 0) >> 4 !== 6 || end > bytes.length) return "unreadable";
  const source = bytes.subarray(8, 24);
  if (!isHostIpv6(source)) return "no-source";
  if (bytes[24] === 0xff) return "multicast";
  const packet = bytes.subarray(0, end);
  return refusalOfIpv6Body(packet) ?? { family: 6, source, bytes: packet };
}

/** Neither unspecified, nor this host, nor a group. */
function isHostIpv6(address: Uint8Array): boolean {
  if (address[0] === 0xff) return false;
  const last = address[15] ?? 0;
  return last > 1 || address.some((byte, at) => at < 15 && byte !== 0);
}

function refusalOfIpv6Body(packet: Uint8Array): ErrorRefusal | undefined {
  let next = packet[6] ?? 0;
  let at = 40;
  for (;;) {
    if (next === NO_NEXT_HEADER) return undefined;
    if (next === ICMPV6) {
      if (at >= packet.length) return "unreadable";
      const type = packet[at] ?? 0;
      return type < 128 || type === ICMPV6_REDIRECT ? "about-error" : undefined;
    }
    const length = extensionLength(next, packet[at + 1] ?? 0);
    if (length === undefined) return undefined;
    if (at + length > packet.length) return "unreadable";
    if (next === FRAGMENT && (readWord(packet, at + 2) & 0xfff8) !== 0) return "later-fragment";
    next = packet[at] ?? 0;
    at += length;
  }
}

/** The bytes of an extension header; undefined for what is none. */
function extensionLength(header: number, lengthByte: number): number | undefined {
  if (header === FRAGMENT) return 8;
  if (header === DDM) return lengthByte + 1;
  if (header === AUTHENTICATION) return (lengthByte + 2) * 4;
  return extensions.has(header) ? (lengthByte + 1) * 8 : undefined;
}
