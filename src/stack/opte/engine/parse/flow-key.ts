import { formatIpv4, formatIpv6 } from "../../../../packet/index.ts";

/*
 * A flow identifier is ten 32-bit words, so that tables compare and hash it without making objects:
 *   0     protocol | IP version << 8
 *   1–4   source address (IPv4 in word 1)
 *   5–8   destination address
 *   9     ports, source << 16 | destination; ICMP: type << 24 | code << 16 | id of an echo
 */

export const keyWords = 10;
const sourceWord = 1;
const destinationWord = 5;
const portsWord = 9;

/** Parts of the first word. */
export function keyProtocol(key: Int32Array): number {
  return (key[0] ?? 0) & 0xff;
}

/** IP version of the flow, zero for a frame without IP. */
export function keyFamily(key: Int32Array): number {
  return ((key[0] ?? 0) >> 8) & 0xff;
}

function isIcmp(key: Int32Array): boolean {
  const word = key[0] ?? 0;
  return word === icmp4Word || word === icmp6Word;
}

const icmp4Word = 1 | (4 << 8);
const icmp6Word = 58 | (6 << 8);

/** Whether the flow has ports. */
export function keyHasPorts(key: Int32Array): boolean {
  const protocol = keyProtocol(key);
  return keyFamily(key) !== 0 && (protocol === 6 || protocol === 17);
}

/** The flow of the answers: addresses and ports swapped, echo requests and replies exchanged. */
export function mirrorKey(key: Int32Array, mirrored: Int32Array): void {
  mirrored[0] = key[0] ?? 0;
  for (let i = 0; i < 4; i++) {
    mirrored[sourceWord + i] = key[destinationWord + i] ?? 0;
    mirrored[destinationWord + i] = key[sourceWord + i] ?? 0;
  }
  const word = key[portsWord] ?? 0;
  mirrored[portsWord] = isIcmp(key) ? mirrorIcmp(key, word) : keyHasPorts(key) ? (word << 16) | (word >>> 16) : word;
}

function mirrorIcmp(key: Int32Array, word: number): number {
  const type = word >>> 24;
  if (((word >> 16) & 0xff) !== 0) return word;
  const isVersion6 = key[0] === icmp6Word;
  const request = isVersion6 ? 128 : 8;
  const reply = isVersion6 ? 129 : 0;
  if (type === request) return (reply << 24) | (word & 0xffffff);
  if (type === reply) return (request << 24) | (word & 0xffffff);
  return word;
}

/** A flow identifier for people and JSON. */
export interface FlowId {
  readonly protocol: number;
  readonly family: number;
  readonly source: string;
  readonly destination: string;
  /** Ports; of ICMP flows zero. */
  readonly sourcePort: number;
  readonly destinationPort: number;
  /** Of ICMP flows. */
  readonly icmp?: { readonly type: number; readonly code: number; readonly id: number };
}

/** The key taken apart. */
export function flowIdOf(key: Int32Array): FlowId {
  const word = key[portsWord] ?? 0;
  const ported = keyHasPorts(key);
  return {
    protocol: keyProtocol(key),
    family: keyFamily(key),
    source: addressText(key, sourceWord),
    destination: addressText(key, destinationWord),
    sourcePort: ported ? word >>> 16 : 0,
    destinationPort: ported ? word & 0xffff : 0,
    ...(isIcmp(key) ? { icmp: { type: word >>> 24, code: (word >> 16) & 0xff, id: word & 0xffff } } : {}),
  };
}

function addressText(key: Int32Array, at: number): string {
  const bytes = new Uint8Array(16);
  const view = new DataView(bytes.buffer);
  for (let i = 0; i < 4; i++) view.setInt32(4 * i, key[at + i] ?? 0);
  return keyFamily(key) === 6 ? formatIpv6(bytes) : formatIpv4(bytes);
}

/** Printed name of an IP protocol. */
export function protocolName(protocol: number): string {
  return protocolNames.get(protocol) ?? `0x${protocol.toString(16).padStart(2, "0")}`;
}

const protocolNames = new Map([
  [1, "ICMP"],
  [2, "IGMP"],
  [6, "TCP"],
  [17, "UDP"],
  [58, "ICMPv6"],
]);

/** `TCP:172.30.0.5:44490:52.10.128.69:80`, `ICMP/8/0:SOURCE:DESTINATION:ID`, `PROTOCOL:SOURCE:DESTINATION`. */
export function flowText(key: Int32Array): string {
  const { protocol, source, destination, sourcePort, destinationPort, icmp } = flowIdOf(key);
  const name = protocolName(protocol);
  if (icmp !== undefined) return `${name}/${icmp.type}/${icmp.code}:${source}:${destination}:${icmp.id}`;
  if (keyHasPorts(key)) return `${name}:${source}:${sourcePort}:${destination}:${destinationPort}`;
  return `${name}:${source}:${destination}`;
}

/** A hash of the key for tables; `seed` keeps a guest from choosing flows that collide. */
export function hashKey(key: Int32Array, seed: number): number {
  let hash = mix(mix(seed, key[0] ?? 0), key[portsWord] ?? 0);
  hash = mix(mix(hash, key[sourceWord] ?? 0), key[destinationWord] ?? 0);
  if (keyFamily(key) === 6) {
    for (let i = 1; i < 4; i++) hash = mix(mix(hash, key[sourceWord + i] ?? 0), key[destinationWord + i] ?? 0);
  }
  hash ^= hash >>> 16;
  hash = Math.imul(hash, 0x85ebca6b);
  hash ^= hash >>> 13;
  hash = Math.imul(hash, 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}

function mix(hash: number, word: number): number {
  let k = Math.imul(word, 0xcc9e2d51);
  k = Math.imul((k << 15) | (k >>> 17), 0x1b873593);
  const mixed = hash ^ k;
  return (Math.imul((mixed << 13) | (mixed >>> 19), 5) + 0xe6546b64) | 0;
}
