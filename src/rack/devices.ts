import { hostAddress, sitePrefix } from "./addressing.ts";
import { deriveMac } from "../topology/index.ts";
import { type Fabric, type RackNode, uplinkPorts } from "./fabric.ts";
import { frrCommands } from "./frr.ts";
import { nameServerOn } from "./name-servers.ts";
import { uplinkFilter } from "./uplink-filter.ts";

/** Largest payload of the pair between a switch's kernel and its data plane: that of a wire behind a sidecar header. */
const cpuMtu = 9216;

/** Kernel parameters of a node's ports, besides those of its kind. */
export function nodeSysctls({ node, role }: RackNode): Readonly<Record<string, string>> {
  // The kernel has the ports already when the parameters for new ones are set.
  const entries = node.ports.map(({ name }) =>
    role === "sled" ? [`net.ipv6.conf.${name}.accept_dad`, "0"] : [`net.ipv6.conf.${name}.disable_ipv6`, "1"],
  );
  return Object.fromEntries(entries) as Record<string, string>;
}

/** Whom the kernel of a switch sends its packets of the underlay to: nobody has this address, since the data plane takes them all. */
const dataPlane = { address: "fe80::1", mac: "02:00:00:00:00:01" } as const;

/** Commands that give a node the addresses and devices that no wire brings. */
export function deviceCommands(topology: string, fabric: Fabric, owner: RackNode): readonly string[] {
  const { node, role, prefix } = owner;
  if (role === "switch") {
    const uplinks = uplinkPorts(fabric, owner);
    const end = (name: string): string => `${name} address ${deriveMac(topology, node.name, name)}`;
    return [
      [
        `ip link add ${end("cpu0")} type veth peer name ${end("cpu1")}`,
        `ip link set cpu0 mtu ${cpuMtu} addrgenmode none up`,
        `ip link set cpu1 mtu ${cpuMtu} addrgenmode none up`,
      ].join(" && "),
      ...(uplinks.length === 0
        ? []
        : [...underlayCommands(hostAddress(prefix)), uplinkFilter(uplinks), ...frrCommands]),
    ];
  }
  const addresses = [hostAddress(prefix), nameServerOn(fabric, owner)?.address];
  return addresses.flatMap((address) => (address === undefined ? [] : [`ip address add ${address}/64 dev lo`]));
}

/**
 * Commands after which the kernel of a switch speaks from the switch's address of the underlay: what it sends into the site goes to the
 * data plane without a sidecar header, which routes it as any packet. Checksums are complete before.
 */
function underlayCommands(address: string): readonly string[] {
  const { address: gateway, mac } = dataPlane;
  return [
    [
      `ip address add ${address}/128 dev lo`,
      "ethtool -K cpu1 tx off tso off gso off >/dev/null",
      `ip neighbour replace ${gateway} lladdr ${mac} nud permanent dev cpu1`,
      `ip route add ${sitePrefix} via ${gateway} dev cpu1 src ${address}`,
    ].join(" && "),
  ];
}
