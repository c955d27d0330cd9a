import { dhcpv4MessageType } from "../layer/dhcp-message-type.ts";
import type { Walk } from "../layer/walk.ts";
import { broadcastMacAddress, IpAddress } from "../parse/address.ts";
import { etherTypes, protocols } from "../parse/packet.ts";
import type { DhcpConfiguration, Family, PortIdentity } from "./configuration.ts";
import { searchListBytes } from "./domain-name.ts";
import { beginReply, etherSize, writeEther, writeIpv4 } from "./reply.ts";

/** DHCP message types (RFC 2132 section 9.6). */
export const dhcpMessages = { discover: 1, offer: 2, request: 3, ack: 5 } as const;

const bootpSize = 240;
const leaseSeconds = 86_400;
const ttl = 128;
/** Name servers that are told at most. */
const mostServers = 3;
/** BOOTP's smallest message: old clients refuse shorter ones (RFC 1542 section 2.1). */
const smallestMessage = 300;

const broadcast = IpAddress.parse("255.255.255.255");

/** Answer a DISCOVER by an offer and a REQUEST by an acknowledgement, of the guest's one address. */
export function dhcpv4Reply(walk: Walk, identity: PortIdentity, family: Family): boolean {
  const { view } = walk.frame;
  const { packet } = walk;
  const at = packet.payloadAt;
  // A request from a client (BOOTREQUEST) with an Ethernet address.
  if (view.getUint8(at) !== 1 || view.getUint8(at + 1) !== 1 || view.getUint8(at + 2) !== 6) return false;
  const asked = dhcpv4MessageType(view, packet);
  const type = asked === dhcpMessages.discover ? dhcpMessages.offer : dhcpMessages.ack;
  const options = dhcpv4Options(type, identity.dhcp, family);
  const message = Math.max(bootpSize + options.length, smallestMessage);
  const start = beginReply(walk, etherSize + 28 + message);
  const out = walk.reply.view;
  const isBroadcast = (view.getUint16(at + 10) & 0x8000) !== 0;
  const toMac = isBroadcast ? broadcastMacAddress : identity.guestMac;
  const to = isBroadcast ? broadcast : family.privateIp;
  writeEther(out, start, toMac, identity.gatewayMac, etherTypes.ipv4);
  const ip = start + etherSize;
  writeIpv4(out, ip, family.gatewayIp, to, protocols.udp, ttl, 28 + message);
  out.setUint16(ip + 20, 67);
  out.setUint16(ip + 22, 68);
  out.setUint16(ip + 24, 8 + message);
  const body = ip + 28;
  out.setUint8(body, 2);
  out.setUint8(body + 1, 1);
  out.setUint8(body + 2, 6);
  // Transaction, and the client's hardware address with its padding.
  out.setInt32(body + 4, view.getInt32(at + 4));
  out.setUint16(body + 10, view.getUint16(at + 10));
  family.privateIp.write(out, body + 16);
  family.gatewayIp.write(out, body + 20);
  for (let i = 28; i < 44; i += 4) out.setInt32(body + i, view.getInt32(at + i));
  out.setInt32(body + 236, 0x63825363);
  walk.reply.bytes.set(options, body + bootpSize);
  return true;
}

/** The options of an answer, whatever the client asked for, the end marker included. */
export function dhcpv4Options(type: number, dhcp: DhcpConfiguration, family: Family): Uint8Array {
  const { gatewayIp } = family;
  const host = [255, 255, 255, 255];
  const options: number[] = [
    ...option(53, [type]),
    ...option(1, host),
    ...option(3, gatewayIp.bytes),
    ...option(54, gatewayIp.bytes),
    ...option(51, [leaseSeconds >>> 24, (leaseSeconds >> 16) & 0xff, (leaseSeconds >> 8) & 0xff, leaseSeconds & 0xff]),
  ];
  const servers = (dhcp.dns4 ?? []).slice(0, mostServers).flatMap((text) => [...IpAddress.parse(text).bytes]);
  if (servers.length > 0) options.push(...option(6, servers));
  options.push(...option(121, [...classlessRoute(gatewayIp, 32, 0), ...classlessRoute(0, 0, gatewayIp)]));
  if (dhcp.hostname !== undefined) options.push(...option(12, textBytes(dhcp.hostname)));
  if (dhcp.domain !== undefined) options.push(...option(15, textBytes(dhcp.domain)));
  if (dhcp.searchList !== undefined && dhcp.searchList.length > 0) {
    const list = searchListBytes(dhcp.searchList);
    // Longer than an option: split, in order (RFC 3396).
    for (let at = 0; at < list.length; at += 255) options.push(...option(119, list.slice(at, at + 255)));
  }
  return Uint8Array.from([...options, 255]);
}

/** One route of option 121: its length, the significant bytes of its prefix, its router (RFC 3442). Zero: 0.0.0.0. */
export function classlessRoute(prefix: IpAddress | 0, length: number, router: IpAddress | 0): number[] {
  const significant = prefix === 0 ? [] : [...prefix.bytes].slice(0, Math.ceil(length / 8));
  return [length, ...significant, ...(router === 0 ? [0, 0, 0, 0] : router.bytes)];
}

function option(code: number, data: Iterable<number>): number[] {
  const bytes = [...data];
  return [code, bytes.length, ...bytes];
}

function textBytes(text: string): number[] {
  return Array.from(text, (letter) => letter.charCodeAt(0) & 0xff);
}
