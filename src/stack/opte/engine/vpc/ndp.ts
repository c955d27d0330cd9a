import { solicitedNodeMulticast } from "../../../../packet/index.ts";
import type { Walk } from "../layer/walk.ts";
import { IpAddress, MacAddress } from "../parse/address.ts";
import { ipv6UpperChecksum } from "../parse/checksum.ts";
import { etherTypes, protocols } from "../parse/packet.ts";
import type { PortIdentity } from "./configuration.ts";
import { beginReply, etherSize, writeEther, writeIpv6 } from "./reply.ts";

const ipv6Size = 40;
/** Neighbour discovery goes no further than its link: packets with any other hop limit came from elsewhere. */
const ndpHopLimit = 255;

const allNodes = IpAddress.parse("ff02::1");
const allNodesMac = MacAddress.parse("33:33:00:00:00:01");

/** Flags of router advertisements (RFC 4861 section 4.2): addresses come from DHCPv6. */
const managed = 0x80;
const routerLifetimeSeconds = 9000;

/** Answer a router solicitation by an advertisement without prefixes. False if it is not a proper one. */
export function routerAdvertisement(walk: Walk, identity: PortIdentity): boolean {
  if (!isProper(walk)) return false;
  const { view, packet } = { view: walk.frame.view, packet: walk.packet };
  const to = IpAddress.read(view, packet.ipAt + 8, 6);
  const toMac = MacAddress.read(view, packet.etherAt + 6);
  // The fixed part of 16 bytes, link-layer address and MTU options of 8 each.
  const size = 32;
  const start = beginReply(walk, etherSize + ipv6Size + size);
  const at = writeNdpHeaders(walk, start, identity, toMac, to, size);
  const out = walk.reply.view;
  out.setUint8(at, 134);
  out.setUint8(at + 4, ndpHopLimit);
  out.setUint8(at + 5, managed);
  out.setUint16(at + 6, routerLifetimeSeconds);
  writeLinkLayerOption(out, at + 16, 1, identity.gatewayMac);
  out.setUint16(at + 24, 0x0501);
  out.setUint32(at + 28, identity.mtu);
  return finish(walk, start, at, size);
}

/** Flags of neighbour advertisements (RFC 4861 section 4.4). */
const isRouter = 0x80;
const isSolicited = 0x40;
const doesOverride = 0x20;

/** Answer a neighbour solicitation for the gateway's link-local address. False for every other target. */
export function neighborAdvertisement(walk: Walk, identity: PortIdentity): boolean {
  const { view } = walk.frame;
  const { packet } = walk;
  if (!isProper(walk) || packet.ipEnd - packet.ulpAt < 24) return false;
  const gateway = identity.gatewayLinkLocal;
  if (!isAddressAt(view, packet.ulpAt + 8, gateway) || !isForGateway(view, packet.etherAt, identity)) return false;
  const asker = IpAddress.read(view, packet.ipAt + 8, 6);
  const isProbe = asker.isUnspecified;
  const size = 32;
  const askerMac = MacAddress.read(view, packet.etherAt + 6);
  const start = beginReply(walk, etherSize + ipv6Size + size);
  const at = writeNdpHeaders(walk, start, identity, isProbe ? allNodesMac : askerMac, isProbe ? allNodes : asker, size);
  const out = walk.reply.view;
  out.setUint8(at, 136);
  out.setUint8(at + 4, isRouter | doesOverride | (isProbe ? 0 : isSolicited));
  gateway.write(out, at + 8);
  writeLinkLayerOption(out, at + 24, 2, identity.gatewayMac);
  return finish(walk, start, at, size);
}

/** Hop limit 255, code 0, and a checksum that is right, or zero where the guest leaves it to its NIC. */
function isProper({ frame: { view }, packet }: Walk): boolean {
  const { ipAt, ulpAt, ipEnd } = packet;
  if (view.getUint8(ipAt + 7) !== ndpHopLimit || packet.icmpCode !== 0) return false;
  return view.getUint16(ulpAt + 2) === 0 || ipv6UpperChecksum(view, ipAt, protocols.icmp6, ulpAt, ipEnd) === 0;
}

function isForGateway(view: DataView, at: number, { gatewayMac, gatewayLinkLocal }: PortIdentity): boolean {
  if (gatewayMac.isAt(view, at)) return true;
  const group = IpAddress.parse(solicitedNodeMulticast(gatewayLinkLocal.text));
  return view.getUint16(at) === 0x3333 && view.getInt32(at + 2) === group.words[3];
}

function isAddressAt(view: DataView, at: number, { words }: IpAddress): boolean {
  for (let i = 0; i < 4; i++) if (view.getInt32(at + 4 * i) !== words[i]) return false;
  return true;
}

function writeNdpHeaders(
  { reply: { view } }: Walk,
  start: number,
  identity: PortIdentity,
  toMac: MacAddress,
  to: IpAddress,
  size: number,
): number {
  writeEther(view, start, toMac, identity.gatewayMac, etherTypes.ipv6);
  writeIpv6(view, start + etherSize, identity.gatewayLinkLocal, to, protocols.icmp6, ndpHopLimit, size);
  return start + etherSize + ipv6Size;
}

function writeLinkLayerOption(view: DataView, at: number, type: number, mac: MacAddress): void {
  view.setUint8(at, type);
  view.setUint8(at + 1, 1);
  mac.write(view, at + 2);
}

function finish({ reply: { view } }: Walk, start: number, at: number, size: number): true {
  view.setUint16(at + 2, ipv6UpperChecksum(view, start + etherSize, protocols.icmp6, at, at + size));
  return true;
}
