import type { Body } from "./body.ts";
import { formatIpv4, parseIpv4 } from "./ipv4-address.ts";
import { formatIpv6, parseIpv6 } from "./ipv6-address.ts";
import { faultOf } from "./packet-error.ts";

/** Prefixes of IPv4 as text: their length in bits, then as many bytes as it needs (RFC 4271 section 4.3, RFC 3442). */
export const ipv4PrefixBody: Body<string> = prefixBody(4, formatIpv4, parseIpv4);

/** Prefixes of IPv6, written like those of IPv4. */
export const ipv6PrefixBody: Body<string> = prefixBody(16, formatIpv6, parseIpv6);

function prefixBody(
  size: number,
  format: (address: Uint8Array) => string,
  parse: (text: string) => Uint8Array,
): Body<string> {
  return {
    decode(bytes) {
      const [bits] = bytes;
      if (bits === undefined || bits > size * 8) return undefined;
      const length = 1 + Math.ceil(bits / 8);
      if (length > bytes.length) return undefined;
      const address = new Uint8Array(size);
      address.set(bytes.subarray(1, length));
      return { values: `${format(address)}/${bits}`, length };
    },
    encode(text) {
      const slash = text.indexOf("/");
      const bits = Number(text.slice(slash + 1));
      const bytes = Buffer.alloc(1 + Math.ceil(bits / 8));
      bytes[0] = bits;
      bytes.set(parse(text.slice(0, slash)).subarray(0, bytes.length - 1), 1);
      const last = bytes.length - 1;
      if (bits % 8 > 0) bytes[last] = (bytes[last] ?? 0) & (0xff << (8 - (bits % 8)));
      return bytes;
    },
    faults(text) {
      const [address = "", length = "", ...rest] = text.split("/");
      if (rest.length > 0 || !/^\d{1,3}$/.test(length) || Number(length) > size * 8) {
        return [`prefix: expected address/length up to ${size * 8}, found "${text}"`];
      }
      const fault = faultOf(() => parse(address));
      return fault === undefined ? [] : [`prefix: ${fault}`];
    },
  };
}
