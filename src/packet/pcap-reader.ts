/** A frame of a classic capture file. */
export interface PcapFrame {
  /** Nanoseconds since 1970-01-01 UTC. */
  readonly timestampNanoseconds: bigint;
  readonly frame: Buffer;
  /** Length on the wire; more than the frame's where the recorder cut it. */
  readonly originalLength: number;
}

const fileHeaderBytes = 24;
const recordHeaderBytes = 16;
const microsecondMagic = 0xa1b2c3d4;
const nanosecondMagic = 0xa1b23c4d;
/** Nobody captures longer frames; a longer one means that the reader lost its place. */
const mostFrameBytes = 1_048_576;

interface Format {
  readonly littleEndian: boolean;
  /** Nanoseconds in a unit of the second half of a timestamp. */
  readonly unit: bigint;
  readonly linkType: number;
}

/**
 * Reads a classic pcap file as it arrives, in chunks of any size (draft-ietf-opsawg-pcap): of either byte order, with times in
 * micro- or nanoseconds. Never throws: what cannot be read ends the reading with {@link fault}.
 */
export class PcapReader {
  #pending = Buffer.alloc(0);
  #format: Format | undefined;
  #fault: string | undefined;

  /** LINKTYPE of all frames; undefined until the header of the file has been read. */
  get linkType(): number | undefined {
    return this.#format?.linkType;
  }

  /** Why reading stopped, if it did; what is pushed afterwards is ignored. */
  get fault(): string | undefined {
    return this.#fault;
  }

  /** The frames that `chunk` completes. They share no memory with it. */
  push(chunk: Uint8Array): PcapFrame[] {
    const frames: PcapFrame[] = [];
    if (this.#fault !== undefined) return frames;
    const bytes = Buffer.concat([this.#pending, chunk]);
    let at = 0;
    if (this.#format === undefined) {
      if (bytes.length >= fileHeaderBytes) this.#readFileHeader(bytes);
      at = fileHeaderBytes;
    }
    if (this.#format !== undefined) at = this.#readRecords(bytes, at, this.#format, frames);
    else at = 0;
    this.#pending = Buffer.from(bytes.subarray(at));
    return frames;
  }

  #readFileHeader(bytes: Buffer): void {
    for (const littleEndian of [true, false]) {
      const magic = littleEndian ? bytes.readUInt32LE(0) : bytes.readUInt32BE(0);
      if (magic !== microsecondMagic && magic !== nanosecondMagic) continue;
      // The upper half says whether frames have an FCS.
      const linkType = (littleEndian ? bytes.readUInt32LE(20) : bytes.readUInt32BE(20)) & 0xffff;
      this.#format = { littleEndian, unit: magic === nanosecondMagic ? 1n : 1000n, linkType };
      return;
    }
    this.#fault = `a file that begins with ${bytes.toString("hex", 0, 4)}, which is no capture`;
  }

  #readRecords(bytes: Buffer, begin: number, { littleEndian, unit }: Format, frames: PcapFrame[]): number {
    let at = begin;
    const word = (offset: number): number =>
      littleEndian ? bytes.readUInt32LE(at + offset) : bytes.readUInt32BE(at + offset);
    while (at + recordHeaderBytes <= bytes.length) {
      const length = word(8);
      if (length > mostFrameBytes) {
        this.#fault = `a frame of ${length} bytes`;
        return bytes.length;
      }
      const end = at + recordHeaderBytes + length;
      if (end > bytes.length) break;
      frames.push({
        timestampNanoseconds: BigInt(word(0)) * 1_000_000_000n + BigInt(word(4)) * unit,
        frame: Buffer.from(bytes.subarray(at + recordHeaderBytes, end)),
        originalLength: word(12),
      });
      at = end;
    }
    return at;
  }
}
