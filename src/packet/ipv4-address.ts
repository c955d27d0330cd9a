import { formatMac } from "./mac.ts";
import { PacketError } from "./packet-error.ts";

/** The four bytes of an IPv4 address in dotted decimals. Throws {@link PacketError} for anything else. */
export function parseIpv4(text: string): Uint8Array {
  const bytes = new Uint8Array(4);
  let index = 0;
  let value = -1;
  // By hand, since every checksum of TCP and UDP reads two of them.
  for (let i = 0; i <= text.length; i++) {
    const digit = text.charCodeAt(i) - zeroCode;
    if (digit >= 0 && digit <= 9 && value !== 0 && value <= 25) {
      value = Math.max(value, 0) * 10 + digit;
      continue;
    }
    const ends = i === text.length ? index === 3 : index < 3 && text[i] === ".";
    if (!ends || value < 0 || value > 255) {
      throw new PacketError("read IPv4 address", [`expected four decimals like 10.0.0.1, found "${text}"`]);
    }
    bytes[index] = value;
    index += 1;
    value = -1;
  }
  return bytes;
}

const zeroCode = "0".charCodeAt(0);

/** The four bytes of `bytes` at `offset` in dotted decimals. */
export function formatIpv4(bytes: Uint8Array, offset = 0): string {
  return `${bytes[offset] ?? 0}.${bytes[offset + 1] ?? 0}.${bytes[offset + 2] ?? 0}.${bytes[offset + 3] ?? 0}`;
}

/** `text` in the one way that this folder writes IPv4 addresses. Throws {@link PacketError} if it is none. */
export function canonicalIpv4(text: string): string {
  return formatIpv4(parseIpv4(text));
}

/** Whether the address is one of a group, 224.0.0.0/4 (RFC 5771). */
export function isMulticastIpv4(text: string): boolean {
  return ((parseIpv4(text)[0] ?? 0) & 0xf0) === 0xe0;
}

/** The MAC address that frames for an IPv4 group are sent to (RFC 1112 section 6.4). */
export function multicastMacOfIpv4(group: string): string {
  const [, second = 0, third = 0, fourth = 0] = parseIpv4(group);
  return formatMac(Uint8Array.of(0x01, 0x00, 0x5e, second & 0x7f, third, fourth));
}
