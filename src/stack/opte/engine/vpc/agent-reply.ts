import { fold, ipv6UpperChecksum, sumOf, writeIpv4Checksum } from "../parse/checksum.ts";
import { Frame } from "../parse/frame.ts";
import { Packet, ulp } from "../parse/packet.ts";
import { parseInner } from "../parse/parse-inner.ts";

const ttl = 64;

/** The data of a UDP datagram in a guest's frame, and its ports; `undefined` if it is none. */
export function udpRequest(
  request: Uint8Array,
): { readonly sourcePort: number; readonly destinationPort: number; readonly data: Uint8Array } | undefined {
  const frame = new Frame(request.length);
  frame.load(request);
  const packet = new Packet();
  if (!parseInner(frame, frame.start, frame.end, false, packet) || packet.ulp !== ulp.udp) return undefined;
  const { sourcePort, destinationPort, ulpAt } = packet;
  const length = frame.view.getUint16(ulpAt + 4);
  return { sourcePort, destinationPort, data: frame.bytes.slice(ulpAt + 8, ulpAt + Math.max(8, length)) };
}

/**
 * The frame that answers a guest's UDP datagram: `data` from where the request went to where it came from. `undefined` if
 * the request is no UDP datagram.
 */
export function udpReply(request: Uint8Array, data: Uint8Array): Uint8Array | undefined {
  const frame = new Frame(request.length);
  frame.load(request);
  const packet = new Packet();
  if (!parseInner(frame, frame.start, frame.end, false, packet) || packet.ulp !== ulp.udp) return undefined;
  const isVersion4 = packet.family === 4;
  const headerSize = isVersion4 ? 20 : 40;
  const reply = new Uint8Array(14 + headerSize + 8 + data.length);
  const view = new DataView(reply.buffer);
  const source = (at: number, length: number): Uint8Array => frame.bytes.subarray(at, at + length);
  reply.set(source(packet.etherAt + 6, 6), 0);
  reply.set(source(packet.etherAt, 6), 6);
  view.setUint16(12, packet.etherType);
  const udp = 14 + headerSize;
  view.setUint16(udp, packet.destinationPort);
  view.setUint16(udp + 2, packet.sourcePort);
  view.setUint16(udp + 4, 8 + data.length);
  reply.set(data, udp + 8);
  if (isVersion4) {
    view.setUint8(14, 0x45);
    view.setUint16(16, reply.length - 14);
    view.setUint8(22, ttl);
    view.setUint8(23, packet.protocol);
    reply.set(source(packet.ipAt + 16, 4), 26);
    reply.set(source(packet.ipAt + 12, 4), 30);
    writeIpv4Checksum(view, 14, 20);
    const pseudo = sumOf(view, 26, 34) + packet.protocol + 8 + data.length;
    view.setUint16(udp + 6, nonZero(fold(pseudo + sumOf(view, udp, reply.length)) ^ 0xffff));
  } else {
    view.setUint8(14, 0x60);
    view.setUint16(18, 8 + data.length);
    view.setUint8(20, packet.protocol);
    view.setUint8(21, ttl);
    reply.set(source(packet.ipAt + 24, 16), 22);
    reply.set(source(packet.ipAt + 8, 16), 38);
    view.setUint16(udp + 6, nonZero(ipv6UpperChecksum(view, 14, packet.protocol, udp, reply.length)));
  }
  return reply;
}

/** Zero says that there is no checksum. */
function nonZero(checksum: number): number {
  return checksum === 0 ? 0xffff : checksum;
}
