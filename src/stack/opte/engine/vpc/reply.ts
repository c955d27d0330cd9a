import type { Walk } from "../layer/walk.ts";
import type { IpAddress, MacAddress } from "../parse/address.ts";
import { writeIpv4Checksum } from "../parse/checksum.ts";
import { headroom } from "../parse/frame.ts";

/** Make room for a reply of `size` bytes, all zero; returns where it begins. */
export function beginReply(walk: Walk, size: number): number {
  const { reply } = walk;
  reply.start = headroom;
  reply.end = headroom + size;
  reply.mss = 0;
  reply.bytes.fill(0, reply.start, reply.end);
  return reply.start;
}

/** Bytes of an Ethernet header. */
export const etherSize = 14;

/** An Ethernet header. */
export function writeEther(view: DataView, at: number, to: MacAddress, from: MacAddress, etherType: number): void {
  to.write(view, at);
  from.write(view, at + 6);
  view.setUint16(at + 12, etherType);
}

/** An IPv4 header without options. */
export function writeIpv4(
  view: DataView,
  at: number,
  from: IpAddress,
  to: IpAddress,
  protocol: number,
  ttl: number,
  totalLength: number,
): void {
  view.setUint8(at, 0x45);
  view.setUint16(at + 2, totalLength);
  view.setUint8(at + 8, ttl);
  view.setUint8(at + 9, protocol);
  from.write(view, at + 12);
  to.write(view, at + 16);
  writeIpv4Checksum(view, at, 20);
}

/** An IPv6 header. */
export function writeIpv6(
  view: DataView,
  at: number,
  from: IpAddress,
  to: IpAddress,
  nextHeader: number,
  hopLimit: number,
  payloadLength: number,
): void {
  view.setUint8(at, 0x60);
  view.setUint16(at + 4, payloadLength);
  view.setUint8(at + 6, nextHeader);
  view.setUint8(at + 7, hopLimit);
  from.write(view, at + 8);
  to.write(view, at + 24);
}
