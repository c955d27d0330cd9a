import koffi from "koffi";
import { check, errno, libc, NativeMemory, SOCK_NONBLOCK_CLOEXEC } from "./libc.ts";

const AF_INET6 = 10;
const SOCK_DGRAM = 2;
const SIOCETHTOOL = 0x8946;
const requestBytes = 40;

/** Commands of Linux include/uapi/linux/ethtool.h that switch an offload. */
const offloads = {
  "transmit checksums": 0x17,
  "TCP segmentation": 0x1f,
  "generic segmentation": 0x24,
  "generic receive merging": 0x2c,
} as const;

/**
 * Have the kernel write whole checksums into what it sends on an interface, cut segments to the MTU, and merge none that it
 * receives: what a veth hands over otherwise is unfinished, and whoever sends it on sends it wrong. Switches that an
 * interface does not have are left out.
 *
 * @throws Error with the switch and the name of its errno, e.g. EPERM, ENODEV
 */
export function disableOffloads(interfaceName: string): void {
  const socket = check("socket", libc.socket(AF_INET6, SOCK_DGRAM | SOCK_NONBLOCK_CLOEXEC, 0));
  try {
    for (const [name, command] of Object.entries(offloads)) switchOff(socket, interfaceName, name, command);
  } finally {
    libc.close(socket);
  }
}

function switchOff(socket: number, interfaceName: string, name: string, command: number): void {
  using value = new NativeMemory(8);
  value.view.setUint32(0, command, true);
  value.view.setUint32(4, 0, true);
  const request = Buffer.alloc(requestBytes);
  request.write(interfaceName, 0, 15, "latin1");
  request.writeBigUInt64LE(value.address, 16);
  const result = Number(libc.ioctl(socket, SIOCETHTOOL, "void *", request));
  if (result < 0 && koffi.errno() === errno.notSupported) return;
  check(`switch off ${name} of ${interfaceName}`, result);
}
