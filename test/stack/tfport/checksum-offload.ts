import { check, libc, NativeMemory } from "../../../src/netdev/libc.ts";

const AF_INET6 = 10;
const SOCK_DGRAM = 2;
const SIOCETHTOOL = 0x8946;
const ETHTOOL_STXCSUM = 0x17;

/**
 * Have the kernel write checksums itself: on a veth it leaves them to the receiver, which takes them for granted, and whoever
 * sends such a frame on sends it wrong.
 */
export function withoutChecksumOffload(interfaceName: string): void {
  const socket = check("socket", libc.socket(AF_INET6, SOCK_DGRAM, 0));
  using value = new NativeMemory(8);
  value.view.setUint32(0, ETHTOOL_STXCSUM, true);
  value.view.setUint32(4, 0, true);
  const request = Buffer.alloc(40);
  request.write(interfaceName);
  request.writeBigUInt64LE(value.address, 16);
  try {
    check("SIOCETHTOOL", libc.ioctl(socket, SIOCETHTOOL, "void *", request));
  } finally {
    libc.close(socket);
  }
}
