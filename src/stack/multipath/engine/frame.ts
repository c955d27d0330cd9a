/**
 * Frames of delay-driven multipath: Ethernet, IPv6, the DDM extension header, and nothing behind it. Read and written byte by
 * byte, because every probe of every neighbour passes here; src/packet/ddm.ts says what the header means.
 */

const etherTypeIpv6 = 0x86dd;
const protocolDdm = 0xdd;
const protocolNone = 59;
const ddmVersion = 1;
const acknowledgmentBit = 0x80;
const fixedBytes = 4;
const elementBytes = 4;
const maxElements = 15;

const offset = { sourceMac: 6, etherType: 12, ipv6: 14, payloadLength: 18, nextHeader: 20, hopLimit: 21 } as const;
const address = { source: 22, destination: 38 } as const;
const ddm = { nextHeader: 54, length: 55, version: 56, flags: 57, elements: 58 } as const;

/**
 * Enough for any way through a site. One hop an element, as the prototype has it, would end at the first switch here,
 * because switches pass the header on without an element of their own.
 */
const hopLimit = 64;

/** A frame with the DDM header that is whole; the bytes are the frame's own. */
export interface MultipathFrame {
  readonly acknowledgment: boolean;
  readonly destinationMac: Uint8Array;
  readonly source: Uint8Array;
  readonly destination: Uint8Array;
  readonly elementCount: number;
  /** Of the first element; 0 if there is none. */
  readonly id: number;
  /** Of the first element; 0 if there is none. */
  readonly stamp: number;
}

/** Read a frame; undefined if it has no DDM header right behind the IPv6 header, or a damaged one. */
export function readFrame(bytes: Uint8Array, start: number, length: number): MultipathFrame | undefined {
  if (length < ddm.elements) return undefined;
  const at = (position: number): number => bytes[start + position] ?? 0;
  const word = (position: number): number => (at(position) << 8) | at(position + 1);
  if (word(offset.etherType) !== etherTypeIpv6 || at(offset.ipv6) >> 4 !== 6) return undefined;
  if (at(offset.nextHeader) !== protocolDdm || at(ddm.version) !== ddmVersion) return undefined;
  const headerLength = at(ddm.length) + 1;
  const elementCount = (headerLength - fixedBytes) / elementBytes;
  if (!Number.isInteger(elementCount) || elementCount < 0 || elementCount > maxElements) return undefined;
  if (headerLength > word(offset.payloadLength) || ddm.nextHeader + headerLength > length) return undefined;
  const slice = (from: number, size: number): Uint8Array => bytes.subarray(start + from, start + from + size);
  const hasElement = elementCount > 0;
  return {
    acknowledgment: (at(ddm.flags) & acknowledgmentBit) !== 0,
    destinationMac: slice(0, 6),
    source: slice(address.source, 16),
    destination: slice(address.destination, 16),
    elementCount,
    id: hasElement ? at(ddm.elements) : 0,
    stamp: hasElement ? (at(ddm.elements + 1) << 16) | word(ddm.elements + 2) : 0,
  };
}

/** What a probe is made of; MAC addresses are 6 bytes, IPv6 addresses 16. */
export interface ProbeFields {
  readonly destinationMac: Uint8Array;
  readonly sourceMac: Uint8Array;
  readonly source: Uint8Array;
  readonly destination: Uint8Array;
  readonly id: number;
  readonly stamp: number;
}

/** A packet with one element and no payload. */
export function probeFrame(fields: ProbeFields): Uint8Array {
  const frame = new Uint8Array(ddm.elements + elementBytes);
  frame.set(fields.destinationMac, 0);
  frame.set(fields.sourceMac, offset.sourceMac);
  writeHeaders(frame, fixedBytes + elementBytes, 0);
  frame.set(fields.source, address.source);
  frame.set(fields.destination, address.destination);
  frame[ddm.elements] = fields.id;
  frame[ddm.elements + 1] = fields.stamp >> 16;
  frame[ddm.elements + 2] = fields.stamp >> 8;
  frame[ddm.elements + 3] = fields.stamp;
  return frame;
}

/** The answer to a frame that {@link readFrame} understands: back to where it came from, with its elements. */
export function acknowledgmentFrame(
  bytes: Uint8Array,
  start: number,
  { destinationMac, source, destination, elementCount }: MultipathFrame,
): Uint8Array {
  const elements = start + ddm.elements;
  const frame = new Uint8Array(ddm.elements + elementCount * elementBytes);
  frame.set(bytes.subarray(start + offset.sourceMac, start + offset.etherType), 0);
  frame.set(destinationMac, offset.sourceMac);
  writeHeaders(frame, fixedBytes + elementCount * elementBytes, acknowledgmentBit);
  frame.set(destination, address.source);
  frame.set(source, address.destination);
  frame.set(bytes.subarray(elements, elements + elementCount * elementBytes), ddm.elements);
  return frame;
}

function writeHeaders(frame: Uint8Array, headerLength: number, flags: number): void {
  frame[offset.etherType] = etherTypeIpv6 >> 8;
  frame[offset.etherType + 1] = etherTypeIpv6 & 0xff;
  frame[offset.ipv6] = 0x60;
  frame[offset.payloadLength + 1] = headerLength;
  frame[offset.nextHeader] = protocolDdm;
  frame[offset.hopLimit] = hopLimit;
  frame[ddm.nextHeader] = protocolNone;
  frame[ddm.length] = headerLength - 1;
  frame[ddm.version] = ddmVersion;
  frame[ddm.flags] = flags;
}
