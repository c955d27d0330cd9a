import { formatPrefix, parseAddress, parseMac, parsePrefix, type Prefix } from "../../../packet/index.ts";
import type { KeyPart } from "./tables.ts";

/** IPv4 or IPv6. */
export type Family = 4 | 6;

/** The family of an address. */
export function familyOf(address: string): Family {
  return address.includes(":") ? 6 : 4;
}

/** An address as a number. */
export function addressNumber(address: string): bigint {
  return bytesNumber(parseAddress(address));
}

/** A MAC address as a number. */
export function macNumber(mac: string): bigint {
  return bytesNumber(parseMac(mac));
}

/** A prefix as a key of longest-prefix match. */
export function prefixKey({ address, length }: Prefix): KeyPart {
  return { kind: "lpm", value: addressNumber(address), length };
}

/** A prefix in its one form, host bits cleared. Throws PacketError for what is none. */
export function canonicalPrefix(text: string): string {
  return formatPrefix(parsePrefix(text));
}

/** The order of addresses and prefixes: by value, then by length. Both are of one family and canonical. */
export function compareAddresses(one: string, other: string): number {
  const [a, b] = [sortKey(one), sortKey(other)];
  if (a.value !== b.value) return a.value < b.value ? -1 : 1;
  return a.length - b.length;
}

function sortKey(text: string): { readonly value: bigint; readonly length: number } {
  const [address = "", length = "0"] = text.split("/");
  return { value: addressNumber(address), length: Number(length) };
}

function bytesNumber(bytes: Uint8Array): bigint {
  let number = 0n;
  for (const byte of bytes) number = (number << 8n) | BigInt(byte);
  return number;
}
