import type { DirectoryState } from "../sled-interface/directory-state.ts";
import type { VpcView } from "./network-view.ts";
import type { Snapshot } from "./snapshot.ts";

/** A name server's desired state before it has a generation. */
export type DirectoryIntent = Omit<DirectoryState, "generation">;

/** A name server, as the settings of the fleet have it. */
export interface NameServerSetting {
  readonly name: string;
  readonly address: string;
}

/** Where a sled's agent listens, as the settings of the fleet have it. */
export interface SledAgentSetting extends NameServerSetting {
  readonly port: number;
}

/** Keys of the settings that hold the name servers, and where sled agents listen. */
export const nameServersKey = "name_servers";
export const sledAgentsKey = "sled_agents";

const dnsPort = 53;

/** The name servers there are. */
export function nameServersOf({ settings }: Pick<Snapshot, "settings">): readonly NameServerSetting[] {
  return (settings.find(({ key }) => key === nameServersKey)?.value ?? []) as readonly NameServerSetting[];
}

/**
 * What every name server shall know: all instances of each VPC, whether they run or not, by their names, and where the racks' own
 * services are.
 */
export function directoryIntent(snapshot: Snapshot, views: readonly VpcView[]): DirectoryIntent {
  const agents = (snapshot.settings.find(({ key }) => key === sledAgentsKey)?.value ??
    []) as readonly SledAgentSetting[];
  const servers = nameServersOf(snapshot);
  const named = <Row extends NameServerSetting>(rows: readonly Row[], port: (row: Row) => number) =>
    rows.map((row) => ({ host: row.name, address: row.address, port: port(row) }));
  return {
    vpcs: views
      .filter(({ interfaces }) => interfaces.length > 0)
      .map(({ vpc, interfaces }) => ({
        vni: vpc.vni,
        hosts: primaryFirst(interfaces).flatMap(hostOf).toSorted(byName),
      }))
      .toSorted((one, other) => one.vni - other.vni),
    services: [
      { name: "sled-agent", protocol: "tcp" as const, instances: named(agents, ({ port }) => port) },
      { name: "dns", protocol: "udp" as const, instances: named(servers, () => dnsPort) },
    ].filter(({ instances }) => instances.length > 0),
  };
}

type Host = DirectoryIntent["vpcs"][number]["hosts"][number];

function primaryFirst(interfaces: VpcView["interfaces"]): VpcView["interfaces"] {
  return interfaces.toSorted(
    ({ nic: one }, { nic: other }) => Number(other.is_primary) - Number(one.is_primary) || one.slot - other.slot,
  );
}

function hostOf({ instance, nic, subnet }: VpcView["interfaces"][number]): readonly Host[] {
  if (instance === undefined) return [];
  const addresses = [nic.ipv4, nic.ipv6].flatMap((address) => (address === null ? [] : [address]));
  return [{ name: instance.name, subnet: subnet.name, addresses }];
}

function byName(one: Host, other: Host): number {
  return one.name < other.name ? -1 : one.name > other.name ? 1 : 0;
}
