import { addAddress } from "../../netdev/addresses.ts";
import { setLink } from "../../netdev/links.ts";
import type { NetlinkSocket } from "../../netdev/netlink-socket.ts";
import { batchSize, type FrameTaker } from "../../netdev/packet-socket.ts";
import { openTap, type Tap } from "../../netdev/tap.ts";
import { setInterfaceOption } from "./cpu-interface.ts";
import type { DpdPort } from "./dpd-client.ts";

/** Batches taken in a row before others get their turn. */
const batchesPerTurn = 4;
const linkLocalPrefixLength = 64;

/** The name of a port's interface: `tfportrear0_0`. */
export function portInterfaceName({ portId, linkId }: Pick<DpdPort, "portId" | "linkId">): string {
  return `tfport${portId}_${linkId}`;
}

/**
 * Make the interface of a port: with the port's MAC address and link-local address at once, without duplicate address
 * detection, router discovery or addresses of the kernel's own choice, up, and with a carrier if its NIC has one.
 */
export async function openPortInterface(
  netlink: NetlinkSocket,
  port: DpdPort,
  { mtu, carrier }: { mtu: number; carrier: boolean },
): Promise<Tap> {
  const name = portInterfaceName(port);
  const tap = openTap(name);
  try {
    tap.setCarrier(carrier);
    await setLink(netlink, tap.index, { mac: port.mac, mtu, addressGeneration: "none" });
    for (const option of ["accept_dad", "dad_transmits", "accept_ra", "autoconf"]) {
      await setInterfaceOption(name, option, 0);
    }
    await setLink(netlink, tap.index, { up: true });
    if (port.linkLocal !== undefined) {
      await addAddress(netlink, { index: tap.index, address: port.linkLocal, prefixLength: linkLocalPrefixLength });
    }
    return tap;
  } catch (error) {
    tap[Symbol.dispose]();
    throw error;
  }
}

/** Hand on all frames that the kernel sends on the interface; `batchEnd` after those that came together. */
export function watchPortInterface(tap: Tap, take: FrameTaker, batchEnd: () => void): void {
  tap.watch(() => {
    for (let batch = 0; batch < batchesPerTurn; batch += 1) {
      const count = tap.receive(take);
      if (count > 0) batchEnd();
      if (count < batchSize) return;
    }
  });
}
