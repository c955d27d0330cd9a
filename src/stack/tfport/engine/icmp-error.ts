import {
  build,
  ethernet,
  formatIpv4,
  formatIpv6,
  icmp,
  icmpv6,
  ipv4,
  ipv6,
  type Layer,
  packet,
  payload,
  vlan,
} from "../../../packet/index.ts";
import type { InvokingPacket } from "./invoking-packet.ts";

/** An ICMP error by its numbers, of the family of the packet that it is about. */
export interface IcmpError {
  readonly type: number;
  readonly code: number;
  /** Of the wire that the packet is too long for; 0 for errors that are about something else. */
  readonly mtu: number;
}

/** The error about a packet whose next hop does not answer: host, or address, unreachable. */
export function unreachableNextHop(family: 4 | 6): IcmpError {
  return family === 4 ? { type: 3, code: 1, mtu: 0 } : { type: 1, code: 3, mtu: 0 };
}

/** Whether it is one of the errors that a switch asks for: unreachable, packet too big for some MTU, time exceeded. */
export function isAskedError(family: 4 | 6, { type, mtu }: IcmpError): boolean {
  return family === 4 ? type === 3 || type === 11 : type === 1 || type === 3 || (type === 2 && mtu > 0);
}

/** An error of IPv4 is at most 576 bytes long (RFC 1812, section 4.3.2.3). */
const quotedIpv4Bytes = 576 - 20 - 8;
/** One of IPv6 fits the least MTU (RFC 4443, section 2.4 (c)). */
const quotedIpv6Bytes = 1280 - 40 - 8;
/** Precedence internetwork control (RFC 1812, section 4.3.2.5). */
const ipv4Dscp = 48;

/** What an error is sent with. */
export interface ErrorAddresses {
  readonly dstMac: string;
  readonly srcMac: string;
  /** VLAN; none unless given. */
  readonly tag?: number | undefined;
  /** The switch, in the family of the packet. */
  readonly source: string;
}

/** The frame of an error about a packet, for the packet's source. */
export function icmpErrorFrame(error: IcmpError, about: InvokingPacket, addresses: ErrorAddresses): Buffer {
  const { dstMac: dst, srcMac: src, tag, source } = addresses;
  const tags = tag === undefined ? [] : [vlan({ id: tag })];
  return build(packet(ethernet({ dst, src }), ...tags, ...errorLayers(error, about, source)));
}

function errorLayers({ type, code, mtu }: IcmpError, { family, source, bytes }: InvokingPacket, from: string): Layer[] {
  if (family === 4) {
    const message = type === 3 ? "destination-unreachable" : "time-exceeded";
    return [
      ipv4({ src: from, dst: formatIpv4(source), dscp: ipv4Dscp }),
      icmp({ message, code, ...(isTooLong(type, code) ? { nextHopMtu: mtu } : {}) }),
      payload(bytes.subarray(0, quotedIpv4Bytes)),
    ];
  }
  const message = type === 1 ? "destination-unreachable" : "time-exceeded";
  return [
    ipv6({ src: from, dst: formatIpv6(source) }),
    type === 2 ? icmpv6({ message: "packet-too-big", mtu }) : icmpv6({ message, code }),
    payload(bytes.subarray(0, quotedIpv6Bytes)),
  ];
}

/** Fragmentation needed (RFC 1191, section 4). */
function isTooLong(type: number, code: number): boolean {
  return type === 3 && code === 4;
}
