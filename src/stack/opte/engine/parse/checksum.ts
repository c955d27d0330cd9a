/*
 * Internet checksums at an offset of a buffer. Sums are of 16-bit words and stay far below 2^53; `fold` brings them to
 * 16 bits (RFC 1071).
 */

/** A sum in 0 … 0xffff. */
export function fold(sum: number): number {
  let folded = sum;
  while (folded > 0xffff) folded = (folded & 0xffff) + Math.floor(folded / 0x10000);
  return folded;
}

/** Sum of the 16-bit words at `at` … `end`; an odd last byte is the high half of a word. */
export function sumOf(view: DataView, at: number, end: number): number {
  let sum = 0;
  let i = at;
  for (; i + 1 < end; i += 2) sum += view.getUint16(i);
  if (i < end) sum += view.getUint8(i) << 8;
  return sum;
}

/** Change the checksum at `at` by what is taken away and added (RFC 1624, equation 3). */
export function adjustChecksum(view: DataView, at: number, removed: number, added: number): void {
  const before = view.getUint16(at);
  view.setUint16(at, fold((before ^ 0xffff) + (fold(removed) ^ 0xffff) + added) ^ 0xffff);
}

/** Write the checksum of an IPv4 header of `length` bytes. */
export function writeIpv4Checksum(view: DataView, at: number, length: number): void {
  view.setUint16(at + 10, 0);
  view.setUint16(at + 10, fold(sumOf(view, at, at + length)) ^ 0xffff);
}

/** The checksum of what lies at `at` … `end`, with the IPv6 pseudo header of the addresses at `ipAt`. */
export function ipv6UpperChecksum(view: DataView, ipAt: number, protocol: number, at: number, end: number): number {
  return fold(sumOf(view, ipAt + 8, ipAt + 40) + protocol + (end - at) + sumOf(view, at, end)) ^ 0xffff;
}
