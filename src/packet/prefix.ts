import { formatIpv4, parseIpv4 } from "./ipv4-address.ts";
import { formatIpv6, parseIpv6 } from "./ipv6-address.ts";
import { PacketError } from "./packet-error.ts";

/** An IPv4 or IPv6 prefix. */
export interface Prefix {
  readonly family: 4 | 6;
  /** The prefix's own address: the bits after `length` are zero. */
  readonly address: string;
  /** Bits that all addresses of the prefix share. */
  readonly length: number;
}

/** The bytes of an IPv4 (4) or IPv6 (16) address. Throws {@link PacketError} if `text` is neither. */
export function parseAddress(text: string): Uint8Array {
  return text.includes(":") ? parseIpv6(text) : parseIpv4(text);
}

/** The prefix written as `address/length`; host bits are cleared. Throws {@link PacketError} if `text` is none. */
export function parsePrefix(text: string): Prefix {
  const [address = "", length = "", ...rest] = text.split("/");
  const bytes = parseAddress(address);
  if (rest.length > 0 || !/^\d{1,3}$/.test(length) || Number(length) > bytes.length * 8) {
    throw new PacketError("read prefix", [`expected address/length up to ${bytes.length * 8}, found "${text}"`]);
  }
  const bits = Number(length);
  const family = bytes.length === 4 ? 4 : 6;
  const kept = bytes.map((byte, i) => byte & maskByte(bits, i));
  return { family, address: family === 4 ? formatIpv4(kept) : formatIpv6(kept), length: bits };
}

/** The prefix as `address/length`. */
export function formatPrefix(prefix: Prefix): string {
  return `${prefix.address}/${prefix.length}`;
}

/** Whether `address` lies in `prefix`; never for another family. Throws {@link PacketError} if it is no address. */
export function prefixContains(prefix: Prefix, address: string): boolean {
  const bytes = parseAddress(address);
  const own = parseAddress(prefix.address);
  if (bytes.length !== own.length) return false;
  return own.every((byte, i) => byte === ((bytes[i] ?? 0) & maskByte(prefix.length, i)));
}

function maskByte(length: number, index: number): number {
  const bits = Math.min(8, Math.max(0, length - 8 * index));
  return 0xff & (0xff << (8 - bits));
}
