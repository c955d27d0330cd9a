/**
 * Frames between the switch and its processor, in place: Ethernet, whose type is 0x0901, then 24 bytes of sidecar header
 * (the fields of src/packet/sidecar.ts), then what the frame carried. Every frame passes here, so nothing is allocated.
 */

/** Bytes of an Ethernet header. */
export const ethernetBytes = 14;
/** Bytes of a sidecar header. */
export const sidecarBytes = 24;
/** EtherType of a frame with a sidecar header. */
const sidecarEtherType = 0x0901;
/** EtherType of a frame with a VLAN tag. */
export const vlanEtherType = 0x8100;
/** Bytes of a VLAN tag. */
export const vlanBytes = 4;

/** Why a frame passes between the switch and its processor. */
export const sidecarCode = {
  fromUserspace: 0,
  toUserspace: 1,
  icmpNeeded: 2,
  arpNeeded: 3,
  neighborNeeded: 4,
} as const;

const offset = { code: 14, ingress: 16, egress: 18, etherType: 20, data: 22 } as const;
const macBytes = 12;
/** Where the 16 bytes of a sidecar header's data begin, from the frame's begin. */
export const sidecarDataOffset = offset.data;

/** A 16-bit number in network byte order. */
export function readWord(bytes: Uint8Array, at: number): number {
  return ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
}

function writeWord(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >> 8;
  bytes[at + 1] = value & 0xff;
}

/** Whether the frame has a sidecar header and all of it. */
export function hasSidecar(bytes: Uint8Array, start: number, length: number): boolean {
  return length >= ethernetBytes + sidecarBytes && readWord(bytes, start + 12) === sidecarEtherType;
}

/** The header's code. */
export function codeOf(bytes: Uint8Array, start: number): number {
  return bytes[start + offset.code] ?? 0;
}

/** The port that the frame came in by. */
export function ingressOf(bytes: Uint8Array, start: number): number {
  return readWord(bytes, start + offset.ingress);
}

/** The port that the frame is to leave by. */
export function egressOf(bytes: Uint8Array, start: number): number {
  return readWord(bytes, start + offset.egress);
}

/**
 * Take the sidecar header out of a frame that {@link hasSidecar}, in its own memory: the frame without it begins
 * {@link sidecarBytes} later and ends where it did.
 */
export function stripSidecar(bytes: Uint8Array, start: number): void {
  const etherType = readWord(bytes, start + offset.etherType);
  bytes.copyWithin(start + sidecarBytes, start, start + macBytes);
  writeWord(bytes, start + sidecarBytes + macBytes, etherType);
}

/**
 * Write a frame with a sidecar header before what it carries, for the switch to send out of port `egress` as it is.
 * Returns the length; `target` must have room for `length` and the header, `length` be that of an Ethernet header at least.
 */
export function writeWithSidecar(
  target: Uint8Array,
  egress: number,
  bytes: Uint8Array,
  start: number,
  length: number,
): number {
  for (let at = 0; at < macBytes; at += 1) target[at] = bytes[start + at] ?? 0;
  writeWord(target, macBytes, sidecarEtherType);
  target.fill(0, offset.code, ethernetBytes + sidecarBytes);
  target[offset.code] = sidecarCode.fromUserspace;
  writeWord(target, offset.egress, egress);
  writeWord(target, offset.etherType, readWord(bytes, start + macBytes));
  const body = length - ethernetBytes;
  const from = start + ethernetBytes;
  if (body <= 256)
    for (let at = 0; at < body; at += 1) target[ethernetBytes + sidecarBytes + at] = bytes[from + at] ?? 0;
  else target.set(bytes.subarray(from, from + body), ethernetBytes + sidecarBytes);
  return length + sidecarBytes;
}
