import { getSystemErrorName } from "node:util";

/**
 * Netlink messages (RFC 3549; netlink(7)), bytes only: headers, attributes, acknowledgements. Each request that is built here
 * stands alone; its sequence number is 0 until a socket gives it one.
 */

/** Bytes of struct nlmsghdr. */
const messageHeaderBytes = 16;

/** Flags of a request, beyond those every request has. */
export const requestFlag = { replace: 0x100, exclusive: 0x200, create: 0x400, append: 0x800 } as const;

const NLM_F_REQUEST = 0x1;
const NLM_F_ACK = 0x4;
/** In an acknowledgement: attributes with an explanation follow (Linux include/uapi/linux/netlink.h). */
const NLM_F_CAPPED = 0x100;
const NLM_F_ACK_TLVS = 0x200;
const NLMSGERR_ATTR_MSG = 1;
/** Kinds of attribute are the low 14 bits; above are "nested" and "network byte order". */
const attributeTypeMask = 0x3fff;
const NLA_F_NESTED = 0x8000;

/** Messages that carry no object (netlink(7)). */
export const controlType = { noop: 1, error: 2, done: 3, overrun: 4 } as const;

/** One message of the kernel. */
export interface NetlinkMessage {
  readonly type: number;
  readonly flags: number;
  readonly sequence: number;
  /** What follows the header. */
  readonly body: Buffer;
}

/** A request that is to be acknowledged. */
export function netlinkRequest(type: number, flags: number, body: Buffer, attributes: readonly Buffer[] = []): Buffer {
  const header = Buffer.alloc(messageHeaderBytes);
  const message = Buffer.concat([header, body, ...attributes]);
  message.writeUInt32LE(message.length, 0);
  message.writeUInt16LE(type, 4);
  message.writeUInt16LE(NLM_F_REQUEST | NLM_F_ACK | flags, 6);
  return message;
}

/** An attribute, padded. */
export function attribute(type: number, value: Uint8Array): Buffer {
  const buffer = Buffer.alloc(aligned(4 + value.length));
  buffer.writeUInt16LE(4 + value.length, 0);
  buffer.writeUInt16LE(type, 2);
  buffer.set(value, 4);
  return buffer;
}

/** An attribute with a number of 8 or 32 bits, or text that ends with a zero byte; none if there is no value. */
export const optionalAttribute = {
  byte: (type: number, value: number | undefined) => (value === undefined ? [] : [attribute(type, Buffer.of(value))]),
  word: (type: number, value: number | undefined) => (value === undefined ? [] : [attribute(type, word(value))]),
  text: (type: number, value: string | undefined) =>
    value === undefined ? [] : [attribute(type, Buffer.from(`${value}\0`))],
  bytes: (type: number, value: Uint8Array | undefined) => (value === undefined ? [] : [attribute(type, value)]),
};

/** An attribute made of attributes, after `head`. */
export function nestedAttribute(
  type: number,
  attributes: readonly Buffer[],
  head: Uint8Array = Buffer.alloc(0),
): Buffer {
  return attribute(type | NLA_F_NESTED, Buffer.concat([head, ...attributes]));
}

/** The messages of a datagram, as far as they are whole. */
export function parseNetlinkMessages(datagram: Buffer): readonly NetlinkMessage[] {
  const found: NetlinkMessage[] = [];
  for (let at = 0; at + messageHeaderBytes <= datagram.length;) {
    const length = datagram.readUInt32LE(at);
    if (length < messageHeaderBytes || at + length > datagram.length) break;
    found.push({
      type: datagram.readUInt16LE(at + 4),
      flags: datagram.readUInt16LE(at + 6),
      sequence: datagram.readUInt32LE(at + 8),
      body: datagram.subarray(at + messageHeaderBytes, at + length),
    });
    at += aligned(length);
  }
  return found;
}

/** Attributes by type, as far as they are whole; of several of a type the last. */
export type Attributes = ReadonlyMap<number, Buffer>;

/** The attributes from `start` on. */
export function parseAttributes(bytes: Buffer, start = 0): Attributes {
  const found = new Map<number, Buffer>();
  for (let at = start; at + 4 <= bytes.length;) {
    const length = bytes.readUInt16LE(at);
    if (length < 4 || at + length > bytes.length) break;
    found.set(bytes.readUInt16LE(at + 2) & attributeTypeMask, bytes.subarray(at + 4, at + length));
    at += aligned(length);
  }
  return found;
}

/** The number of 32 bits in an attribute; undefined if it is absent or too short. */
export function wordOf(attributes: Attributes, type: number): number | undefined {
  const value = attributes.get(type);
  return value === undefined || value.length < 4 ? undefined : value.readUInt32LE();
}

/** The first byte of an attribute; undefined if it is absent or empty. */
export function byteOf(attributes: Attributes, type: number): number | undefined {
  return attributes.get(type)?.[0];
}

/** The text in an attribute, without the zero byte that ends it. */
export function textOf(attributes: Attributes, type: number): string | undefined {
  return attributes.get(type)?.toString("latin1").replace(/\0.*$/s, "");
}

/** Why the kernel refused a request. */
export interface Refusal {
  /** ENETUNREACH, or "Unknown system error …". */
  readonly code: string;
  /** The kernel's own words about it, where it has any. */
  readonly explanation: string | undefined;
}

/** What the body of an NLMSG_ERROR or NLMSG_DONE message says: undefined when the request was done. */
export function parseRefusal({ type, flags, body }: NetlinkMessage): Refusal | undefined {
  const errno = body.length < 4 ? 0 : body.readInt32LE();
  if (errno === 0) return undefined;
  const code = errno < 0 ? getSystemErrorName(errno) : `error ${errno}`;
  // The end of a dump echoes no request.
  const echoed = type === controlType.done ? 0 : echoedBytes(body, flags);
  const tail = (flags & NLM_F_ACK_TLVS) === 0 ? Buffer.alloc(0) : body.subarray(4 + echoed);
  return { code, explanation: textOf(parseAttributes(tail), NLMSGERR_ATTR_MSG) };
}

function echoedBytes(body: Buffer, flags: number): number {
  if ((flags & NLM_F_CAPPED) !== 0 || body.length < 8) return messageHeaderBytes;
  return aligned(Math.min(body.readUInt32LE(4), body.length));
}

/** The kernel's answer to one request. */
export interface Acknowledgement {
  /** Undefined when it was done; else what the kernel says: "ENETUNREACH: Nexthop has invalid gateway". */
  readonly refusal: string | undefined;
}

/** The acknowledgements in a datagram from the kernel; other messages are passed over. */
export function parseAcknowledgements(datagram: Buffer): readonly Acknowledgement[] {
  return parseNetlinkMessages(datagram)
    .filter(({ type, body }) => type === controlType.error && body.length >= 4)
    .map((message) => {
      const refusal = parseRefusal(message);
      return { refusal: refusal === undefined ? undefined : describeRefusal(refusal) };
    });
}

/** A refusal as text: its code, and the explanation where there is one. */
export function describeRefusal({ code, explanation }: Refusal): string {
  return explanation === undefined ? code : `${code}: ${explanation}`;
}

function aligned(length: number): number {
  return (length + 3) & ~3;
}

function word(value: number): Buffer {
  const buffer = Buffer.alloc(4);
  buffer.writeUInt32LE(value >>> 0);
  return buffer;
}
