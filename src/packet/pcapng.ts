import { PacketError } from "./packet-error.ts";

/*
 * The pcapng capture file format (draft-ietf-opsawg-pcapng): what the writer and the reader agree on, and the writer.
 * The writer always writes little-endian sections and nanosecond timestamps.
 */

/** Block types (draft section 11.1). */
export const blockTypes = {
  sectionHeader: 0x0a0d0d0a,
  interfaceDescription: 1,
  packet: 2,
  simplePacket: 3,
  enhancedPacket: 6,
} as const;

/** Option codes of the blocks that are read and written (draft sections 3.5, 4.1, 4.2, 4.3). */
export const optionCodes = {
  endOfOptions: 0,
  comment: 1,
  sectionHardware: 2,
  sectionOperatingSystem: 3,
  sectionApplication: 4,
  interfaceName: 2,
  interfaceDescription: 3,
  interfaceMac: 6,
  interfaceResolution: 9,
  interfaceOffset: 14,
  packetFlags: 2,
} as const;

/** The magic number that tells the byte order of a section (draft section 4.1). */
export const byteOrderMagic = 0x1a2b3c4d;

/** Link type of Ethernet frames without preamble and frame check sequence (LINKTYPE_ETHERNET). */
export const linkTypeEthernet = 1;

/** Way of a frame as seen from the interface that recorded it (the two low bits of epb_flags). */
export type CaptureDirection = "unknown" | "inbound" | "outbound";

/** The value in epb_flags of each direction. */
export const directionFlags = { unknown: 0, inbound: 1, outbound: 2 } as const;

/** What a section says about its writer. */
export interface SectionDescription {
  readonly hardware?: string | undefined;
  readonly operatingSystem?: string | undefined;
  readonly application?: string | undefined;
  readonly comment?: string | undefined;
}

/** An interface that frames of the section were recorded on. */
export interface InterfaceDescription {
  readonly name: string;
  readonly description?: string | undefined;
  /** Defaults to Ethernet. */
  readonly linkType?: number | undefined;
  /** Most bytes of a frame that are recorded; 0, the default, is no limit. */
  readonly snapLength?: number | undefined;
  /** Six bytes. */
  readonly mac?: Uint8Array | undefined;
  readonly comment?: string | undefined;
}

/** One frame for {@link enhancedPacket}. */
export interface FrameRecord {
  /** Index of the interface in its section, counted from 0 in the order of their descriptions. */
  readonly interfaceId: number;
  /** Nanoseconds since 1970-01-01 UTC. */
  readonly timestampNanoseconds: bigint;
  readonly frame: Uint8Array;
  /** Length on the wire, where the frame was cut; defaults to the frame's. */
  readonly originalLength?: number | undefined;
  readonly direction?: CaptureDirection | undefined;
  readonly comment?: string | undefined;
}

/** The block that begins a capture file (draft section 4.1). */
export function sectionHeader(section: SectionDescription = {}): Buffer {
  const fixed = Buffer.alloc(16);
  fixed.writeUInt32LE(byteOrderMagic, 0);
  fixed.writeUInt16LE(1, 4);
  fixed.writeInt32LE(-1, 8);
  fixed.writeInt32LE(-1, 12);
  return block(blockTypes.sectionHeader, fixed, [
    ...textOption(optionCodes.comment, section.comment),
    ...textOption(optionCodes.sectionHardware, section.hardware),
    ...textOption(optionCodes.sectionOperatingSystem, section.operatingSystem),
    ...textOption(optionCodes.sectionApplication, section.application),
  ]);
}

/** The block that declares the next interface of the section, with nanosecond timestamps (draft section 4.2). */
export function interfaceDescription(description: InterfaceDescription): Buffer {
  const fixed = Buffer.alloc(8);
  fixed.writeUInt16LE(description.linkType ?? linkTypeEthernet, 0);
  fixed.writeUInt32LE(description.snapLength ?? 0, 4);
  return block(blockTypes.interfaceDescription, fixed, [
    ...textOption(optionCodes.comment, description.comment),
    ...textOption(optionCodes.interfaceName, description.name),
    ...textOption(optionCodes.interfaceDescription, description.description),
    ...(description.mac === undefined ? [] : [option(optionCodes.interfaceMac, description.mac)]),
    option(optionCodes.interfaceResolution, Uint8Array.of(9)),
  ]);
}

/** Bytes of an enhanced packet block before its frame. */
export const enhancedPacketHeaderLength = 28;

/** Most bytes of an enhanced packet block after its frame: padding, epb_flags, end of options, block length. */
export const enhancedPacketTrailerMaxLength = 3 + 16;

/** Length of the block that {@link writeEnhancedPacketHeader} begins, for a frame of `capturedLength` bytes. */
export function enhancedPacketLength(capturedLength: number): number {
  return enhancedPacketHeaderLength + padded(capturedLength) + 16;
}

/**
 * Write what precedes the frame in an enhanced packet block without allocating (draft section 4.3). The frame's bytes
 * and then {@link writeEnhancedPacketTrailer} must follow.
 *
 * `target` needs {@link enhancedPacketHeaderLength} bytes at `offset`. The time is whole `seconds` since 1970-01-01 UTC
 * and `nanoseconds` within the second, since one number cannot hold both. Returns the offset after the header.
 */
export function writeEnhancedPacketHeader(
  target: Buffer,
  offset: number,
  interfaceId: number,
  seconds: number,
  nanoseconds: number,
  capturedLength: number,
  originalLength: number = capturedLength,
): number {
  target.writeUInt32LE(blockTypes.enhancedPacket, offset);
  target.writeUInt32LE(enhancedPacketLength(capturedLength), offset + 4);
  target.writeUInt32LE(interfaceId, offset + 8);
  // seconds * 1e9 needs 61 bits: multiply 16 bits at a time so that every intermediate stays exact.
  const upper = Math.floor(seconds / 0x1_0000) * 1_000_000_000;
  const lower = (seconds % 0x1_0000) * 1_000_000_000 + nanoseconds + (upper % 0x1_0000) * 0x1_0000;
  target.writeUInt32LE(Math.floor(upper / 0x1_0000) + Math.floor(lower / 0x1_0000_0000), offset + 12);
  target.writeUInt32LE(lower % 0x1_0000_0000, offset + 16);
  target.writeUInt32LE(capturedLength, offset + 20);
  target.writeUInt32LE(originalLength, offset + 24);
  return offset + enhancedPacketHeaderLength;
}

/**
 * Write what follows the frame in the block begun by {@link writeEnhancedPacketHeader}, without allocating: padding,
 * epb_flags with the direction, block length. `offset` is just after the frame; `target` needs at most
 * {@link enhancedPacketTrailerMaxLength} bytes there. Returns the offset after the block.
 */
export function writeEnhancedPacketTrailer(
  target: Buffer,
  offset: number,
  capturedLength: number,
  direction: CaptureDirection,
): number {
  let end = offset;
  for (let pad = padded(capturedLength) - capturedLength; pad > 0; pad--) target[end++] = 0;
  target.writeUInt16LE(optionCodes.packetFlags, end);
  target.writeUInt16LE(4, end + 2);
  target.writeUInt32LE(directionFlags[direction], end + 4);
  target.writeUInt32LE(optionCodes.endOfOptions, end + 8);
  target.writeUInt32LE(enhancedPacketLength(capturedLength), end + 12);
  return end + 16;
}

/** A whole enhanced packet block, with everything it can say of a frame (draft section 4.3). */
export function enhancedPacket(record: FrameRecord): Buffer {
  const { frame } = record;
  const fixed = Buffer.alloc(20 + padded(frame.length));
  fixed.writeUInt32LE(record.interfaceId, 0);
  fixed.writeUInt32LE(Number((record.timestampNanoseconds >> 32n) & 0xffff_ffffn), 4);
  fixed.writeUInt32LE(Number(record.timestampNanoseconds & 0xffff_ffffn), 8);
  fixed.writeUInt32LE(frame.length, 12);
  fixed.writeUInt32LE(record.originalLength ?? frame.length, 16);
  fixed.set(frame, 20);
  const flags = Buffer.alloc(4);
  flags.writeUInt32LE(directionFlags[record.direction ?? "unknown"]);
  return block(blockTypes.enhancedPacket, fixed, [
    ...textOption(optionCodes.comment, record.comment),
    ...(record.direction === undefined ? [] : [option(optionCodes.packetFlags, flags)]),
  ]);
}

/** `length` rounded up to the 32-bit boundary that blocks and options are padded to. */
export function padded(length: number): number {
  return Math.ceil(length / 4) * 4;
}

function block(type: number, fixed: Buffer, options: readonly Buffer[]): Buffer {
  const length = 12 + fixed.length + options.reduce((sum, { length }) => sum + length, options.length > 0 ? 4 : 0);
  const bytes = Buffer.alloc(length);
  bytes.writeUInt32LE(type, 0);
  bytes.writeUInt32LE(length, 4);
  let offset = 8;
  for (const part of [fixed, ...options]) offset += part.copy(bytes, offset);
  bytes.writeUInt32LE(length, length - 4);
  return bytes;
}

function option(code: number, value: Uint8Array): Buffer {
  if (value.length > 0xffff) {
    throw new PacketError("write pcapng", [`option ${code}: expected at most 65535 bytes, found ${value.length}`]);
  }
  const bytes = Buffer.alloc(4 + padded(value.length));
  bytes.writeUInt16LE(code, 0);
  bytes.writeUInt16LE(value.length, 2);
  bytes.set(value, 4);
  return bytes;
}

function textOption(code: number, text: string | undefined): readonly Buffer[] {
  return text === undefined ? [] : [option(code, Buffer.from(text, "utf8"))];
}
