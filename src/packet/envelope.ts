/** How the type and the length of an option stand before its data. */
export interface Envelope {
  /**
   * The type of the option that begins with the first of `bytes`, and where its data begins and ends, be it beyond
   * `bytes`. Undefined if there is no option.
   */
  readonly read: (bytes: Buffer) => { type: number; begin: number; end: number } | undefined;
  /** The whole option. */
  readonly write: (type: number, data: Buffer) => Buffer;
  readonly maxType: number;
  /** Bytes. */
  readonly maxData: number;
}

/** What differs among options that have one byte for the type and one for the length. */
export interface ByteEnvelope {
  /** Types that have neither length nor data. */
  readonly single?: readonly number[];
  /** The type that ends the list, if there is one. */
  readonly end?: number;
  /** Bytes that the length counts as one. */
  readonly unit?: 1 | 8;
  /** Whether the length counts type and length themselves. */
  readonly countsItself: boolean;
}

/** A byte for the type and a byte for the length, as most protocols have it. */
export function byteEnvelope({ single = [], end, unit = 1, countsItself }: ByteEnvelope): Envelope {
  const uncounted = countsItself ? 0 : 2;
  return {
    maxType: 0xff,
    maxData: 0xff * unit + uncounted - 2,
    read(bytes) {
      const [type, counted] = bytes;
      if (type === undefined || type === end) return undefined;
      if (single.includes(type)) return { type, begin: 1, end: 1 };
      if (counted === undefined) return undefined;
      const length = counted * unit + uncounted;
      return length < 2 ? undefined : { type, begin: 2, end: length };
    },
    write(type, data) {
      if (single.includes(type)) return Buffer.of(type);
      const length = Math.ceil((data.length + 2) / unit) * unit;
      const bytes = Buffer.alloc(length);
      bytes[0] = type;
      bytes[1] = (length - uncounted) / unit;
      bytes.set(data, 2);
      return bytes;
    },
  };
}

/** Two bytes that `typeBits` of are the type and the others the length of the data. */
export function packedEnvelope(typeBits: number): Envelope {
  const unit = 2 ** (16 - typeBits);
  return {
    maxType: 2 ** typeBits - 1,
    maxData: unit - 1,
    read(bytes) {
      if (bytes.length < 2) return undefined;
      const word = bytes.readUInt16BE();
      return { type: Math.floor(word / unit), begin: 2, end: 2 + (word % unit) };
    },
    write(type, data) {
      const head = Buffer.alloc(2);
      head.writeUInt16BE(type * unit + data.length);
      return Buffer.concat([head, data]);
    },
  };
}

/** Two bytes for the type and two for the length of the data. */
export const wordEnvelope: Envelope = {
  maxType: 0xffff,
  maxData: 0xffff,
  read: (bytes) =>
    bytes.length < 4 ? undefined : { type: bytes.readUInt16BE(), begin: 4, end: 4 + bytes.readUInt16BE(2) },
  write(type, data) {
    const head = Buffer.alloc(4);
    head.writeUInt16BE(type);
    head.writeUInt16BE(data.length, 2);
    return Buffer.concat([head, data]);
  },
};
