import { keyFamily, keyHasPorts } from "./flow-key.ts";

/** AF_INET and AF_INET6 as the reference writes them into the hash, whatever the host calls them. */
const familyNumbers = { ipv4: 2, ipv6: 26 } as const;

const table = Int32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  return crc;
});

let crc = 0;

function add(byte: number): void {
  crc = (table[(crc ^ byte) & 0xff] ?? 0) ^ (crc >>> 8);
}

/** A 64-bit little-endian length, all of which are small. */
function addLength(length: number): void {
  add(length);
  for (let i = 0; i < 7; i++) add(0);
}

function addWord(word: number): void {
  add(word >>> 24);
  add((word >>> 16) & 0xff);
  add((word >>> 8) & 0xff);
  add(word & 0xff);
}

/**
 * CRC-32 (IEEE 802.3) of a flow, unsigned: the entropy of the outer UDP source port, and the choice of tunnel endpoint,
 * floating IP and next hop. The bytes hashed are those of the specification, section 1.5.
 */
export function flowHash(key: Int32Array): number {
  const isVersion6 = keyFamily(key) === 6;
  const words = isVersion6 ? 4 : 1;
  crc = -1;
  add((key[0] ?? 0) & 0xff);
  add(isVersion6 ? familyNumbers.ipv6 : familyNumbers.ipv4);
  add(0);
  for (const at of addressWords) {
    addLength(4 * words);
    for (let i = 0; i < words; i++) addWord(key[at + i] ?? 0);
  }
  addLength(2);
  const word = key[9] ?? 0;
  if (keyHasPorts(key)) {
    add((word >>> 16) & 0xff);
    add(word >>> 24);
  } else {
    add(word >>> 24);
    add((word >>> 16) & 0xff);
  }
  add(word & 0xff);
  add((word >>> 8) & 0xff);
  return (crc ^ -1) >>> 0;
}

const addressWords = [1, 5] as const;
