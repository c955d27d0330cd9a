import {
  blockTypes,
  byteOrderMagic,
  type CaptureDirection,
  directionFlags,
  linkTypeEthernet,
  optionCodes,
  padded,
} from "./pcapng.ts";

/** An interface that frames were recorded on, as a capture file describes it. */
export interface CaptureInterface {
  /** Index in its section. */
  readonly id: number;
  /** Empty where the file does not say. */
  readonly name: string;
  readonly description?: string;
  readonly linkType: number;
  readonly snapLength: number;
}

/** A frame of a capture file. */
export interface CapturedFrame {
  readonly interface: CaptureInterface;
  /** Nanoseconds since 1970-01-01 UTC; 0 for a simple packet block, which has no time. */
  readonly timestampNanoseconds: bigint;
  readonly frame: Uint8Array;
  /** Length on the wire; more than the frame's where the recorder cut it. */
  readonly originalLength: number;
  readonly direction: CaptureDirection;
  readonly comment?: string;
}

/** Why a capture could not be read to its end. */
export interface CaptureFault {
  /** Byte of the file at which the unreadable block begins. */
  readonly offset: number;
  readonly reason: string;
}

/** A whole capture file in memory. */
export interface Capture {
  readonly interfaces: readonly CaptureInterface[];
  readonly frames: readonly CapturedFrame[];
  /** Set if the file ends or breaks in the middle; the frames before it are good. */
  readonly fault?: CaptureFault;
  /** Blocks that are not understood and were passed over. */
  readonly skippedBlocks: number;
}

interface Declaration {
  readonly declared: CaptureInterface;
  readonly toNanoseconds: (units: bigint) => bigint;
}

const maxBlockLength = 16 * 1024 * 1024;

/**
 * Reads a pcapng file as it arrives, in chunks of any size (draft-ietf-opsawg-pcapng). Sections of either byte order,
 * interfaces of any time resolution. Never throws: blocks that are not understood are counted, and the first block
 * whose length cannot be believed ends the reading with {@link fault}.
 */
export class PcapngReader {
  #pending = Buffer.alloc(0);
  #start = 0;
  #end = 0;
  #consumed = 0;
  #littleEndian: boolean | undefined;
  #section: Declaration[] = [];
  readonly #interfaces: CaptureInterface[] = [];
  #fault: CaptureFault | undefined;
  #skippedBlocks = 0;

  /** Every interface declared so far, of all sections. */
  get interfaces(): readonly CaptureInterface[] {
    return this.#interfaces;
  }

  /** Why reading stopped, if it did; what is pushed afterwards is ignored. */
  get fault(): CaptureFault | undefined {
    return this.#fault;
  }

  /** Blocks that are not understood and were passed over. */
  get skippedBlocks(): number {
    return this.#skippedBlocks;
  }

  /** The frames that `chunk` completes. `chunk` is copied. */
  push(chunk: Uint8Array): CapturedFrame[] {
    const frames: CapturedFrame[] = [];
    if (this.#fault !== undefined) return frames;
    this.#append(chunk);
    for (;;) {
      const length = this.#blockLength();
      if (length === undefined || this.#end - this.#start < length) return frames;
      const block = this.#pending.subarray(this.#start, this.#start + length);
      if (this.#uint32(block, length - 4) !== length) {
        this.#stop("the lengths at the begin and the end of the block differ");
        return frames;
      }
      const frame = this.#readBlock(block);
      if (frame !== undefined) frames.push(frame);
      this.#start += length;
      this.#consumed += length;
    }
  }

  /** Say that no more follows. Returns the fault of the file, if any: a last block that is cut is one. */
  finish(): CaptureFault | undefined {
    const left = this.#end - this.#start;
    if (this.#fault === undefined && left > 0) this.#stop(`the file ends inside a block, after ${left} bytes of it`);
    return this.#fault;
  }

  #append(chunk: Uint8Array): void {
    const used = this.#end - this.#start;
    if (this.#end + chunk.length > this.#pending.length) {
      // Doubling keeps the copying linear however small the chunks are.
      const needed = used + chunk.length;
      const target = needed * 2 > this.#pending.length ? Buffer.alloc(Math.max(needed * 2, 4096)) : this.#pending;
      this.#pending.copy(target, 0, this.#start, this.#end);
      this.#pending = target;
      this.#start = 0;
      this.#end = used;
    }
    this.#pending.set(chunk, this.#end);
    this.#end += chunk.length;
  }

  /** Length of the block at the begin of what is pending; undefined if not known yet, or not to be believed. */
  #blockLength(): number | undefined {
    const at = this.#start;
    const left = this.#end - at;
    if (this.#fault !== undefined || left < 4) return undefined;
    // The type of a section header reads the same in either byte order.
    if (this.#pending.readUInt32LE(at) === blockTypes.sectionHeader) {
      if (left < 12) return undefined;
      if (this.#pending.readUInt32LE(at + 8) === byteOrderMagic) this.#littleEndian = true;
      else if (this.#pending.readUInt32BE(at + 8) === byteOrderMagic) this.#littleEndian = false;
      else return this.#stop("a section header without the byte-order magic");
    } else if (this.#littleEndian === undefined) {
      return this.#stop("not a pcapng file: it does not begin with a section header");
    }
    if (left < 8) return undefined;
    const length = this.#uint32(this.#pending, at + 4);
    if (length < 12 || length % 4 !== 0 || length > maxBlockLength) {
      return this.#stop(`a block length of ${length}, expected a multiple of 4 from 12 to ${maxBlockLength}`);
    }
    return length;
  }

  #stop(reason: string): number | undefined {
    this.#fault = { offset: this.#consumed, reason };
    return undefined;
  }

  #readBlock(block: Buffer): CapturedFrame | undefined {
    switch (this.#uint32(block, 0)) {
      case blockTypes.sectionHeader:
        this.#section = [];
        return undefined;
      case blockTypes.interfaceDescription:
        if (block.length < 20) return this.#skip();
        this.#readInterface(block);
        return undefined;
      case blockTypes.enhancedPacket:
        if (block.length < 32) return this.#skip();
        return this.#readFrame(block, this.#uint32(block, 8));
      case blockTypes.packet:
        if (block.length < 32) return this.#skip();
        return this.#readFrame(block, this.#uint16(block, 8));
      case blockTypes.simplePacket:
        return this.#readSimplePacket(block);
      default:
        return this.#skip();
    }
  }

  #skip(): CapturedFrame | undefined {
    this.#skippedBlocks++;
    return undefined;
  }

  #readInterface(block: Buffer): void {
    const options = this.#options(block, 16);
    const name = options.get(optionCodes.interfaceName);
    const description = options.get(optionCodes.interfaceDescription);
    const resolution = options.get(optionCodes.interfaceResolution);
    const offset = options.get(optionCodes.interfaceOffset);
    const offsetSeconds =
      offset?.length !== 8 ? 0n : this.#littleEndian === true ? offset.readBigInt64LE() : offset.readBigInt64BE();
    const declared: CaptureInterface = {
      id: this.#section.length,
      name: name === undefined ? "" : readText(name),
      ...(description === undefined ? {} : { description: readText(description) }),
      linkType: this.#uint16(block, 8),
      snapLength: this.#uint32(block, 12),
    };
    this.#section.push({ declared, toNanoseconds: converter(resolution?.[0] ?? 6, offsetSeconds) });
    this.#interfaces.push(declared);
  }

  /** Enhanced packet blocks, and the obsolete packet blocks, whose fields after the interface are the same. */
  #readFrame(block: Buffer, interfaceId: number): CapturedFrame | undefined {
    const recordedOn = this.#section[interfaceId];
    const capturedLength = this.#uint32(block, 20);
    if (recordedOn === undefined || 28 + padded(capturedLength) + 4 > block.length) return this.#skip();
    const options = this.#options(block, 28 + padded(capturedLength));
    const flags = options.get(optionCodes.packetFlags);
    const comment = options.get(optionCodes.comment);
    const units = (BigInt(this.#uint32(block, 12)) << 32n) | BigInt(this.#uint32(block, 16));
    return {
      interface: recordedOn.declared,
      timestampNanoseconds: recordedOn.toNanoseconds(units),
      frame: Uint8Array.from(block.subarray(28, 28 + capturedLength)),
      originalLength: this.#uint32(block, 24),
      direction: flags?.length === 4 ? direction(this.#uint32(flags, 0)) : "unknown",
      ...(comment === undefined ? {} : { comment: readText(comment) }),
    };
  }

  #readSimplePacket(block: Buffer): CapturedFrame | undefined {
    const recordedOn = this.#section[0]?.declared;
    if (recordedOn === undefined || block.length < 16) return this.#skip();
    const originalLength = this.#uint32(block, 8);
    const snapLength = recordedOn.snapLength === 0 ? originalLength : recordedOn.snapLength;
    const capturedLength = Math.min(originalLength, snapLength, block.length - 16);
    const frame = Uint8Array.from(block.subarray(12, 12 + capturedLength));
    return { interface: recordedOn, timestampNanoseconds: 0n, frame, originalLength, direction: "unknown" };
  }

  /** The first option of each code; a list that runs over the end of the block is read as far as it goes. */
  #options(block: Buffer, begin: number): Map<number, Buffer> {
    const options = new Map<number, Buffer>();
    const end = block.length - 4;
    let at = begin;
    while (at + 4 <= end) {
      const code = this.#uint16(block, at);
      const length = this.#uint16(block, at + 2);
      if (code === optionCodes.endOfOptions || at + 4 + length > end) break;
      if (!options.has(code)) options.set(code, block.subarray(at + 4, at + 4 + length));
      at += 4 + padded(length);
    }
    return options;
  }

  #uint16(bytes: Buffer, at: number): number {
    return this.#littleEndian === true ? bytes.readUInt16LE(at) : bytes.readUInt16BE(at);
  }

  #uint32(bytes: Buffer, at: number): number {
    return this.#littleEndian === true ? bytes.readUInt32LE(at) : bytes.readUInt32BE(at);
  }
}

/** Read a whole capture file that is in memory. Never throws. */
export function readPcapng(bytes: Uint8Array): Capture {
  const reader = new PcapngReader();
  const frames = reader.push(bytes);
  const fault = reader.finish();
  const { interfaces, skippedBlocks } = reader;
  return { interfaces, frames, skippedBlocks, ...(fault === undefined ? {} : { fault }) };
}

/** Whether the frames of `recordedOn` are Ethernet, the only link type that the parsers of this folder begin with. */
export function isEthernet(recordedOn: CaptureInterface): boolean {
  return recordedOn.linkType === linkTypeEthernet;
}

function direction(flags: number): CaptureDirection {
  if ((flags & 3) === directionFlags.inbound) return "inbound";
  return (flags & 3) === directionFlags.outbound ? "outbound" : "unknown";
}

function readText(bytes: Buffer): string {
  return bytes.toString("utf8");
}

/** if_tsresol: with the top bit clear a negative power of ten, else of two (draft section 4.2). */
function converter(resolution: number, offsetSeconds: bigint): (units: bigint) => bigint {
  const offset = offsetSeconds * 1_000_000_000n;
  const exponent = BigInt(resolution & 0x7f);
  if (resolution >= 0x80) return (units) => ((units * 1_000_000_000n) >> exponent) + offset;
  if (exponent <= 9n) {
    const factor = 10n ** (9n - exponent);
    return (units) => units * factor + offset;
  }
  const divisor = 10n ** (exponent - 9n);
  return (units) => units / divisor + offset;
}
