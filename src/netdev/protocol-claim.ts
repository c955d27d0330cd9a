import { check, libc, SOCK_NONBLOCK_CLOEXEC, SOCK_RAW } from "./libc.ts";
import { attachFilter, passNothing } from "./packet-filter.ts";

const AF_INET6 = 10;

/**
 * Tell the kernel that somebody here understands an IPv6 next header, until disposed of: else it answers each packet with
 * "unrecognized next header" (RFC 4443 section 3.4), also those that a packet socket takes. Throws an Error with the call and
 * the name of its errno.
 */
export function claimIpv6Protocol(nextHeader: number): Disposable {
  const fd = check("socket", libc.socket(AF_INET6, SOCK_RAW | SOCK_NONBLOCK_CLOEXEC, nextHeader));
  try {
    attachFilter(fd, passNothing);
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
