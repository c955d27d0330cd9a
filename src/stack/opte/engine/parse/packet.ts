import { keyWords } from "./flow-key.ts";
import type { ParseFailure, ParseFault } from "./parse-error.ts";

/** Upper-layer protocol whose header was read: 0 none, then as named. */
export const ulp = { none: 0, tcp: 1, udp: 2, icmp: 3, icmp6: 4 } as const;

export const etherTypes = { ipv4: 0x0800, arp: 0x0806, ipv6: 0x86dd, ethernet: 0x6558 } as const;
export const protocols = { icmp: 1, tcp: 6, udp: 17, icmp6: 58 } as const;

/** Bits of the TCP flags byte. */
export const tcpFlag = { fin: 1, syn: 2, rst: 4, ack: 16 } as const;

/**
 * What was read from a frame: offsets into its buffer and numbers. One object is used again for every frame; numbers
 * are small or signed 32-bit, so that writing them allocates nothing.
 */
export class Packet {
  /** Inner Ethernet header. */
  etherAt = 0;
  etherType = 0;
  /** End of the inner frame. */
  frameEnd = 0;
  /** IP version of the inner packet, zero if it has none. */
  family = 0;
  ipAt = 0;
  /** End of the inner IP packet; link padding may follow. */
  ipEnd = 0;
  /** Of IPv6 the last next header. */
  protocol = 255;
  ulp: number = ulp.none;
  ulpAt = 0;
  payloadAt = 0;
  /** -1 unless TCP or UDP. */
  sourcePort = -1;
  destinationPort = -1;
  /** -1 unless ICMP or ICMPv6. */
  icmpType = -1;
  icmpCode = -1;
  tcpFlags = 0;
  /** Flow identifier as the packet is now (flow-key.ts). */
  readonly key = new Int32Array(keyWords);

  /** Whether the frame came encapsulated. */
  encapsulated = false;
  outerIpAt = 0;
  outerUdpAt = 0;
  vni = 0;
  /** The Geneve option External: the packet came from outside of the rack. */
  external = false;
  /** Value of the option MSS, -1 without. */
  mssOption = -1;

  fault: ParseFault = "none";
  faultLocation = "";
  faultExpected = 0;
  faultActual = 0;

  /** Note what is wrong; returns false, for the parser to hand on. */
  fail(fault: ParseFault, location: string, expected: number, actual: number): false {
    this.fault = fault;
    this.faultLocation = location;
    this.faultExpected = expected;
    this.faultActual = actual;
    return false;
  }

  /** The fault of the last parse as an object of its own. */
  failure(): ParseFailure {
    return {
      fault: this.fault,
      location: this.faultLocation,
      expected: this.faultExpected,
      actual: this.faultActual,
    };
  }
}
