import type { Walk } from "../layer/walk.ts";
import { udpEnd } from "../layer/dhcp-message-type.ts";
import { IpAddress, MacAddress } from "../parse/address.ts";
import { ipv6UpperChecksum } from "../parse/checksum.ts";
import { etherTypes, protocols } from "../parse/packet.ts";
import type { Family, PortIdentity } from "./configuration.ts";
import { dhcpv6Messages, dhcpv6Options } from "./dhcpv6-codes.ts";
import { type Dhcpv6Request, parseDhcpv6 } from "./dhcpv6-request.ts";
import { domainNameBytes, searchListBytes } from "./domain-name.ts";
import { beginReply, etherSize, writeEther, writeIpv6 } from "./reply.ts";

const hopLimit = 255;

/** Answer Solicit, Request and Confirm by what the guest's one address is. False: dropped. */
export function dhcpv6Reply(walk: Walk, identity: PortIdentity, family: Family): boolean {
  const { view } = walk.frame;
  const { packet } = walk;
  const request = parseDhcpv6(walk.frame.bytes.subarray(packet.payloadAt, udpEnd(view, packet)));
  if (request === undefined) return false;
  const message = answer(request, identity, family);
  if (message === undefined) return false;
  const guest = IpAddress.read(view, packet.ipAt + 8, 6);
  const guestMac = MacAddress.read(view, packet.etherAt + 6);
  const udpLength = 8 + message.length;
  const start = beginReply(walk, etherSize + 40 + udpLength);
  const out = walk.reply.view;
  writeEther(out, start, guestMac, identity.gatewayMac, etherTypes.ipv6);
  const ip = start + etherSize;
  writeIpv6(out, ip, identity.gatewayLinkLocal, guest, protocols.udp, hopLimit, udpLength);
  const udp = ip + 40;
  out.setUint16(udp, 547);
  out.setUint16(udp + 2, 546);
  out.setUint16(udp + 4, udpLength);
  walk.reply.bytes.set(message, udp + 8);
  const checksum = ipv6UpperChecksum(out, ip, protocols.udp, udp, udp + udpLength);
  out.setUint16(udp + 6, checksum === 0 ? 0xffff : checksum);
  return true;
}

/** The message that answers, or nothing. */
function answer(request: Dhcpv6Request, identity: PortIdentity, family: Family): Uint8Array | undefined {
  const serverId = [0, 3, 0, 1, ...macBytes(identity.gatewayMac)];
  const isOurs = request.serverId !== undefined && sameBytes(request.serverId, serverId);
  const { clientId } = request;
  if (clientId === undefined) return undefined;
  const head = [...option(dhcpv6Options.serverId, serverId), ...option(dhcpv6Options.clientId, clientId)];
  switch (request.type) {
    case dhcpv6Messages.solicit: {
      if (request.serverId !== undefined || !request.hasElapsedTime) return undefined;
      const rapid = request.hasRapidCommit || request.requested.includes(dhcpv6Options.rapidCommit);
      const type = rapid ? dhcpv6Messages.reply : dhcpv6Messages.advertise;
      const commit = rapid ? option(dhcpv6Options.rapidCommit, []) : [];
      return message(type, request, [...head, ...commit, ...lease(request, identity, family)]);
    }
    case dhcpv6Messages.request:
      if (!isOurs) return undefined;
      return message(dhcpv6Messages.reply, request, [...head, ...lease(request, identity, family)]);
    case dhcpv6Messages.confirm: {
      // Asked whether its addresses still fit the link; without any there is nothing to say (RFC 8415 section 18.3.3).
      if (request.addresses.length === 0) return undefined;
      const own = [...family.privateIp.bytes];
      const onLink = request.addresses.every((address) => sameBytes(address, own));
      const status = onLink ? [0, 0] : [0, notOnLink];
      return message(dhcpv6Messages.reply, request, [...head, ...option(dhcpv6Options.statusCode, status)]);
    }
    default:
      return undefined;
  }
}

const notOnLink = 4;
const infinity = [0xff, 0xff, 0xff, 0xff];

/** The address for the first association asked for, and what else was asked for. */
function lease(request: Dhcpv6Request, { dhcp }: PortIdentity, family: Family): number[] {
  const options: number[] = [];
  if (request.iaid !== undefined) {
    const address = option(dhcpv6Options.iaAddress, [...family.privateIp.bytes, ...infinity, ...infinity]);
    options.push(...option(dhcpv6Options.iaNa, [...request.iaid, ...infinity, ...infinity, ...address]));
  }
  const asks = (code: number): boolean => request.requested.includes(code);
  if (asks(dhcpv6Options.dnsServers) && dhcp.dns6 !== undefined && dhcp.dns6.length > 0) {
    const servers = dhcp.dns6.flatMap((text) => [...IpAddress.parse(text).bytes]);
    options.push(...option(dhcpv6Options.dnsServers, servers));
  }
  if (asks(dhcpv6Options.domainList) && dhcp.searchList !== undefined && dhcp.searchList.length > 0) {
    options.push(...option(dhcpv6Options.domainList, searchListBytes(dhcp.searchList)));
  }
  if (asks(dhcpv6Options.fqdn) && dhcp.hostname !== undefined) {
    const name = dhcp.domain === undefined ? dhcp.hostname : `${dhcp.hostname}.${dhcp.domain}`;
    // The server updates DNS, and overrode what the client wanted (RFC 4704 section 4.1).
    options.push(...option(dhcpv6Options.fqdn, [0x03, ...domainNameBytes(name)]));
  }
  return options;
}

function message(type: number, { transaction }: Dhcpv6Request, options: readonly number[]): Uint8Array {
  return Uint8Array.from([type, transaction >>> 16, (transaction >> 8) & 0xff, transaction & 0xff, ...options]);
}

function option(code: number, data: Iterable<number>): number[] {
  const bytes = [...data];
  return [code >> 8, code & 0xff, bytes.length >> 8, bytes.length & 0xff, ...bytes];
}

function macBytes(mac: MacAddress): Uint8Array {
  const bytes = new Uint8Array(6);
  mac.write(new DataView(bytes.buffer), 0);
  return bytes;
}

function sameBytes(a: ArrayLike<number>, b: readonly number[]): boolean {
  return a.length === b.length && b.every((byte, i) => byte === a[i]);
}
