import { fold, sumOf } from "../engine/parse/checksum.ts";
import type { Frame } from "../engine/parse/frame.ts";
import { etherTypes, protocols } from "../engine/parse/packet.ts";

/**
 * Write the checksum that a guest left to its NIC: of TCP, UDP, or ICMPv6 right behind the IP header, which are the ones that a
 * kernel leaves unfinished. A frame that is none of these, or too short to be, stays as it is.
 */
export function finishChecksum(frame: Frame): void {
  const { view, start, end } = frame;
  const at = start + 14;
  const type = end - at < 20 ? 0 : view.getUint16(start + 12);
  if (type === etherTypes.ipv4) {
    const length = view.getUint16(at + 2);
    const upper = at + (view.getUint8(at) & 0xf) * 4;
    finish(frame, view.getUint8(at + 9), upper, Math.min(end, at + length), sumOf(view, at + 12, at + 20));
  } else if (type === etherTypes.ipv6 && end - at >= 40) {
    const upperEnd = Math.min(end, at + 40 + view.getUint16(at + 4));
    finish(frame, view.getUint8(at + 6), at + 40, upperEnd, sumOf(view, at + 8, at + 40));
  }
}

const checksumPlaces: Readonly<Record<number, number>> = {
  [protocols.tcp]: 16,
  [protocols.udp]: 6,
  [protocols.icmp6]: 2,
};

function finish({ view }: Frame, protocol: number, upper: number, end: number, addresses: number): void {
  const place = checksumPlaces[protocol];
  if (place === undefined || upper + place + 2 > end) return;
  view.setUint16(upper + place, 0);
  const sum = fold(addresses + protocol + (end - upper) + sumOf(view, upper, end)) ^ 0xffff;
  view.setUint16(upper + place, sum === 0 && protocol === protocols.udp ? 0xffff : sum);
}
