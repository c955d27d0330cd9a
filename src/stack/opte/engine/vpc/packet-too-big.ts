import { Encapsulation } from "../layer/encapsulation.ts";
import type { Walk } from "../layer/walk.ts";
import { IpAddress, MacAddress, tunnelMac } from "../parse/address.ts";
import { fold, ipv6UpperChecksum, sumOf } from "../parse/checksum.ts";
import { flowHash } from "../parse/flow-hash.ts";
import type { Frame } from "../parse/frame.ts";
import { type Packet, protocols, ulp } from "../parse/packet.ts";
import { type Family, type PortIdentity, vnis } from "./configuration.ts";
import type { ExternalIps } from "./external-ips.ts";
import type { VirtualToBoundary } from "./mappings.ts";
import { beginReply, etherSize, writeEther, writeIpv4, writeIpv6 } from "./reply.ts";

/** What Packet Too Big asks of its port. */
export interface TooBigContext {
  readonly identity: PortIdentity;
  readonly v2b: VirtualToBoundary;
  readonly external: (version: 4 | 6) => ExternalIps;
  /** The first address of the first external subnet of a family. */
  readonly externalSubnet: (version: 4 | 6) => IpAddress | undefined;
}

/** Largest messages: what every host takes (RFC 1812 section 4.3.2.3, RFC 4443 section 2.4). */
const largest = { ipv4: 576, ipv6: 1280 } as const;
const icmpSize = 8;
const hopLimit = 64;

/**
 * Answer a packet that is longer than the port's MTU (specification, section 2.4): "fragmentation needed" or "packet too
 * big" in `walk.reply`. "drop": nobody may be told. "error": the answer finds no way.
 */
export function packetTooBig(
  walk: Walk,
  frame: Frame,
  isIn: boolean,
  context: TooBigContext,
): "hairpin" | "drop" | "error" {
  const { packet } = walk;
  const { identity } = context;
  const family = packet.family === 4 ? identity.ipv4 : packet.family === 6 ? identity.ipv6 : undefined;
  if (family === undefined || !mayAnswer(frame.view, packet)) return "drop";
  const isExternal = isIn && packet.external;
  const from = isExternal ? externalSource(frame.view, packet, family, context) : family.gatewayIp;
  if (from === undefined) return "drop";
  writeMessage(walk, frame, from, family, identity.mtu);
  const { view, start } = walk.reply;
  if (!isIn) {
    writeEther(view, start, MacAddress.read(frame.view, packet.etherAt + 6), identity.gatewayMac, packet.etherType);
    return "hairpin";
  }
  const guest = MacAddress.read(frame.view, packet.etherAt);
  const peer = isExternal ? tunnelMac : MacAddress.read(frame.view, packet.etherAt + 6);
  writeEther(view, start, peer, guest, packet.etherType);
  return encapsulate(walk, frame, isExternal, context) ? "hairpin" : "error";
}

/** Errors about errors, and to or about groups, are never sent (RFC 1122 section 3.2.2, RFC 4443 section 2.4). */
function mayAnswer(view: DataView, packet: Packet): boolean {
  const source = IpAddress.read(view, packet.ipAt + (packet.family === 4 ? 12 : 8), packet.family);
  const destination = IpAddress.read(view, packet.ipAt + (packet.family === 4 ? 16 : 24), packet.family);
  if (source.isMulticast || source.isUnspecified || destination.isUnspecified) return false;
  if (packet.family === 6) {
    const isError = packet.ulp === ulp.icmp6 && (packet.icmpType < 128 || packet.icmpType === redirect);
    return !isError;
  }
  const first = (source.words[0] ?? 0) >>> 24;
  const isBroadcast = source.words[0] === -1 || destination.words[0] === -1;
  return packet.protocol !== protocols.icmp && first !== 127 && !isBroadcast && !destination.isMulticast;
}

const redirect = 137;

/** The address that the sender outside knows the guest by. */
function externalSource(
  view: DataView,
  packet: Packet,
  { version }: Family,
  { external, externalSubnet }: TooBigContext,
): IpAddress | undefined {
  const destination = IpAddress.read(view, packet.ipAt + (version === 4 ? 16 : 24), version);
  if (!destination.isMulticast) return destination;
  const { floating, ephemeral, snat } = external(version);
  return floating[0] ?? externalSubnet(version) ?? ephemeral ?? snat?.address;
}

function writeMessage(walk: Walk, frame: Frame, from: IpAddress, { version }: Family, mtu: number): void {
  const { packet } = walk;
  const headerSize = version === 4 ? 20 : 40;
  const room = (version === 4 ? largest.ipv4 : largest.ipv6) - headerSize - icmpSize;
  const quoted = Math.min(room, packet.ipEnd - packet.ipAt);
  const padded = Math.ceil(quoted / 4) * 4;
  const to = IpAddress.read(frame.view, packet.ipAt + (version === 4 ? 12 : 8), version);
  const size = headerSize + icmpSize + (version === 4 ? padded : quoted);
  const start = beginReply(walk, etherSize + size);
  const { view, bytes } = walk.reply;
  const ip = start + etherSize;
  const at = ip + headerSize;
  bytes.set(frame.bytes.subarray(packet.ipAt, packet.ipAt + quoted), at + icmpSize);
  if (version === 4) {
    writeIpv4(view, ip, from, to, protocols.icmp, hopLimit, size);
    view.setUint16(at, 0x0304);
    // Length of the quoted packet in words (RFC 4884 section 4.1).
    view.setUint8(at + 5, padded / 4);
    view.setUint16(at + 6, mtu);
    view.setUint16(at + 2, fold(sumOf(view, at, ip + size)) ^ 0xffff);
  } else {
    writeIpv6(view, ip, from, to, protocols.icmp6, hopLimit, size - headerSize);
    view.setUint8(at, 2);
    view.setUint32(at + 4, mtu);
    view.setUint16(at + 2, ipv6UpperChecksum(view, ip, protocols.icmp6, at, ip + size));
  }
}

/** Send the message back the way that the packet came; false if there is none. */
function encapsulate(walk: Walk, frame: Frame, isExternal: boolean, { identity, v2b }: TooBigContext): boolean {
  const { packet, reply } = walk;
  const { view } = frame;
  const own = IpAddress.read(view, packet.outerIpAt + 24, 6);
  let peer: IpAddress | undefined = IpAddress.read(view, packet.outerIpAt + 8, 6);
  const isUnknown = peer.isUnspecified;
  if (isUnknown) {
    const endpoints = v2b.lookup(packet.key, 1, packet.family);
    peer = endpoints?.[flowHash(packet.key) % endpoints.length];
  }
  if (peer === undefined) return false;
  const vni = isExternal ? vnis.boundary : packet.vni;
  const from = isUnknown ? identity.underlayIp : own;
  new Encapsulation(from, peer, vni, "none").push(reply, view.getUint16(packet.outerUdpAt));
  if (isUnknown) return true;
  const { start } = reply;
  MacAddress.read(view, frame.start + 6).write(reply.view, start);
  MacAddress.read(view, frame.start).write(reply.view, start + 6);
  return true;
}
