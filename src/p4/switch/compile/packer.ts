/** Lays bits end to end in a buffer, for inputs whose length depends on the packet. */
export class Packer {
  readonly #bytes: Uint8Array;
  #bits = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  start(): void {
    this.#bits = 0;
  }

  /** The low `width` (at most 32) bits of `value`. */
  append(value: number, width: number): void {
    for (let left = width; left > 0;) {
      const used = this.#bits & 7;
      const at = this.#bits >> 3;
      const count = Math.min(8 - used, left);
      const piece = (value >>> (left - count)) & (2 ** count - 1);
      const before = used === 0 ? 0 : (this.#bytes[at] ?? 0);
      this.#bytes[at] = before | (piece << (8 - used - count));
      this.#bits += count;
      left -= count;
    }
  }

  appendBytes(source: Uint8Array, start: number, length: number): void {
    for (let at = 0; at < length; at += 1) this.append(source[start + at] ?? 0, 8);
  }

  /** Bytes written; the rest of the last one is zero. */
  finish(): number {
    return (this.#bits + 7) >> 3;
  }
}
