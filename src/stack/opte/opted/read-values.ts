import type { SourceFilter } from "../engine/host/multicast.ts";
import { parseRouterTarget } from "../engine/layer/router-target.ts";
import { IpAddress, IpPrefix, MacAddress } from "../engine/parse/address.ts";
import { OpteError } from "../engine/port/opte-error.ts";
import { parseFirewallRule } from "../engine/vpc/firewall-text.ts";
import type { RouterEntry } from "../engine/vpc/router.ts";
import type { RouterEntryText } from "./sled-state.ts";

/** Values of a request, from text. Each throws OpteError, InvalidIpCfg, with what is wrong with it. */

/** A source filter, its addresses as text. */
export interface Filter {
  readonly mode: SourceFilter["mode"];
  readonly sources: readonly string[];
}

/** Read a value that a person wrote; what is wrong with it becomes the refusal. */
function read<T>(what: string, subject: string, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    if (error instanceof OpteError) throw error;
    throw new OpteError(
      "InvalidIpCfg",
      what,
      subject,
      undefined,
      error instanceof Error ? error.message : String(error),
    );
  }
}

/** A firewall rule. */
export function readRule(text: string): ReturnType<typeof parseFirewallRule> {
  return read("set firewall rules", text, () => parseFirewallRule(text));
}

/** A route. */
export function readRoute(port: string, { destination, target, class: routerClass }: RouterEntryText): RouterEntry {
  return read("set route", port, () => ({
    destination: IpPrefix.parse(destination),
    target: parseRouterTarget(target),
    class: routerClass,
  }));
}

/** An address, of a family if one is given. */
export function readAddress(what: string, text: string, family?: 4 | 6): IpAddress {
  const address = read(what, text, () => IpAddress.parse(text));
  if (family === undefined || address.family === family) return address;
  throw new OpteError("InvalidIpCfg", what, text, `an IPv${family} address`, text);
}

/** A prefix. */
export function readPrefix(what: string, text: string): IpPrefix {
  return read(what, text, () => IpPrefix.parse(text));
}

/** A MAC address. */
export function readMac(what: string, text: string): MacAddress {
  return read(what, text, () => MacAddress.parse(text));
}

/** A source filter. */
export function readFilter({ mode, sources }: Filter): SourceFilter {
  return { mode, sources: sources.map((text) => readAddress("set source filter", text)) };
}

/** What a route is told apart by. */
export function routeKey({ destination, target, class: routerClass }: RouterEntryText): string {
  return `${IpPrefix.parse(destination).text} ${parseRouterTarget(target).text} ${routerClass}`;
}
