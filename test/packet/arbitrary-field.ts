import fc from "fast-check";
import { formatIpv4, formatIpv6, formatMac } from "../../src/packet/index.ts";

/** Any unsigned number of so many bits. */
export const bits = (count: number): fc.Arbitrary<number> => fc.integer({ min: 0, max: 2 ** count - 1 });
/** So many bytes. */
export const bytes = (length: number): fc.Arbitrary<Uint8Array> =>
  fc.uint8Array({ minLength: length, maxLength: length });
/** Any MAC address. */
export const mac = bytes(6).map((raw) => formatMac(raw));
/** Any IPv4 address. */
export const ipv4Address = bytes(4).map((raw) => formatIpv4(raw));
/** Any IPv6 address. */
// Zero bytes are frequent, so that every way of shortening occurs.
export const ipv6Address = fc
  .array(fc.oneof(fc.constant(0), bits(8)), { minLength: 16, maxLength: 16 })
  .map((raw) => formatIpv6(Uint8Array.from(raw)));

/** Bytes in units and an offset: `unit * n + offset` with n up to `max`. */
export function lengths(unit: number, offset: number, max: number): fc.Arbitrary<Uint8Array> {
  return fc.integer({ min: 0, max }).chain((count) => bytes(count * unit + offset));
}
