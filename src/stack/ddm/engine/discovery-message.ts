import { ddmDiscovery, ddmDiscoveryCodec, parseIpv6 } from "../../../packet/index.ts";
import { type KeyName, macLength, type MessageAuthenticator } from "./authentication.ts";
import type { RouterKind } from "./policy.ts";

/** The version byte that is sent; 2 and 3 are understood (section 1.2). */
export const discoveryVersion = 2;

/** A discovery message as the engine sees it. */
export interface DiscoveryMessage {
  readonly version: number;
  readonly solicit: boolean;
  readonly advertise: boolean;
  readonly kind: RouterKind;
  readonly hostname: string;
  /** Only in signed mode. */
  readonly seal?: DiscoverySeal | undefined;
}

/** What a signed message adds: it makes every solicitation unique, and every advertisement the answer to one. */
export interface DiscoverySeal {
  /** The sender's. */
  readonly instance: number;
  /** Of the solicitation; in an advertisement, of the one that is answered. */
  readonly number: number;
  /** In an advertisement, the instance of the router that solicited; 0 in a solicitation. */
  readonly solicitor: number;
}

/** Link-local addresses or the group, without zone: they are signed too. */
export interface Ends {
  readonly from: string;
  readonly to: string;
}

const keyNumbers: Readonly<Record<KeyName, number>> = { rack: 1, "inter-rack": 2 };
const sealBytes = 24;
const encoder = new TextEncoder();

/** The bytes of a message without a seal, exactly those of section 1.2. */
export function encodeDiscovery(message: DiscoveryMessage): Uint8Array {
  const { version, solicit, advertise, kind, hostname } = message;
  return ddmDiscoveryCodec.encode(ddmDiscovery({ version, solicit, advertise, router: kind, hostname }));
}

/** The bytes of a message with its seal, signed once with each of the keys. */
export function signDiscovery(
  message: DiscoveryMessage & { readonly seal: DiscoverySeal },
  ends: Ends,
  keys: readonly KeyName[],
  authenticator: MessageAuthenticator,
): Uint8Array {
  const plain = encodeDiscovery(message);
  const seal = new Uint8Array(sealBytes);
  const view = new DataView(seal.buffer);
  view.setBigUint64(0, BigInt(message.seal.instance));
  view.setBigUint64(8, BigInt(message.seal.number));
  view.setBigUint64(16, BigInt(message.seal.solicitor));
  const content = concatenate([plain, seal]);
  const signatures = keys.flatMap((key) => [
    Uint8Array.of(keyNumbers[key]),
    authenticator.sign(key, signedBytes(content, ends)),
  ]);
  return concatenate([content, ...signatures]);
}

/** Read a message; a text that says what is wrong with the bytes if they are none. The seal is read, not believed. */
export function decodeDiscovery(bytes: Uint8Array): DiscoveryMessage | string {
  const decoded = ddmDiscoveryCodec.decode(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length));
  if (typeof decoded === "string") return decoded;
  const { version, solicit, advertise, router, hostname } = decoded.layer;
  if (typeof router === "number") return `expected router kind 0 or 1, found ${router}`;
  if (!solicit && !advertise) return "neither solicitation nor advertisement";
  const rest = bytes.subarray(decoded.headerLength);
  const message = { version, solicit, advertise, kind: router, hostname };
  if (rest.length < sealBytes + 1 + macLength) return message;
  const view = new DataView(rest.buffer, rest.byteOffset);
  const seal = {
    instance: Number(view.getBigUint64(0)),
    number: Number(view.getBigUint64(8)),
    solicitor: Number(view.getBigUint64(16)),
  };
  return { ...message, seal };
}

/** Whether a message that {@link decodeDiscovery} read is signed with the key, between these ends. */
export function verifyDiscovery(
  bytes: Uint8Array,
  ends: Ends,
  key: KeyName,
  authenticator: MessageAuthenticator,
): boolean {
  const decoded = ddmDiscoveryCodec.decode(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length));
  if (typeof decoded === "string") return false;
  const end = decoded.headerLength + sealBytes;
  const content = bytes.subarray(0, end);
  for (let at = end; at + 1 + macLength <= bytes.length; at += 1 + macLength) {
    if (bytes[at] !== keyNumbers[key]) continue;
    return authenticator.verify(key, signedBytes(content, ends), bytes.subarray(at + 1, at + 1 + macLength));
  }
  return false;
}

function signedBytes(content: Uint8Array, { from, to }: Ends): Uint8Array {
  return concatenate([encoder.encode("ddm discovery\n"), parseIpv6(from), parseIpv6(to), content]);
}

function concatenate(parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
