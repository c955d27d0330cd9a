import { writeFile } from "node:fs/promises";
import { createVeth, findLink, setLink } from "../../netdev/links.ts";
import { NetlinkError } from "../../netdev/netlink-error.ts";
import type { NetlinkSocket } from "../../netdev/netlink-socket.ts";
import { sidecarBytes, vlanBytes } from "./engine/sidecar-frame.ts";

/** An interface that speaks IPv6 only where a route leads to it. */
const silent = [
  ["addr_gen_mode", 1],
  ["accept_ra", 0],
  ["autoconf", 0],
] as const;

/**
 * Have the veth pair between tfportd and the switch's port 0, both ends up. What the kernel would send there by itself would be
 * switched: so the switch's end has no network layer, and tfportd's no address, and learns none. Whoever comes first makes it, any
 * number of times.
 *
 * @param mtu of the ports' interfaces; the pair carries a sidecar header and a VLAN tag in addition
 */
export async function ensureCpuInterface(
  netlink: NetlinkSocket,
  { cpuInterface, switchInterface, mtu }: { cpuInterface: string; switchInterface: string; mtu: number },
): Promise<void> {
  if ((await findLink(netlink, cpuInterface)) === undefined) {
    try {
      await createVeth(netlink, { name: cpuInterface }, { name: switchInterface });
    } catch (error) {
      if (!(error instanceof NetlinkError && error.code === "EEXIST")) throw error;
    }
  }
  const least = mtu + sidecarBytes + vlanBytes;
  for (const name of [cpuInterface, switchInterface]) {
    const link = await findLink(netlink, name);
    // The other end may be in another namespace, where who holds it cares for it.
    if (link === undefined) continue;
    if (name === switchInterface) await setInterfaceOption(name, "disable_ipv6", 1);
    else for (const [option, value] of silent) await setInterfaceOption(name, option, value);
    await setLink(netlink, link.index, { up: true, ...(link.mtu < least ? { mtu: least } : {}) });
  }
}

/** Set one of `/proc/sys/net/ipv6/conf/NAME/`; a kernel without IPv6 has none. */
export async function setInterfaceOption(name: string, option: string, value: number): Promise<void> {
  try {
    await writeFile(`/proc/sys/net/ipv6/conf/${name}/${option}`, String(value));
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ENOENT")) throw error;
  }
}
