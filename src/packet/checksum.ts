/**
 * The one's complement sum of 16-bit words of `bytes` (RFC 1071), not yet complemented; an odd last byte counts as the
 * high half of a word. `initial` is the sum of what came before, of even length. Result in 0..0xffff.
 */
export function onesComplementSum(bytes: Uint8Array, initial = 0): number {
  let sum = initial;
  const even = bytes.length & ~1;
  // 65536 words of 0xffff stay below 2^53 by far: fold once at the end.
  for (let i = 0; i < even; i += 2) sum += ((bytes[i] ?? 0) << 8) | (bytes[i + 1] ?? 0);
  if (even < bytes.length) sum += (bytes[even] ?? 0) << 8;
  return fold(sum);
}

/** The internet checksum of `bytes` (RFC 1071), as it is put into a header whose checksum field is zero. */
export function internetChecksum(bytes: Uint8Array, initial = 0): number {
  return onesComplementSum(bytes, initial) ^ 0xffff;
}

/**
 * The checksum of a header after one 16-bit word of it changed from `before` to `after` (RFC 1624, equation 3).
 */
export function updateChecksum(checksum: number, before: number, after: number): number {
  return fold((checksum ^ 0xffff) + (before ^ 0xffff) + after) ^ 0xffff;
}

/**
 * The sum of the IPv4 pseudo header of UDP and TCP (RFC 768, RFC 9293 section 3.1), to be passed as `initial`.
 * `src` and `dst` are 4 bytes each; `length` is that of header and data in bytes.
 */
export function pseudoHeaderSumIpv4(src: Uint8Array, dst: Uint8Array, protocol: number, length: number): number {
  return fold(onesComplementSum(src) + onesComplementSum(dst) + protocol + length);
}

/**
 * The sum of the IPv6 pseudo header of upper-layer protocols (RFC 8200 section 8.1), to be passed as `initial`.
 * `src` and `dst` are 16 bytes each, `dst` that of the final destination; `length` as for IPv4, up to 2^32 - 1.
 */
export function pseudoHeaderSumIpv6(src: Uint8Array, dst: Uint8Array, nextHeader: number, length: number): number {
  return fold(onesComplementSum(src) + onesComplementSum(dst) + nextHeader + length);
}

/** A computed UDP checksum as it is sent: zero, which means "none", becomes all ones (RFC 768). */
export function udpChecksum(computed: number): number {
  return computed === 0 ? 0xffff : computed;
}

function fold(sum: number): number {
  let folded = sum;
  while (folded > 0xffff) folded = (folded % 0x1_0000) + Math.floor(folded / 0x1_0000);
  return folded;
}
