import type { Frame } from "./frame.ts";
import { etherTypes, type Packet, protocols, ulp } from "./packet.ts";

const etherSize = 14;

/**
 * Read the guest's frame at `at` … `end`: Ethernet, ARP (where `arpAllowed`), IPv4 or IPv6 with extension headers, TCP,
 * UDP, ICMP or ICMPv6. False, with the fault in `packet`, if it is cut short, contradicts itself, is a fragment, or is
 * of a protocol that the overlay does not carry. Never reads beyond `end`; allocates nothing.
 */
export function parseInner(frame: Frame, at: number, end: number, arpAllowed: boolean, packet: Packet): boolean {
  const { view } = frame;
  packet.fault = "none";
  packet.family = 0;
  packet.protocol = 255;
  packet.ulp = ulp.none;
  packet.sourcePort = packet.destinationPort = packet.icmpType = packet.icmpCode = -1;
  packet.tcpFlags = 0;
  packet.etherAt = at;
  packet.frameEnd = end;
  packet.key.fill(0);
  packet.key[0] = packet.protocol;
  if (end - at < etherSize) return packet.fail("truncated", "Ethernet", etherSize, end - at);
  packet.etherType = view.getUint16(at + 12);
  const ipAt = at + etherSize;
  packet.ipAt = packet.ulpAt = packet.payloadAt = ipAt;
  packet.ipEnd = end;
  switch (packet.etherType) {
    case etherTypes.ipv4:
      return parseIpv4(view, ipAt, end, packet) && parseUpper(view, packet);
    case etherTypes.ipv6:
      return parseIpv6(view, ipAt, end, packet) && parseUpper(view, packet);
    case etherTypes.arp:
      if (!arpAllowed) break;
      return end - ipAt >= arpSize || packet.fail("truncated", "Arp", arpSize, end - ipAt);
  }
  return packet.fail("unwanted_proto", "Ethernet.ether_type", etherTypes.ipv4, packet.etherType);
}

const arpSize = 28;

function parseIpv4(view: DataView, at: number, end: number, packet: Packet): boolean {
  const present = end - at;
  if (present < 20) return packet.fail("truncated", "Ipv4", 20, present);
  const first = view.getUint8(at);
  if (first >> 4 !== 4) return packet.fail("illegal_val", "Ipv4.version", 4, first >> 4);
  const headerLength = (first & 15) * 4;
  if (headerLength < 20) return packet.fail("illegal_val", "Ipv4.ihl", 20, headerLength);
  if (headerLength > present) return packet.fail("truncated", "Ipv4.ihl", headerLength, present);
  const total = view.getUint16(at + 2);
  if (total < headerLength) return packet.fail("bad_len", "Ipv4.total_len(min)", headerLength, total);
  if (total > present) return packet.fail("bad_len", "Ipv4.total_len(max)", present, total);
  // More fragments follow, or this is not the first.
  if ((view.getUint16(at + 6) & 0x3fff) !== 0) return packet.fail("reject", "Ipv4.fragment", 0, 1);
  packet.family = 4;
  packet.protocol = view.getUint8(at + 9);
  packet.ulpAt = packet.payloadAt = at + headerLength;
  packet.ipEnd = at + total;
  packet.key[0] = packet.protocol | (4 << 8);
  packet.key[1] = view.getInt32(at + 12);
  packet.key[5] = view.getInt32(at + 16);
  return true;
}

function parseIpv6(view: DataView, at: number, end: number, packet: Packet): boolean {
  const present = end - at;
  if (present < 40) return packet.fail("truncated", "Ipv6", 40, present);
  const version = view.getUint8(at) >> 4;
  if (version !== 6) return packet.fail("illegal_val", "Ipv6.version", 6, version);
  const length = view.getUint16(at + 4);
  if (length > present - 40) return packet.fail("bad_len", "Ipv6.payload_len", present - 40, length);
  packet.family = 6;
  packet.ipEnd = at + 40 + length;
  packet.protocol = view.getUint8(at + 6);
  packet.ulpAt = at + 40;
  if (!skipExtensions(view, packet)) return false;
  packet.payloadAt = packet.ulpAt;
  const { key } = packet;
  key[0] = packet.protocol | (6 << 8);
  for (let i = 0; i < 4; i++) {
    key[1 + i] = view.getInt32(at + 8 + 4 * i);
    key[5 + i] = view.getInt32(at + 24 + 4 * i);
  }
  return true;
}

/** Move `ulpAt` and `protocol` behind the extension headers, up to `ipEnd`. */
export function skipExtensions(view: DataView, packet: Packet): boolean {
  for (;;) {
    const { protocol, ulpAt } = packet;
    if (protocol === fragmentHeader) return packet.fail("reject", "Ipv6.fragment", 0, 1);
    if (!isExtension(protocol)) return true;
    const room = packet.ipEnd - ulpAt;
    if (room < 8) return packet.fail("truncated", "Ipv6Ext", 8, room);
    const words = view.getUint8(ulpAt + 1);
    const length = protocol === authenticationHeader ? (words + 2) * 4 : (words + 1) * 8;
    if (length > room) return packet.fail("truncated", "Ipv6Ext.len", length, room);
    packet.protocol = view.getUint8(ulpAt);
    packet.ulpAt = ulpAt + length;
  }
}

const fragmentHeader = 44;
const authenticationHeader = 51;

/** Hop-by-hop, routing, authentication, destination options, mobility, HIP, shim6 (RFC 8200, IANA). */
function isExtension(protocol: number): boolean {
  switch (protocol) {
    case 0:
    case 43:
    case authenticationHeader:
    case 60:
    case 135:
    case 139:
    case 140:
      return true;
    default:
      return false;
  }
}

function parseUpper(view: DataView, packet: Packet): boolean {
  const { ulpAt: at } = packet;
  const room = packet.ipEnd - at;
  switch (packet.protocol) {
    case protocols.tcp: {
      if (room < 20) return packet.fail("truncated", "Tcp", 20, room);
      const length = (view.getUint8(at + 12) >> 4) * 4;
      if (length < 20) return packet.fail("illegal_val", "Tcp.data_offset", 20, length);
      if (length > room) return packet.fail("truncated", "Tcp.data_offset", length, room);
      packet.ulp = ulp.tcp;
      packet.tcpFlags = view.getUint8(at + 13);
      packet.payloadAt = at + length;
      return readPorts(view, packet);
    }
    case protocols.udp: {
      if (room < 8) return packet.fail("truncated", "Udp", 8, room);
      const length = view.getUint16(at + 4);
      if (length < 8) return packet.fail("bad_len", "Udp.len(min)", 8, length);
      if (length > room) return packet.fail("bad_len", "Udp.len(max)", room, length);
      packet.ulp = ulp.udp;
      packet.payloadAt = at + 8;
      return readPorts(view, packet);
    }
    case protocols.icmp:
      return packet.family !== 4 || readIcmp(view, packet, room, ulp.icmp, 8, 0);
    case protocols.icmp6:
      return packet.family !== 6 || readIcmp(view, packet, room, ulp.icmp6, 128, 129);
    default:
      return true;
  }
}

function readPorts(view: DataView, packet: Packet): boolean {
  packet.sourcePort = view.getUint16(packet.ulpAt);
  packet.destinationPort = view.getUint16(packet.ulpAt + 2);
  packet.key[9] = (packet.sourcePort << 16) | packet.destinationPort;
  return true;
}

function readIcmp(view: DataView, packet: Packet, room: number, kind: number, request: number, reply: number): boolean {
  if (room < 8) return packet.fail("truncated", "Icmp", 8, room);
  const at = packet.ulpAt;
  const type = view.getUint8(at);
  const code = view.getUint8(at + 1);
  packet.ulp = kind;
  packet.icmpType = type;
  packet.icmpCode = code;
  packet.payloadAt = at + 8;
  const id = type === request || type === reply ? view.getUint16(at + 4) : 0;
  packet.key[9] = (type << 24) | (code << 16) | id;
  return true;
}
