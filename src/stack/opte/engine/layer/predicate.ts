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

/** Whether the packet of the walk meets the condition. */
export function matches(predicate: Predicate, walk: Walk): boolean {
  const { packet } = walk;
  switch (predicate.kind) {
    case "ether-type":
      return predicate.values.includes(packet.etherType);
    case "ether-source":
      return hasMac(predicate.values, walk, 6);
    case "ether-destination":
      return hasMac(predicate.values, walk, 0);
    case "ether-multicast":
      return (walk.frame.view.getUint8(packet.etherAt) & 1) === 1;
    case "protocol":
      return packet.family !== 0 && predicate.values.includes(packet.protocol);
    case "source":
      return hasAddress(predicate.values, packet, 1);
    case "destination":
      return hasAddress(predicate.values, packet, 5);
    case "source-port":
      return inRanges(predicate.values, packet.sourcePort);
    case "destination-port":
      return inRanges(predicate.values, packet.destinationPort);
    case "icmp-type":
      return inRanges(predicate.values, packet.icmpType);
    case "icmp-code":
      return inRanges(predicate.values, packet.icmpCode);
    case "meta":
      return walk.metadata(predicate.key) === predicate.value;
    case "dhcp-message":
      return packet.ulp === ulp.udp && predicate.values.includes(dhcpv4MessageType(walk.frame.view, packet));
    case "dhcpv6-message":
      return packet.ulp === ulp.udp && predicate.values.includes(dhcpv6MessageType(walk.frame.view, packet));
    case "not":
      return !matches(predicate.of, walk);
    case "any":
      return predicate.of.some((each) => matches(each, walk));
    case "all":
      return predicate.of.every((each) => matches(each, walk));
  }
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
