import { protocolName } from "../parse/flow-key.ts";
import type { Predicate, Range } from "./predicate.ts";

/** A predicate as dumps print it (specification, section 1.3). */
export function predicateText(predicate: Predicate): string {
  switch (predicate.kind) {
    case "ether-type":
      return listed("inner.ether.ether_type", predicate.values.map(etherTypeName));
    case "ether-source":
      return listed("inner.ether.src", predicate.values.map(textOf));
    case "ether-destination":
      return listed("inner.ether.dst", predicate.values.map(textOf));
    case "ether-multicast":
      return "inner.ether.dst=multicast";
    case "protocol":
      return listed("inner.ip.proto", predicate.values.map(protocolName));
    case "source":
    case "destination": {
      const version = predicate.values[0]?.family === 6 ? "ip6" : "ip";
      const field = predicate.kind === "source" ? "src" : "dst";
      return listed(
        `inner.${version}.${field}`,
        predicate.values.map((prefix) => (prefix.isHost ? prefix.address.text : prefix.text)),
      );
    }
    case "source-port":
      return ranged("inner.ulp.src", predicate.values);
    case "destination-port":
      return ranged("inner.ulp.dst", predicate.values);
    case "icmp-type":
      return ranged("inner.icmp.type", predicate.values);
    case "icmp-code":
      return ranged("inner.icmp.code", predicate.values);
    case "meta":
      return `meta: ${predicate.key}=${predicate.value}`;
    case "dhcp-message":
      return listed(
        "dhcp.msg_type",
        predicate.values.map((value) => dhcpNames[value] ?? String(value)),
      );
    case "dhcpv6-message":
      return listed(
        "dhcp6.msg_type",
        predicate.values.map((value) => dhcpv6Names[value] ?? String(value)),
      );
    case "not":
      return `!${predicateText(predicate.of)}`;
    case "any":
    case "all":
      return `${predicate.kind}(${predicate.of.map(predicateText).join(",")})`;
  }
}

const dhcpNames: Readonly<Record<number, string>> = { 1: "Discover", 3: "Request" };
const dhcpv6Names: Readonly<Record<number, string>> = { 1: "Solicit", 3: "Request" };

function textOf({ text }: { readonly text: string }): string {
  return text;
}

function listed(field: string, values: readonly string[]): string {
  return `${field}=${values.join(",")}`;
}

function ranged(field: string, ranges: readonly Range[]): string {
  return ranges.map(({ low, high }) => (low === high ? `${field}=${low}` : `${field}∈(${low}..=${high})`)).join(",");
}

function etherTypeName(value: number): string {
  return etherTypeNames.get(value) ?? `0x${value.toString(16).padStart(4, "0")}`;
}

const etherTypeNames = new Map([
  [0x0800, "IPv4"],
  [0x0806, "ARP"],
  [0x6558, "ETHER"],
  [0x86dd, "IPv6"],
]);
