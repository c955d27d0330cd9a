import { crcByName } from "./catalogue.ts";
import { crcFunction, type HashFunction } from "./crc.ts";
import { xxh64 } from "./xxh64.ts";

/** The key of Microsoft's receive-side scaling, until the control plane sets another. */
const defaultToeplitzKey = Uint8Array.from(
  Buffer.from("6d5a56da255b0ec24167253d43a38fb0d0ca2bcbae7b30b477cb2da38030f20c6a42b73bbeac01fa", "hex"),
);

const simple: Readonly<Record<string, HashFunction>> = {
  csum16: internetChecksum,
  cksum16: internetChecksum,
  identity: firstEightBytes,
  xor16: exclusiveOr16,
  xor32: exclusiveOr32,
  xxh64: (bytes, length, result) => {
    const hash = xxh64(bytes, length);
    result[0] = Number(hash >> 32n);
    result[1] = Number(hash & 0xffff_ffffn);
  },
};

/** Algorithms whose answer depends on more than the input. */
const stateful: Readonly<Record<string, () => HashFunction>> = {
  toeplitz: () => toeplitzFunction(defaultToeplitzKey),
  round_robin: roundRobin,
  round_robin_consistent: consistentRoundRobin,
};

/** Whether a program may ask for this algorithm. */
export function hasHashAlgorithm(name: string): boolean {
  return Object.hasOwn(stateful, name) || Object.hasOwn(simple, name) || crcByName(name) !== undefined;
}

/** A hash function of its own: round robins count by themselves. `name` must be known. */
export function hashFunction(name: string): HashFunction {
  const make = Object.hasOwn(stateful, name) ? stateful[name] : undefined;
  if (make !== undefined) return make();
  const direct = Object.hasOwn(simple, name) ? simple[name] : undefined;
  if (direct !== undefined) return direct;
  const crc = crcByName(name);
  if (crc === undefined) throw new Error(`Unknown hash algorithm: ${name}`);
  return crcFunction(crc);
}

/** Internet checksum (RFC 1071): the complement of the one's complement sum of 16-bit words. */
function internetChecksum(bytes: Uint8Array, length: number, result: Uint32Array): void {
  let sum = 0;
  const even = length & ~1;
  for (let at = 0; at < even; at += 2) sum += ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
  if (even < length) sum += (bytes[even] ?? 0) << 8;
  while (sum > 0xffff) sum = (sum & 0xffff) + Math.floor(sum / 0x1_0000);
  result[0] = 0;
  result[1] = ~sum & 0xffff;
}

function firstEightBytes(bytes: Uint8Array, length: number, result: Uint32Array): void {
  let high = 0;
  let low = 0;
  for (let at = 0; at < Math.min(8, length); at += 1) {
    high = (high << 8) | (low >>> 24);
    low = (low << 8) | (bytes[at] ?? 0);
  }
  result[0] = high;
  result[1] = low;
}

function exclusiveOr16(bytes: Uint8Array, length: number, result: Uint32Array): void {
  let value = 0;
  for (let at = 0; at < length; at += 1) value ^= (bytes[at] ?? 0) << (at % 2 === 0 ? 8 : 0);
  result[0] = 0;
  result[1] = value;
}

function exclusiveOr32(bytes: Uint8Array, length: number, result: Uint32Array): void {
  let value = 0;
  for (let at = 0; at < length; at += 1) value ^= (bytes[at] ?? 0) << (24 - 8 * (at % 4));
  result[0] = 0;
  result[1] = value;
}

/** Toeplitz hash, 32 bits (the function of receive-side scaling); a short key is used over and over. */
export function toeplitzFunction(key: Uint8Array): HashFunction {
  const keyBit = (at: number): number => ((key[Math.floor(at / 8) % key.length] ?? 0) >> (7 - (at % 8))) & 1;
  return (bytes, length, result) => {
    let window = 0;
    for (let bit = 0; bit < 32; bit += 1) window = (window << 1) | keyBit(bit);
    let hash = 0;
    for (let at = 0; at < length * 8; at += 1) {
      if ((((bytes[at >> 3] ?? 0) >> (7 - (at & 7))) & 1) === 1) hash ^= window;
      window = (window << 1) | keyBit(at + 32);
    }
    result[0] = 0;
    result[1] = hash;
  };
}

function roundRobin(): HashFunction {
  let next = 0;
  return (_bytes, _length, result) => {
    result[0] = 0;
    result[1] = next;
    next = (next + 1) >>> 0;
  };
}

/** Numbers inputs in the order in which they are first seen. */
function consistentRoundRobin(): HashFunction {
  const numbers = new Map<string, number>();
  return (bytes, length, result) => {
    const key = Buffer.from(bytes.buffer, bytes.byteOffset, length).toString("latin1");
    const number = numbers.get(key) ?? numbers.size;
    numbers.set(key, number);
    result[0] = 0;
    result[1] = number;
  };
}
