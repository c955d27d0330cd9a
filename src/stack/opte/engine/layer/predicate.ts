import type { IpPrefix, MacAddress } from "../parse/address.ts";
import { type Packet, ulp } from "../parse/packet.ts";
import { dhcpv4MessageType, dhcpv6MessageType } from "./dhcp-message-type.ts";
import type { Walk } from "./walk.ts";

/** Values from `low` to `high`, both included. */
export interface Range {
  readonly low: number;
  readonly high: number;
}

/** A condition on a packet; one with a list holds if any element does. */
export type Predicate =
  | { readonly kind: "ether-type"; readonly values: readonly number[] }
  | { readonly kind: "ether-source" | "ether-destination"; readonly values: readonly MacAddress[] }
  /** The group bit of the destination MAC address is set. */
  | { readonly kind: "ether-multicast" }
  | { readonly kind: "protocol"; readonly values: readonly number[] }
  /** Prefixes of one family. */
  | { readonly kind: "source" | "destination"; readonly values: readonly IpPrefix[] }
  | { readonly kind: "source-port" | "destination-port"; readonly values: readonly Range[] }
  | { readonly kind: "icmp-type" | "icmp-code"; readonly values: readonly Range[] }
  | { readonly kind: "meta"; readonly key: string; readonly value: string }
  /** Needs the packet's data: tested after all others. */
  | { readonly kind: "dhcp-message" | "dhcpv6-message"; readonly values: readonly number[] }
  | { readonly kind: "not"; readonly of: Predicate }
  | { readonly kind: "any" | "all"; readonly of: readonly Predicate[] };

/** Whether a predicate reads beyond the headers. */
export function readsData(predicate: Predicate): boolean {
  const { kind } = predicate;
  if (kind === "not") return readsData(predicate.of);
  if (kind === "any" || kind === "all") return predicate.of.some(readsData);
  return kind === "dhcp-message" || kind === "dhcpv6-message";
}

/** A predicate as it is asked: a function costs less than its description. */
export type Test = (walk: Walk) => boolean;

/** Whether the packet of a walk meets the condition. */
export function testOf(predicate: Predicate): Test {
  switch (predicate.kind) {
    case "ether-type": {
      const { values } = predicate;
      return ({ packet }) => values.includes(packet.etherType);
    }
    case "ether-source":
      return macTest(predicate.values, 6);
    case "ether-destination":
      return macTest(predicate.values, 0);
    case "ether-multicast":
      return ({ frame, packet }) => (frame.view.getUint8(packet.etherAt) & 1) === 1;
    case "protocol": {
      const { values } = predicate;
      return ({ packet }) => packet.family !== 0 && values.includes(packet.protocol);
    }
    case "source":
      return addressTest(predicate.values, 1);
    case "destination":
      return addressTest(predicate.values, 5);
    case "source-port": {
      const { values } = predicate;
      return ({ packet }) => inRanges(values, packet.sourcePort);
    }
    case "destination-port": {
      const { values } = predicate;
      return ({ packet }) => inRanges(values, packet.destinationPort);
    }
    case "icmp-type": {
      const { values } = predicate;
      return ({ packet }) => inRanges(values, packet.icmpType);
    }
    case "icmp-code": {
      const { values } = predicate;
      return ({ packet }) => inRanges(values, packet.icmpCode);
    }
    case "meta": {
      const { key, value } = predicate;
      return (walk) => walk.metadata(key) === value;
    }
    case "dhcp-message": {
      const { values } = predicate;
      return ({ frame, packet }) => packet.ulp === ulp.udp && values.includes(dhcpv4MessageType(frame.view, packet));
    }
    case "dhcpv6-message": {
      const { values } = predicate;
      return ({ frame, packet }) => packet.ulp === ulp.udp && values.includes(dhcpv6MessageType(frame.view, packet));
    }
    case "not": {
      const test = testOf(predicate.of);
      return (walk) => !test(walk);
    }
    case "any": {
      const tests = predicate.of.map(testOf);
      return (walk) => tests.some((test) => test(walk));
    }
    case "all": {
      const tests = predicate.of.map(testOf);
      return (walk) => tests.every((test) => test(walk));
    }
  }
}

function macTest(values: readonly MacAddress[], offset: number): Test {
  return (walk) => hasMac(values, walk, offset);
}

function addressTest(values: readonly IpPrefix[], at: number): Test {
  return ({ packet }) => hasAddress(values, packet, at);
}

function hasMac(values: readonly MacAddress[], walk: Walk, offset: number): boolean {
  const at = walk.packet.etherAt + offset;
  for (const value of values) if (value.isAt(walk.frame.view, at)) return true;
  return false;
}

function hasAddress(values: readonly IpPrefix[], packet: Packet, at: number): boolean {
  for (const value of values) if (value.family === packet.family && value.containsAt(packet.key, at)) return true;
  return false;
}

/** Whether a value lies in one of the ranges; -1, for a field that is not there, in none. */
function inRanges(ranges: readonly Range[], value: number): boolean {
  for (const { low, high } of ranges) if (value >= low && value <= high) return true;
  return false;
}
