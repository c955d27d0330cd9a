import { firewallRuleText, portConfiguration } from "../../nexus/sled-interface/opte-port.ts";
import type { PortState, SledState } from "../../nexus/sled-interface/sled-state.ts";
import type { SledPort, SledState as OpteState } from "../../opte/opted/sled-state.ts";
import type { Flows } from "../machine-interface.ts";
import { guestKey } from "./light-guest.ts";

/** Tunnel endpoints that lead to a prefix outside of the rack. */
export interface Boundary {
  readonly prefix: string;
  readonly endpoints: readonly string[];
}

/** The name of whom a port belongs to; the identifier of one that has none. */
export function ownerName({ owner }: PortState, instances: SledState["instances"]): string {
  return instances.find(({ id }) => id === owner.id)?.name ?? owner.id;
}

/** What a guest is attached by, and connections that it comes with. */
export interface GuestHome {
  readonly attachment: SledPort["attachment"];
  readonly flows?: Flows | null;
}

/** Frames to services that a guest may send a second. */
const servedFramesPerSecond = 100;

/** The name of a port of OPTE: of its network interface's identifier what fits. */
export function optePortName(id: string): string {
  return `opte${id.replaceAll("-", "").slice(0, 9)}`;
}

/**
 * What opted shall have: the ports of those guests that are there, and all mappings.
 *
 * @param homeOf where a guest is; undefined for one that is not there
 * @param learnt what the underlay's routing has learnt, besides what nexus says
 */
export function opteState(
  desired: SledState,
  homeOf: (key: string) => GuestHome | undefined,
  learnt: readonly Boundary[],
): Partial<OpteState> {
  const incarnations = new Map(desired.instances.map(({ id, incarnation }) => [id, incarnation]));
  const ports = desired.ports.flatMap((port): SledPort[] => {
    const key = guestKey(port.owner.id, incarnations.get(port.owner.id) ?? 0);
    const home = homeOf(key);
    return home === undefined ? [] : [optePort(port, home, desired.underlay_ip)];
  });
  return {
    ports,
    v2p: desired.mappings.flatMap(({ vni, guests }) =>
      guests.map(({ ip, mac, underlay_ip: underlay }) => ({ vni, ip, mac, underlay })),
    ),
    v2b: mergedBoundary([...desired.boundary, ...learnt]),
  };
}

function optePort(port: PortState, { attachment, flows }: GuestHome, underlayIp: string): SledPort {
  return {
    name: optePortName(port.id),
    attachment,
    // Read-only in the engine's words.
    configuration: portConfiguration(port, underlayIp) as SledPort["configuration"],
    routes: port.routes,
    firewall: port.firewall_rules.map(firewallRuleText),
    gateways: port.internet_gateways,
    ...(flows === undefined || flows === null ? {} : { flows }),
    ...(port.name_servers.length === 0
      ? {}
      : { services: { dns: port.name_servers, metadata: [], framesPerSecond: servedFramesPerSecond } }),
  };
}

function mergedBoundary(all: readonly Boundary[]): OpteState["v2b"] {
  const endpoints = new Map<string, Set<string>>();
  for (const { prefix, endpoints: some } of all) {
    endpoints.set(prefix, new Set([...(endpoints.get(prefix) ?? []), ...some]));
  }
  return Array.from(endpoints, ([prefix, some]) => ({ prefix, endpoints: [...some] }));
}
