import { formatIpv6 } from "../packet/index.ts";
import type { RawSnapshot } from "./agent-protocol.ts";

/** What a node is and runs at one moment, in words that can be compared and shown. Lists are sorted. */
export interface GuestSnapshot {
  /** Command lines of all processes but the agent. */
  readonly processes: readonly string[];
  /** Network interfaces with flags, MTU and MAC. */
  readonly links: readonly string[];
  /** IPv4 addresses, and IPv6 addresses with their interfaces. */
  readonly addresses: readonly string[];
  /** IPv6 addresses that are still looked for at others (RFC 4862 section 5.4): their routes are to come. */
  readonly tentative: readonly string[];
  /** IPv4 routes of the main table, IPv6 routes of all tables. */
  readonly routes: readonly string[];
}

/** Understand what the agent has read. Counters of use, which change by themselves, are left out. */
export function understandSnapshot(raw: RawSnapshot): GuestSnapshot {
  return {
    processes: raw.commandLines.map((line) => line.replaceAll("\0", " ").trim()).toSorted(),
    links: raw.links
      .map(
        ([name = "", flags = "", mtu = "", mac = ""]) =>
          `${name} flags ${flags.trim()} mtu ${mtu.trim()} ${mac.trim()}`,
      )
      .toSorted(),
    addresses: [...ipv4Addresses(raw.ipv4Addresses), ...ipv6Addresses(raw.ipv6Addresses)].toSorted(),
    tentative: ipv6Addresses(raw.ipv6Addresses, (flags) => (flags & tentativeFlag) !== 0).toSorted(),
    routes: [...ipv4Routes(raw.ipv4Routes), ...ipv6Routes(raw.ipv6Routes)].toSorted(),
  };
}

/** Leaves of the kernel's routing trie that say `/32 host LOCAL`; it is printed once for each table that shares it. */
function ipv4Addresses(trie: string): readonly string[] {
  const found = [...trie.matchAll(/\|-- ([\d.]+)\n\s+\/32 host LOCAL/g)].map(([, address = ""]) => address);
  return [...new Set(found)];
}

/** IFA_F_TENTATIVE (Linux include/uapi/linux/if_addr.h). */
const tentativeFlag = 0x40;

/** Columns: address, interface index, prefix length, scope, flags, name. */
function ipv6Addresses(table: string, isMeant: (flags: number) => boolean = () => true): readonly string[] {
  return rows(table)
    .filter(([, , , , flags = ""]) => isMeant(Number.parseInt(flags, 16)))
    .map(([address = "", , length = "", , , name = ""]) => `${name} ${colons(address)}/${Number.parseInt(length, 16)}`);
}

/** Columns: interface, destination, gateway, flags, reference count, use, metric, mask, …; words in the machine's byte order. */
function ipv4Routes(table: string): readonly string[] {
  return rows(table)
    .slice(1)
    .map(([dev = "", destination = "", gateway = "", , , , metric = "", mask = ""]) => {
      const via = gateway === "00000000" ? "" : ` via ${dottedQuad(gateway)}`;
      return `${dottedQuad(destination)}/${prefixLength(mask)}${via} dev ${dev} metric ${metric}`;
    });
}

/** Columns: destination, length, source, length, next hop, metric, reference count, use, flags, interface; in hexadecimal. */
function ipv6Routes(table: string): readonly string[] {
  return rows(table).map(([destination = "", length = "", , , nextHop = "", metric = "", , , , dev = ""]) => {
    const via = /^0+$/.test(nextHop) ? "" : ` via ${colons(nextHop)}`;
    const prefix = `${colons(destination)}/${Number.parseInt(length, 16)}`;
    return `${prefix}${via} dev ${dev} metric ${Number.parseInt(metric, 16)}`;
  });
}

function rows(table: string): readonly (readonly string[])[] {
  return table
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => line.trim().split(/\s+/));
}

function dottedQuad(word: string): string {
  return Buffer.from(word, "hex").reverse().join(".");
}

function prefixLength(mask: string): number {
  return Number.parseInt(mask, 16).toString(2).replaceAll("0", "").length;
}

/** 32 hexadecimal digits as an IPv6 address, in the short form of RFC 5952. */
function colons(digits: string): string {
  return formatIpv6(Buffer.from(digits, "hex"));
}
