import { addAddress } from "../../netdev/addresses.ts";
import { findLink, setLink } from "../../netdev/links.ts";
import { openNetlinkSocket } from "../../netdev/netlink-socket.ts";
import { formatIpv6, parseMac } from "../../packet/index.ts";

/** The prefix that a sled gives itself from a MAC address, fdb0:<48 bits>::/64 (RFD 63), and the address that it takes of it. */
export function bootstrapOfMac(mac: string): { readonly prefix: string; readonly address: string } {
  const bytes = new Uint8Array(16);
  bytes.set([0xfd, 0xb0, ...parseMac(mac)]);
  const prefix = `${formatIpv6(bytes)}/64`;
  bytes[15] = 1;
  return { prefix, address: formatIpv6(bytes) };
}

/** Put addresses on the loopback interface, which is enabled if it is not. */
export async function assignToLoopback(address: string, prefixLength: number): Promise<void> {
  using socket = openNetlinkSocket();
  const loopback = await findLink(socket, "lo");
  if (loopback === undefined) throw new Error("there is no interface lo");
  if (!loopback.up) await setLink(socket, loopback.index, { up: true });
  await addAddress(socket, { index: loopback.index, address, prefixLength });
}
