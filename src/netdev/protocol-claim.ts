import { check, integer, libc, SOCK_NONBLOCK_CLOEXEC, SOCK_RAW } from "./libc.ts";
import { attachFilter, passNothing } from "./packet-filter.ts";

const AF_INET6 = 10;
const SOCK_DGRAM = 2;
const IPPROTO_IPV6 = 41;
const IPPROTO_UDP = 17;
const IPV6_V6ONLY = 26;
const UDP_NO_CHECK6_RX = 102;
const addressBytes = 28;

/**
 * Tell the kernel that somebody here understands an IPv6 next header, until disposed of: else it answers each packet with
 * "unrecognized next header" (RFC 4443 section 3.4), also those that a packet socket takes. Throws an Error with the call and
 * the name of its errno.
 */
export function claimIpv6Protocol(nextHeader: number): Disposable {
  return claim(libc.socket(AF_INET6, SOCK_RAW | SOCK_NONBLOCK_CLOEXEC, nextHeader), () => undefined);
}

/**
 * Have a UDP port of all IPv6 addresses, until disposed of, and take nothing: what comes to it is for a packet socket, and the
 * kernel neither answers "port unreachable" nor complains of checksums that are zero. Throws an Error with the call and the name
 * of its errno: EADDRINUSE where somebody else has the port, such as a tunnel of the kernel.
 */
export function claimUdp6Port(port: number): Disposable {
  return claim(libc.socket(AF_INET6, SOCK_DGRAM | SOCK_NONBLOCK_CLOEXEC, 0), (fd) => {
    const set = (name: string, level: number, option: number): void => {
      check(name, libc.setsockopt(fd, level, option, integer(1), 4));
    };
    set("IPV6_V6ONLY", IPPROTO_IPV6, IPV6_V6ONLY);
    set("UDP_NO_CHECK6_RX", IPPROTO_UDP, UDP_NO_CHECK6_RX);
    const address = Buffer.alloc(addressBytes);
    address.writeUInt16LE(AF_INET6, 0);
    address.writeUInt16BE(port, 2);
    check(`bind to UDP port ${port}`, libc.bind(fd, address, address.length));
  });
}

function claim(result: unknown, prepare: (fd: number) => void): Disposable {
  const fd = check("socket", result);
  try {
    attachFilter(fd, passNothing);
    prepare(fd);
  } catch (error) {
    libc.close(fd);
    throw error;
  }
  let open = true;
  return {
    [Symbol.dispose]() {
      if (open) libc.close(fd);
      open = false;
    },
  };
}
