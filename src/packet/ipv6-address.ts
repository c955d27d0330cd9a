import { formatIpv4, parseIpv4 } from "./ipv4-address.ts";
import { formatMac, parseMac } from "./mac.ts";
import { PacketError } from "./packet-error.ts";

/** The address of no interface, `::`. */
export const unspecifiedIpv6 = "::";

/** The group of all nodes on the link (RFC 4291 section 2.7.1). */
export const allNodesIpv6 = "ff02::1";

/** The group of all routers on the link (RFC 4291 section 2.7.1). */
export const allRoutersIpv6 = "ff02::2";

/**
 * The sixteen bytes of an IPv6 address in any form of RFC 4291 section 2.2, without a zone.
 * Throws {@link PacketError} for anything else.
 */
export function parseIpv6(text: string): Uint8Array {
  const bytes = readIpv6(text);
  if (bytes === undefined) {
    throw new PacketError("read IPv6 address", [`expected an address like fd00:1::1, found "${text}"`]);
  }
  return bytes;
}

/** The sixteen bytes of `bytes` at `offset` as text, the way RFC 5952 recommends. */
export function formatIpv6(bytes: Uint8Array, offset = 0): string {
  const groups = Array.from({ length: 8 }, (_, i) => wordAt(bytes, offset + 2 * i));
  if (isIpv4Mapped(groups)) return `::ffff:${formatIpv4(bytes, offset + 12)}`;
  let zerosAt = 0;
  let zeros = 0;
  for (let at = 0; at < 8; at++) {
    let run = 0;
    while (at + run < 8 && groups[at + run] === 0) run++;
    if (run > zeros) [zerosAt, zeros] = [at, run];
    at += run;
  }
  const hex = groups.map((group) => group.toString(16));
  // RFC 5952 section 4.2.2: a single zero group is written out.
  if (zeros < 2) return hex.join(":");
  return `${hex.slice(0, zerosAt).join(":")}::${hex.slice(zerosAt + zeros).join(":")}`;
}

/** `text` in the one way that this folder writes IPv6 addresses (RFC 5952). Throws {@link PacketError} if it is none. */
export function canonicalIpv6(text: string): string {
  return formatIpv6(parseIpv6(text));
}

/** Whether the address is one of a group, ff00::/8 (RFC 4291 section 2.7). */
export function isMulticastIpv6(text: string): boolean {
  return parseIpv6(text)[0] === 0xff;
}

/** The link-local address that an interface forms from its MAC address (RFC 4291 appendix A, RFC 4862 section 5.3). */
export function linkLocalOfMac(mac: string): string {
  return addressOfMac("fe80::", mac);
}

/** The address in the /64 of `prefix` that an interface forms from its MAC address, by modified EUI-64. */
export function addressOfMac(prefix: string, mac: string): string {
  const [first = 0, second = 0, third = 0, fourth = 0, fifth = 0, sixth = 0] = parseMac(mac);
  const bytes = parseIpv6(prefix);
  bytes.set([first ^ 2, second, third, 0xff, 0xfe, fourth, fifth, sixth], 8);
  return formatIpv6(bytes);
}

/** The group that a node joins for each of its addresses, for neighbour solicitations (RFC 4291 section 2.7.1). */
export function solicitedNodeMulticast(address: string): string {
  const bytes = parseIpv6("ff02::1:ff00:0");
  bytes.set(parseIpv6(address).subarray(13), 13);
  return formatIpv6(bytes);
}

/** The MAC address that frames for an IPv6 group are sent to (RFC 2464 section 7). */
export function multicastMacOfIpv6(group: string): string {
  return formatMac(Uint8Array.of(0x33, 0x33, ...parseIpv6(group).subarray(12)));
}

function readIpv6(text: string): Uint8Array | undefined {
  const halves = text.split("::");
  if (halves.length > 2) return undefined;
  const head = readGroups(halves[0] ?? "", halves.length === 1);
  const tail = readGroups(halves[1] ?? "", true);
  if (head === undefined || tail === undefined) return undefined;
  const length = head.length + tail.length;
  if (halves.length === 1 ? length !== 16 : length > 14) return undefined;
  const bytes = new Uint8Array(16);
  bytes.set(head, 0);
  bytes.set(tail, 16 - tail.length);
  return bytes;
}

/** The bytes of groups separated by colons, the last of which may be an IPv4 address if `last`. */
function readGroups(text: string, last: boolean): number[] | undefined {
  if (text === "") return [];
  const bytes: number[] = [];
  const groups = text.split(":");
  for (const [i, group] of groups.entries()) {
    if (/^[0-9a-f]{1,4}$/i.test(group)) {
      const word = Number.parseInt(group, 16);
      bytes.push(word >> 8, word & 0xff);
    } else if (last && i === groups.length - 1 && /^[\d.]+\.\d+$/.test(group)) {
      try {
        bytes.push(...parseIpv4(group));
      } catch {
        return undefined;
      }
    } else {
      return undefined;
    }
  }
  return bytes;
}

function wordAt(bytes: Uint8Array, offset: number): number {
  return ((bytes[offset] ?? 0) << 8) | (bytes[offset + 1] ?? 0);
}

/** ::ffff:0:0/96, the one prefix whose addresses RFC 5952 section 5 writes with a dotted decimal end. */
function isIpv4Mapped(groups: readonly number[]): boolean {
  return groups[5] === 0xffff && groups.slice(0, 5).every((group) => group === 0);
}
