import type { IpAddress } from "../parse/address.ts";
import { fold, ipv6UpperChecksum, sumOf, writeIpv4Checksum } from "../parse/checksum.ts";
import { type Packet, protocols, ulp } from "../parse/packet.ts";

/** How the packet that an ICMP error quotes follows a 1:1 NAT: its address `before` becomes `after`. */
export interface EmbeddedRewrite {
  readonly field: "source" | "destination";
  readonly before: IpAddress;
  readonly after: IpAddress;
}

/** Whether an ICMP message quotes the packet that it is about. */
export function quotesPacket(packet: Packet): boolean {
  if (packet.ulp === ulp.icmp) return ipv4ErrorTypes.has(packet.icmpType);
  // Types below 128 are the errors (RFC 4443 section 2.1); redirects are neighbour discovery, which the gateway denies.
  return packet.ulp === ulp.icmp6 && packet.icmpType < 128;
}

/** Unreachable, source quench, redirect, time exceeded, parameter problem (RFC 792). */
const ipv4ErrorTypes = new Set([3, 4, 5, 11, 12]);

/** Change the quoted packet if it has the address in question, and the checksums of both. */
export function rewriteEmbedded(view: DataView, packet: Packet, { field, before, after }: EmbeddedRewrite): void {
  if (!quotesPacket(packet)) return;
  const at = packet.payloadAt;
  const room = packet.ipEnd - at;
  const isVersion4 = packet.family === 4;
  if (room < (isVersion4 ? 20 : 40) || view.getUint8(at) >> 4 !== packet.family) return;
  const offset = isVersion4 ? (field === "source" ? 12 : 16) : field === "source" ? 8 : 24;
  if (!hasAddress(view, at + offset, before)) return;
  after.write(view, at + offset);
  if (isVersion4) {
    const headerLength = (view.getUint8(at) & 15) * 4;
    if (headerLength >= 20 && headerLength <= room) writeIpv4Checksum(view, at, headerLength);
  }
  writeIcmpChecksum(view, packet);
}

function hasAddress(view: DataView, at: number, address: IpAddress): boolean {
  const words = address.family === 4 ? 1 : 4;
  for (let i = 0; i < words; i++) if (view.getInt32(at + 4 * i) !== address.words[i]) return false;
  return true;
}

function writeIcmpChecksum(view: DataView, packet: Packet): void {
  const { ulpAt, ipEnd } = packet;
  view.setUint16(ulpAt + 2, 0);
  const checksum =
    packet.ulp === ulp.icmp
      ? fold(sumOf(view, ulpAt, ipEnd)) ^ 0xffff
      : ipv6UpperChecksum(view, packet.ipAt, protocols.icmp6, ulpAt, ipEnd);
  view.setUint16(ulpAt + 2, checksum);
}
