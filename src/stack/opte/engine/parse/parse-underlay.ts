import type { Frame } from "./frame.ts";
import { etherTypes, type Packet, protocols } from "./packet.ts";
import { parseInner, skipExtensions } from "./parse-inner.ts";

export const genevePort = 6081;
/** Class of OPTE's own Geneve options. */
export const optionClass = 0x0129;
export const optionTypes = { external: 0, multicast: 1, mss: 2 } as const;

/**
 * Read a frame of the underlay: Ethernet, IPv6, UDP to port 6081, Geneve with options, and the guest's frame in it.
 * False, with the fault in `packet`; the fault `not_geneve` says that the frame belongs to the host's own stack.
 */
export function parseUnderlay(frame: Frame, packet: Packet): boolean {
  const { view, start, end } = frame;
  packet.fault = "none";
  packet.encapsulated = true;
  packet.external = false;
  packet.mssOption = -1;
  const ipAt = start + 14;
  if (end - start < 14 + 40 || view.getUint16(start + 12) !== etherTypes.ipv6 || view.getUint8(ipAt) >> 4 !== 6) {
    return notGeneve(packet);
  }
  const ipEnd = ipAt + 40 + view.getUint16(ipAt + 4);
  packet.outerIpAt = ipAt;
  packet.protocol = view.getUint8(ipAt + 6);
  packet.ulpAt = ipAt + 40;
  packet.ipEnd = Math.min(ipEnd, end);
  if (!skipExtensions(view, packet) || packet.protocol !== protocols.udp) return notGeneve(packet);
  const udpAt = packet.ulpAt;
  if (packet.ipEnd - udpAt < 8 || view.getUint16(udpAt + 2) !== genevePort) return notGeneve(packet);
  if (ipEnd > end) return packet.fail("bad_len", "Ipv6.payload_len", end - ipAt - 40, ipEnd - ipAt - 40);
  packet.outerUdpAt = udpAt;
  const length = view.getUint16(udpAt + 4);
  const room = ipEnd - udpAt;
  if (length < 8) return packet.fail("bad_len", "Udp.len(min)", 8, length);
  if (length > room) return packet.fail("bad_len", "Udp.len(max)", room, length);
  const innerAt = parseGeneve(view, udpAt + 8, udpAt + length, packet);
  return innerAt >= 0 && parseInner(frame, innerAt, udpAt + length, false, packet);
}

/** Where the inner frame begins, or -1. */
function parseGeneve(view: DataView, at: number, end: number, packet: Packet): number {
  if (end - at < 8) return failed(packet.fail("truncated", "Geneve", 8, end - at));
  const first = view.getUint8(at);
  if (first >> 6 !== 0) return failed(packet.fail("illegal_val", "Geneve.version", 0, first >> 6));
  const innerAt = at + 8 + (first & 0x3f) * 4;
  if (innerAt > end) return failed(packet.fail("truncated", "Geneve.opt_len", innerAt - at, end - at));
  const carried = view.getUint16(at + 2);
  if (carried !== etherTypes.ethernet) {
    return failed(packet.fail("unwanted_proto", "Geneve.protocol", etherTypes.ethernet, carried));
  }
  packet.vni = view.getUint32(at + 4) >>> 8;
  const critical = (view.getUint8(at + 1) & 0x40) !== 0;
  return readOptions(view, at + 8, innerAt, critical, packet) ? innerAt : -1;
}

function readOptions(view: DataView, begin: number, end: number, critical: boolean, packet: Packet): boolean {
  for (let at = begin; at < end;) {
    const type = view.getUint8(at + 2);
    const size = 4 + (view.getUint8(at + 3) & 0x1f) * 4;
    if (size > end - at) return packet.fail("bad_tun_opt", "Geneve.option.len", end - at, size);
    const known = view.getUint16(at) === optionClass && readOption(view, at, type, size, packet);
    if (!known && critical && (type & 0x80) !== 0) {
      // Class and type of what was not understood, as one number.
      return packet.fail("bad_tun_opt", "Geneve.option.critical", 0, (view.getUint16(at) << 8) | type);
    }
    at += size;
  }
  return true;
}

function readOption(view: DataView, at: number, type: number, size: number, packet: Packet): boolean {
  switch (type) {
    case optionTypes.external:
      packet.external = true;
      return true;
    case optionTypes.multicast:
      // What the switch goes by; of no meaning to who receives it.
      return true;
    case optionTypes.mss:
      if (size >= 8) packet.mssOption = view.getInt32(at + 4);
      return true;
    default:
      return false;
  }
}

function notGeneve(packet: Packet): false {
  return packet.fail("not_geneve", "underlay", 0, 0);
}

function failed(_: false): -1 {
  return -1;
}
