/** Bytes of the binary protocol of Thrift (TBinaryProtocol). */

/** Wire types. */
export const wireType = {
  stop: 0,
  bool: 2,
  byte: 3,
  double: 4,
  i16: 6,
  i32: 8,
  i64: 10,
  string: 11,
  struct: 12,
  map: 13,
  set: 14,
  list: 15,
} as const;

/** The bytes end before the value does: more may come. */
export class Incomplete extends Error {}

/** Bytes that no Thrift message begins with or contains. */
export class Malformed extends Error {}

/** Longest message, bytes. */
const messageLimit = 100 * 1024 * 1024;

/** Reads values one after the other. Throws {@link Incomplete} at the end of the bytes, {@link Malformed} for nonsense. */
export class Reader {
  readonly #bytes: Buffer;
  at: number;

  constructor(bytes: Buffer, at = 0) {
    this.#bytes = bytes;
    this.at = at;
  }

  i8(): number {
    return this.#bytes.readInt8(this.#take(1));
  }

  i16(): number {
    return this.#bytes.readInt16BE(this.#take(2));
  }

  i32(): number {
    return this.#bytes.readInt32BE(this.#take(4));
  }

  i64(): bigint {
    return this.#bytes.readBigInt64BE(this.#take(8));
  }

  double(): number {
    return this.#bytes.readDoubleBE(this.#take(8));
  }

  bytes(length = this.i32()): Buffer {
    if (length < 0 || length > messageLimit) throw new Malformed(`a string of ${length} bytes`);
    const start = this.#take(length);
    return this.#bytes.subarray(start, start + length);
  }

  /** Number of items of a list or map. */
  count(): number {
    const count = this.i32();
    if (count < 0 || count > messageLimit) throw new Malformed(`a list of ${count} items`);
    return count;
  }

  /** Pass over a value. */
  skip(type: number, depth = 0): void {
    if (depth > 64) throw new Malformed("nested too deep");
    switch (type) {
      case wireType.bool:
      case wireType.byte:
        this.#take(1);
        return;
      case wireType.i16:
        this.#take(2);
        return;
      case wireType.i32:
        this.#take(4);
        return;
      case wireType.double:
      case wireType.i64:
        this.#take(8);
        return;
      case wireType.string:
        this.bytes();
        return;
      case wireType.struct:
        for (let field = this.i8(); field !== wireType.stop; field = this.i8()) {
          this.i16();
          this.skip(field, depth + 1);
        }
        return;
      case wireType.map: {
        const key = this.i8();
        const value = this.i8();
        for (let left = this.count(); left > 0; left -= 1) {
          this.skip(key, depth + 1);
          this.skip(value, depth + 1);
        }
        return;
      }
      case wireType.set:
      case wireType.list: {
        const item = this.i8();
        for (let left = this.count(); left > 0; left -= 1) this.skip(item, depth + 1);
        return;
      }
      default:
        throw new Malformed(`a value of type ${type}`);
    }
  }

  #take(length: number): number {
    const start = this.at;
    if (start + length > this.#bytes.length) throw new Incomplete();
    this.at = start + length;
    return start;
  }
}

/** Writes values one after the other. */
export class Writer {
  readonly #parts: Buffer[] = [];

  i8(value: number): void {
    this.#parts.push(Buffer.of(value & 0xff));
  }

  i16(value: number): void {
    const bytes = Buffer.alloc(2);
    bytes.writeInt16BE((value << 16) >> 16);
    this.#parts.push(bytes);
  }

  i32(value: number): void {
    const bytes = Buffer.alloc(4);
    bytes.writeInt32BE(value | 0);
    this.#parts.push(bytes);
  }

  i64(value: bigint): void {
    const bytes = Buffer.alloc(8);
    bytes.writeBigInt64BE(BigInt.asIntN(64, value));
    this.#parts.push(bytes);
  }

  double(value: number): void {
    const bytes = Buffer.alloc(8);
    bytes.writeDoubleBE(value);
    this.#parts.push(bytes);
  }

  bytes(value: Uint8Array): void {
    this.i32(value.length);
    this.#parts.push(Buffer.from(value));
  }

  finish(): Buffer {
    return Buffer.concat(this.#parts);
  }
}
