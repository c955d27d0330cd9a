import { addAlternativeName } from "../../netdev/links.ts";
import { NetlinkError } from "../../netdev/netlink-error.ts";
import { openNetlinkSocket } from "../../netdev/netlink-socket.ts";

/**
 * The zone of addresses on an interface. Node.js takes none with an underscore (`net.isIPv6("fe80::1%tfportrear0_0")` is
 * false, and the zone is lost), so such an interface has a second name.
 */
export function zoneOf(interfaceName: string): string {
  return interfaceName.replaceAll(/[^0-9A-Za-z.:-]/g, "-");
}

/** Give an interface the name that {@link zoneOf} says, if it is another. */
export async function ensureZone(interfaceName: string, index: number): Promise<void> {
  const zone = zoneOf(interfaceName);
  if (zone === interfaceName) return;
  using socket = openNetlinkSocket();
  try {
    await addAlternativeName(socket, index, zone);
  } catch (error) {
    if (!(error instanceof NetlinkError && error.code === "EEXIST")) throw error;
  }
}
