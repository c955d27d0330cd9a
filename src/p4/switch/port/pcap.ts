/** The classic capture file format (draft-ietf-opsawg-pcap): what simple_switch reads and writes. */

const microsecondMagic = 0xa1b2c3d4;
const nanosecondMagic = 0xa1b23c4d;
const fileHeaderBytes = 24;
const recordHeaderBytes = 16;
const linkTypeEthernet = 1;
const longestRecord = 262_144;

/** Beginning of a capture file with Ethernet frames, times in microseconds, little-endian. */
export function pcapHeader(): Buffer {
  const bytes = Buffer.alloc(fileHeaderBytes);
  bytes.writeUInt32LE(microsecondMagic, 0);
  bytes.writeUInt16LE(2, 4);
  bytes.writeUInt16LE(4, 6);
  bytes.writeUInt32LE(longestRecord, 16);
  bytes.writeUInt32LE(linkTypeEthernet, 20);
  return bytes;
}

/** One frame of a capture file; the time is in microseconds since 1970. */
export function pcapRecord(frame: Uint8Array, microseconds: number): Buffer {
  const bytes = Buffer.allocUnsafe(recordHeaderBytes + frame.length);
  bytes.writeUInt32LE(Math.floor(microseconds / 1e6), 0);
  bytes.writeUInt32LE(Math.floor(microseconds % 1e6), 4);
  bytes.writeUInt32LE(frame.length, 8);
  bytes.writeUInt32LE(frame.length, 12);
  bytes.set(frame, recordHeaderBytes);
  return bytes;
}

/** Takes a capture file apart as it arrives, in pieces of any size and either byte order. */
export class PcapReader {
  #rest: Buffer = Buffer.alloc(0);
  #littleEndian: boolean | undefined;

  /** Frames that are complete with this piece. Throws an Error where the file is no capture. */
  read(piece: Uint8Array): readonly Buffer[] {
    const bytes = Buffer.concat([this.#rest, piece]);
    const frames: Buffer[] = [];
    let at = 0;
    if (this.#littleEndian === undefined) {
      if (bytes.length < fileHeaderBytes) {
        this.#rest = bytes;
        return frames;
      }
      this.#littleEndian = byteOrder(bytes);
      at = fileHeaderBytes;
    }
    while (at + recordHeaderBytes <= bytes.length) {
      const length = this.#littleEndian ? bytes.readUInt32LE(at + 8) : bytes.readUInt32BE(at + 8);
      if (length > longestRecord)
        throw new Error(`expected a record of at most ${longestRecord} bytes, found ${length}`);
      if (at + recordHeaderBytes + length > bytes.length) break;
      frames.push(bytes.subarray(at + recordHeaderBytes, at + recordHeaderBytes + length));
      at += recordHeaderBytes + length;
    }
    this.#rest = bytes.subarray(at);
    return frames;
  }
}

function byteOrder(bytes: Buffer): boolean {
  for (const magic of [microsecondMagic, nanosecondMagic]) {
    if (bytes.readUInt32LE(0) === magic) return true;
    if (bytes.readUInt32BE(0) === magic) return false;
  }
  throw new Error(`expected a pcap file, found one that begins with ${bytes.subarray(0, 4).toString("hex")}`);
}
