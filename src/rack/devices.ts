import { hostAddress } from "./addressing.ts";
import { deriveMac } from "../topology/index.ts";
import type { Fabric, RackNode } from "./fabric.ts";
import { nameServerOn } from "./name-servers.ts";

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

/** Commands that give a node the addresses and devices that no wire brings. */
export function deviceCommands(topology: string, fabric: Fabric, owner: RackNode): readonly string[] {
  const { node, role, prefix } = owner;
  if (role === "switch") {
    const end = (name: string): string => `${name} address ${deriveMac(topology, node.name, name)}`;
    return [
      [
        `ip link add ${end("cpu0")} type veth peer name ${end("cpu1")}`,
        `ip link set cpu0 mtu ${cpuMtu} addrgenmode none up`,
        `ip link set cpu1 mtu ${cpuMtu} addrgenmode none up`,
      ].join(" && "),
    ];
  }
  const addresses = [hostAddress(prefix), nameServerOn(fabric, owner)?.address];
  return addresses.flatMap((address) => (address === undefined ? [] : [`ip address add ${address}/64 dev lo`]));
}
