import { PacketError } from "./packet-error.ts";

/** The address that every station listens to. */
export const broadcastMac = "ff:ff:ff:ff:ff:ff";

/** The address of no station. */
export const zeroMac = "00:00:00:00:00:00";

/**
 * The six bytes of a MAC address written as six groups of hexadecimal digits with `:` or `-` between.
 * Throws {@link PacketError} for anything else.
 */
export function parseMac(text: string): Uint8Array {
  const groups = text.split(/[:-]/);
  if (groups.length !== 6 || !groups.every((group) => /^[0-9a-f]{1,2}$/i.test(group))) {
    throw new PacketError("read MAC address", [`expected six groups like 02:00:00:00:00:01, found "${text}"`]);
  }
  return Uint8Array.from(groups, (group) => Number.parseInt(group, 16));
}

/** The six bytes of `bytes` at `offset` as lower-case text, `aa:bb:cc:dd:ee:ff`. */
export function formatMac(bytes: Uint8Array, offset = 0): string {
  let text = octets[bytes[offset] ?? 0] ?? "";
  for (let i = 1; i < 6; i++) text += `:${octets[bytes[offset + i] ?? 0] ?? ""}`;
  return text;
}

/** `text` in the one way that this folder writes MAC addresses. Throws {@link PacketError} if it is none. */
export function canonicalMac(text: string): string {
  return formatMac(parseMac(text));
}

/** Whether the address is one of a group: multicast or broadcast. */
export function isMulticastMac(text: string): boolean {
  return ((parseMac(text)[0] ?? 0) & 1) === 1;
}

const octets = Array.from({ length: 256 }, (_, value) => value.toString(16).padStart(2, "0"));
