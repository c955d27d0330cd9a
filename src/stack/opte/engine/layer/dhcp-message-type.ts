import type { Packet } from "../parse/packet.ts";

/** Where the options of a DHCPv4 message begin, the magic cookie before them. */
const optionsAt = 240;
const magicCookie = 0x63825363;

/** Value of option 53 of the DHCPv4 message that the UDP packet carries, -1 if there is none (RFC 2131, RFC 2132). */
export function dhcpv4MessageType(view: DataView, packet: Packet): number {
  const end = udpEnd(view, packet);
  let at = packet.payloadAt + optionsAt;
  if (at > end || view.getInt32(at - 4) !== magicCookie) return -1;
  while (at < end) {
    const code = view.getUint8(at);
    if (code === 0) {
      at += 1;
      continue;
    }
    if (code === 255 || at + 2 > end) return -1;
    const length = view.getUint8(at + 1);
    if (at + 2 + length > end) return -1;
    if (code === 53 && length === 1) return view.getUint8(at + 2);
    at += 2 + length;
  }
  return -1;
}

/** Message type of the DHCPv6 message that the UDP packet carries, -1 if it is too short (RFC 8415 section 8). */
export function dhcpv6MessageType(view: DataView, packet: Packet): number {
  return udpEnd(view, packet) - packet.payloadAt >= 4 ? view.getUint8(packet.payloadAt) : -1;
}

/** Where the data of a UDP packet ends. */
export function udpEnd(view: DataView, packet: Packet): number {
  return packet.ulpAt + view.getUint16(packet.ulpAt + 4);
}
