import type { ExternalIpRequest } from "../engine/vpc/vpc-port.ts";
import { routeKey } from "./read-values.ts";
import type { Sled } from "./sled.ts";
import type { SledPort } from "./sled-state.ts";
import { canonical, portState } from "./state-of.ts";

/** Make one port be as wanted by the fewest changes, and say each. Throws OpteError. */
export async function reconcilePort(
  sled: Sled,
  wanted: SledPort,
  start: boolean,
  did: (change: string) => void,
): Promise<void> {
  const { name } = wanted;
  const record = sled.records.find(({ port }) => port.name === name);
  const state = record && portState(record);
  if (state === undefined || fixedPart(state) !== fixedPart(wanted)) {
    if (state !== undefined) await sled.deletePort(name);
    await sled.createPort(wanted, start);
    did(`port ${name} ${state === undefined ? "created" : "made anew"}`);
    return;
  }
  const wantedRoutes = new Map(wanted.routes.map((route) => [routeKey(route), route]));
  const routes = new Map(state.routes.map((route) => [routeKey(route), route]));
  for (const [key, route] of wantedRoutes) {
    if (routes.has(key)) continue;
    sled.addRoute(name, route);
    did(`port ${name}: route ${key} added`);
  }
  for (const [key, route] of routes) {
    if (wantedRoutes.has(key)) continue;
    sled.deleteRoute(name, route);
    did(`port ${name}: route ${key} deleted`);
  }
  if (canonical(state.firewall.toSorted()) !== canonical(wanted.firewall.toSorted())) {
    sled.setFirewallRules(name, wanted.firewall);
    did(`port ${name}: firewall rules set`);
  }
  const external = ({ configuration: { ipv4, ipv6 }, gateways }: SledPort): ExternalIpRequest => ({
    ...(ipv4 === undefined ? {} : { ipv4: { snat: ipv4.snat, ephemeral: ipv4.ephemeral, floating: ipv4.floating } }),
    ...(ipv6 === undefined ? {} : { ipv6: { snat: ipv6.snat, ephemeral: ipv6.ephemeral, floating: ipv6.floating } }),
    gateways,
  });
  if (canonical(external(state)) !== canonical(external(wanted))) {
    sled.setExternalIps(name, external(wanted));
    did(`port ${name}: external addresses set`);
  }
  reconcilePrefixes(sled, state, wanted, did);
  if (canonical(state.services) !== canonical(wanted.services)) {
    sled.setServices(name, wanted.services);
    did(`port ${name}: services set`);
  }
  if (canonical(state.bandwidth) !== canonical(wanted.bandwidth)) {
    sled.setBandwidth(name, wanted.bandwidth ?? {});
    did(`port ${name}: bandwidth set`);
  }
}

function reconcilePrefixes(sled: Sled, state: SledPort, wanted: SledPort, did: (change: string) => void): void {
  const { name } = wanted;
  const attachedOf = ({ configuration: { ipv4, ipv6 } }: SledPort): Record<string, { isExternal: boolean }> => ({
    ...ipv4?.attachedSubnets,
    ...ipv6?.attachedSubnets,
  });
  const transitOf = ({ configuration: { ipv4, ipv6 } }: SledPort): Record<string, { in: boolean; out: boolean }> => ({
    ...ipv4?.transitIps,
    ...ipv6?.transitIps,
  });
  const [attached, wantedAttached] = [attachedOf(state), attachedOf(wanted)];
  for (const [prefix, { isExternal }] of Object.entries(wantedAttached)) {
    if (attached[prefix]?.isExternal === isExternal) continue;
    sled.attachSubnet(name, prefix, isExternal);
    did(`port ${name}: subnet ${prefix} attached`);
  }
  for (const prefix of Object.keys(attached)) {
    if (prefix in wantedAttached) continue;
    sled.detachSubnet(name, prefix);
    did(`port ${name}: subnet ${prefix} detached`);
  }
  const [transit, wantedTransit] = [transitOf(state), transitOf(wanted)];
  for (const prefix of new Set([...Object.keys(transit), ...Object.keys(wantedTransit)])) {
    for (const direction of ["in", "out"] as const) {
      const [is, should] = [transit[prefix]?.[direction] ?? false, wantedTransit[prefix]?.[direction] ?? false];
      if (is === should) continue;
      if (should) sled.allowCidr(name, prefix, direction);
      else sled.removeCidr(name, prefix, direction);
      did(`port ${name}: ${prefix} ${direction} ${should ? "allowed" : "removed"}`);
    }
  }
}

/** What of a port cannot be changed while it lives. */
function fixedPart({ attachment, configuration }: SledPort): string {
  const fixed = (family: SledPort["configuration"]["ipv4"]): unknown =>
    family && [family.subnet, family.privateIp, family.gatewayIp];
  const { ipv4, ipv6, ...rest } = configuration;
  return canonical({ attachment, rest, ipv4: fixed(ipv4), ipv6: fixed(ipv6) });
}
