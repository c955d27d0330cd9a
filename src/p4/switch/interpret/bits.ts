/** Bits read from and appended to packets, in the plainest way. */

/** `width` bits from bit `offset` of `bytes`; undefined if they are not all there. */
export function readBits(bytes: Uint8Array, offset: number, width: number): bigint | undefined {
  if (offset + width > bytes.length * 8) return undefined;
  let value = 0n;
  for (let at = offset; at < offset + width; at += 1) {
    value = (value << 1n) | BigInt(((bytes[at >> 3] ?? 0) >> (7 - (at & 7))) & 1);
  }
  return value;
}

/** Bits one after the other, to be padded to bytes at the end. */
export class BitString {
  #value = 0n;
  #width = 0;

  append(value: bigint, width: number): void {
    this.#value = (this.#value << BigInt(width)) | BigInt.asUintN(width, value);
    this.#width += width;
  }

  /** All bits, padded with zeros behind. */
  toBytes(): Uint8Array {
    const length = Math.ceil(this.#width / 8);
    const padded = this.#value << BigInt(length * 8 - this.#width);
    return Uint8Array.from({ length }, (_, at) => Number((padded >> BigInt(8 * (length - 1 - at))) & 0xffn));
  }
}
