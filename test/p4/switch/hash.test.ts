import fc from "fast-check";
import { expect, test } from "vitest";
import { internetChecksum } from "../../../src/packet/checksum.ts";
import { hashFunction, hasHashAlgorithm, toeplitzFunction } from "../../../src/p4/switch/hash/algorithms.ts";

function hash(name: string, bytes: Uint8Array, compute = hashFunction(name)): bigint {
  const result = new Uint32Array(2);
  compute(bytes, bytes.length, result);
  return (BigInt(result[0] ?? 0) << 32n) | BigInt(result[1] ?? 0);
}

/** Check values of the published catalogue of CRCs: of the ASCII text 123456789. */
const checks: Readonly<Record<string, bigint>> = {
  crc16: 0xbb3dn,
  crc32: 0xcbf43926n,
  crcCCITT: 0x29b1n,
  crc16_custom: 0xbb3dn,
  crc32_custom: 0xcbf43926n,
  crc_8: 0xf4n,
  crc_8_darc: 0x15n,
  crc_8_i_code: 0x7en,
  crc_8_itu: 0xa1n,
  crc_8_maxim: 0xa1n,
  crc_8_rohc: 0xd0n,
  crc_8_wcdma: 0x25n,
  crc_16_buypass: 0xfee8n,
  crc_16_dds_110: 0x9ecfn,
  crc_16_dect: 0x007en,
  crc_16_dnp: 0xea82n,
  crc_16_en_13757: 0xc2b7n,
  crc_16_genibus: 0xd64en,
  crc_16_maxim: 0x44c2n,
  crc_16_mcrf4xx: 0x6f91n,
  crc_16_riello: 0x63d0n,
  crc_16_t10_dif: 0xd0dbn,
  crc_16_teledisk: 0x0fb3n,
  crc_16_usb: 0xb4c8n,
  x_25: 0x906en,
  xmodem: 0x31c3n,
  modbus: 0x4b37n,
  kermit: 0x2189n,
  crc_ccitt_false: 0x29b1n,
  crc_aug_ccitt: 0xe5ccn,
  crc_24: 0x21cf02n,
  crc_24_flexray_a: 0x7979bdn,
  crc_24_flexray_b: 0x1f23b8n,
  crc_32_bzip2: 0xfc891918n,
  crc_32c: 0xe3069283n,
  crc_32d: 0x87315576n,
  crc_32_mpeg: 0x0376e6e7n,
  posix: 0x765e7680n,
  crc_32q: 0x3010bf7fn,
  jamcrc: 0x340bc6d9n,
  xfer: 0xbd0be338n,
  crc_64: 0x46a5a9388a5beffen,
  crc_64_we: 0x62ec59e3f1a4f00an,
  crc_64_jones: 0xcaa717168609f281n,
  poly_0x18005: 0xbb3dn,
  poly_0x11021_init_0xffff_xout_0x0_not_rev: 0x29b1n,
  xxh64: 0x8cb841db40e6ae83n,
};

for (const [name, expected] of Object.entries(checks)) {
  test(`${name} gives its published check value`, () => {
    expect(hasHashAlgorithm(name)).toBe(true);
    expect(hash(name, Buffer.from("123456789")).toString(16)).toBe(expected.toString(16));
  });
}

test("csum16 is the Internet checksum of the packet codecs, whatever the bytes", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300, size: "max" }), (bytes) => {
      expect(Number(hash("csum16", bytes))).toBe(internetChecksum(bytes));
    }),
  );
});

test("identity is the first eight bytes, xor16 and xor32 pad the tail on the right", () => {
  const bytes = Buffer.from("0102030405060708090a0b", "hex");
  expect(hash("identity", bytes)).toBe(0x0102030405060708n);
  expect(hash("identity", bytes.subarray(0, 3))).toBe(0x010203n);
  expect(hash("xor16", bytes.subarray(0, 5))).toBe(BigInt(0x0102 ^ 0x0304 ^ 0x0500));
  expect(hash("xor32", bytes.subarray(0, 6))).toBe(BigInt(0x01020304 ^ 0x05060000));
});

test("toeplitz gives the hashes by which receive-side scaling is verified", () => {
  expect(hash("toeplitz", Buffer.from("420995bba18e6450", "hex"))).toBe(0x323e8fc2n);
  expect(hash("toeplitz", Buffer.from("420995bba18e64500aea06e6", "hex"))).toBe(0x51ccc178n);
  expect(hash("", Uint8Array.of(0xff), toeplitzFunction(Uint8Array.of(1, 0, 0, 0)))).not.toBe(0n);
});

test("round robins count; the consistent one gives the same input the same number", () => {
  const counting = hashFunction("round_robin");
  const consistent = hashFunction("round_robin_consistent");
  const inputs = ["a", "b", "a", "c"].map((text) => Buffer.from(text));
  expect(inputs.map((input) => hash("", input, counting))).toEqual([0n, 1n, 2n, 3n]);
  expect(inputs.map((input) => hash("", input, consistent))).toEqual([0n, 1n, 0n, 2n]);
});

test("an algorithm that nobody knows is refused, random too", () => {
  for (const name of ["random", "crc_17", "poly_0x", "constructor", ""]) expect(hasHashAlgorithm(name)).toBe(false);
});
