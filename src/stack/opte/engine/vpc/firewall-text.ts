import type { Range } from "../layer/predicate.ts";
import { IpAddress, IpPrefix } from "../parse/address.ts";
import { vnis } from "./configuration.ts";
import type { FirewallHosts, FirewallProtocol, FirewallRule } from "./firewall.ts";

/**
 * Read a rule from its text: `dir=in action=allow priority=10 hosts=any protocol=tcp port=80,443`, tokens in any order
 * with one space between; ports may be ranges, `port=80,1000-1999`. Throws an Error that names the token.
 */
export function parseFirewallRule(text: string): FirewallRule {
  let direction: FirewallRule["direction"] | undefined;
  let action: FirewallRule["action"] | undefined;
  let priority: number | undefined;
  let hosts: FirewallHosts = { kind: "any" };
  let protocol: FirewallProtocol = { kind: "any" };
  let ports: FirewallRule["ports"] = [];
  for (const token of text.toLowerCase().split(" ")) {
    const at = token.indexOf("=");
    if (at < 0) throw new Error(`bad token: ${token}`);
    const value = token.slice(at + 1);
    switch (token.slice(0, at)) {
      case "dir":
        direction = oneOf("dir", value, ["in", "out"] as const);
        break;
      case "action":
        action = oneOf("action", value, ["allow", "deny"] as const);
        break;
      case "priority":
        priority = parsePriority(value);
        break;
      case "hosts":
        hosts = parseHosts(value);
        break;
      case "protocol":
        protocol = parseProtocol(value);
        break;
      case "port":
        ports = parsePorts(value);
        break;
      default:
        throw new Error(`invalid key: ${token.slice(0, at)}`);
    }
  }
  if (action === undefined) throw new Error("missing 'action' key");
  if (direction === undefined) throw new Error("missing direction ('dir') key");
  if (priority === undefined) throw new Error("missing 'priority' key");
  return { direction, action, priority, hosts, protocol, ports };
}

function oneOf<Name extends string>(key: string, value: string, names: readonly Name[]): Name {
  const found = names.find((name) => name === value);
  if (found === undefined) throw new Error(`bad ${key}: '${value}' (expected ${names.join(" or ")})`);
  return found;
}

function parsePriority(value: string): number {
  if (!/^\d+$/.test(value) || Number(value) > 0xffff) {
    throw new Error(`bad priority: '${value}' (expected 0 to 65535)`);
  }
  return Number(value);
}

/** `any`, `ip=ADDRESS`, `subnet=CIDR` or `vni=NUMBER`. Throws an Error for anything else. */
export function parseHosts(text: string): FirewallHosts {
  if (text === "any") return { kind: "any" };
  const at = text.indexOf("=");
  const value = text.slice(at + 1);
  const key = at < 0 ? "" : text.slice(0, at);
  if (key === "ip") return { kind: "ip", address: IpAddress.parse(value) };
  if (key === "subnet" && value.includes("/")) return { kind: "subnet", prefix: IpPrefix.parse(value) };
  if (key === "vni" && /^\d+$/.test(value) && Number(value) <= vnis.largest) return { kind: "vni", vni: Number(value) };
  throw new Error(`bad hosts: '${text}' (expected any, ip=ADDRESS, subnet=CIDR or vni=NUMBER)`);
}

/** `any`, `arp`, `tcp`, `udp`, `icmp` or `icmp6`, the last two with `:TYPE,CODE` or `:TYPE,FROM-TO` if wanted. */
export function parseProtocol(text: string): FirewallProtocol {
  const lower = text.toLowerCase();
  if (lower === "any" || lower === "arp" || lower === "tcp" || lower === "udp") return { kind: lower };
  const match = /^(icmp|icmp6)(?::(\d{1,3})(?:,(\d{1,3})(?:-(\d{1,3}))?)?)?$/.exec(lower);
  const [, kind, type, low, high] = match ?? [];
  const numbers = [type, low, high].map((part) => (part === undefined ? 0 : Number(part)));
  if ((kind !== "icmp" && kind !== "icmp6") || numbers.some((number) => number > 255)) {
    throw new Error(`bad protocol: '${text}'`);
  }
  if (type === undefined) return { kind };
  if (low === undefined) return { kind, type: Number(type) };
  const codes: Range = { low: Number(low), high: Number(high ?? low) };
  if (codes.high < codes.low) throw new Error(`bad protocol: '${text}'`);
  return { kind, type: Number(type), codes };
}

/** `any`, or port numbers and ranges of them (`1000-1999`) with commas between. Throws an Error for anything else, also for port 0. */
export function parsePorts(text: string): FirewallRule["ports"] {
  if (text === "any" || text === "any,") return [];
  const ranges = text.split(",").map((part): Range => {
    const [low, high = low, ...more] = part.split("-").map(parsePort);
    if (low === undefined || high === undefined || high < low || more.length > 0)
      throw new Error(`bad port: '${part}'`);
    return { low, high };
  });
  return text.includes("-") ? ranges : ranges.map(({ low }) => low);
}

function parsePort(text: string): number {
  const port = Number(text);
  if (!/^\d+$/.test(text) || port < 1 || port > 0xffff) throw new Error(`bad port: '${text}'`);
  return port;
}
