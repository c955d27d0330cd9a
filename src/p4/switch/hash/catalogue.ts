import type { CrcParameters } from "./crc.ts";

/** width, polynomial, initial, final xor, reflected: the published catalogue of CRCs, by the names P4 uses. */
type Row = readonly [number, bigint, bigint, bigint, boolean];

const ones64 = 0xffff_ffff_ffff_ffffn;

const rows: Readonly<Record<string, Row>> = {
  crc_8: [8, 0x07n, 0n, 0n, false],
  crc_8_darc: [8, 0x39n, 0n, 0n, true],
  crc_8_i_code: [8, 0x1dn, 0xfdn, 0n, false],
  crc_8_itu: [8, 0x07n, 0n, 0x55n, false],
  crc_8_maxim: [8, 0x31n, 0n, 0n, true],
  crc_8_rohc: [8, 0x07n, 0xffn, 0n, true],
  crc_8_wcdma: [8, 0x9bn, 0n, 0n, true],
  crc_16: [16, 0x8005n, 0n, 0n, true],
  crc_16_buypass: [16, 0x8005n, 0n, 0n, false],
  crc_16_dds_110: [16, 0x8005n, 0x800dn, 0n, false],
  crc_16_dect: [16, 0x0589n, 0n, 1n, false],
  crc_16_dnp: [16, 0x3d65n, 0n, 0xffffn, true],
  crc_16_en_13757: [16, 0x3d65n, 0n, 0xffffn, false],
  crc_16_genibus: [16, 0x1021n, 0xffffn, 0xffffn, false],
  crc_16_maxim: [16, 0x8005n, 0n, 0xffffn, true],
  crc_16_mcrf4xx: [16, 0x1021n, 0xffffn, 0n, true],
  crc_16_riello: [16, 0x1021n, 0xb2aan, 0n, true],
  crc_16_t10_dif: [16, 0x8bb7n, 0n, 0n, false],
  crc_16_teledisk: [16, 0xa097n, 0n, 0n, false],
  crc_16_usb: [16, 0x8005n, 0xffffn, 0xffffn, true],
  x_25: [16, 0x1021n, 0xffffn, 0xffffn, true],
  xmodem: [16, 0x1021n, 0n, 0n, false],
  modbus: [16, 0x8005n, 0xffffn, 0n, true],
  kermit: [16, 0x1021n, 0n, 0n, true],
  crc_ccitt_false: [16, 0x1021n, 0xffffn, 0n, false],
  crc_aug_ccitt: [16, 0x1021n, 0x1d0fn, 0n, false],
  crc_24: [24, 0x864cfbn, 0xb704cen, 0n, false],
  crc_24_flexray_a: [24, 0x5d6dcbn, 0xfedcban, 0n, false],
  crc_24_flexray_b: [24, 0x5d6dcbn, 0xabcdefn, 0n, false],
  crc_32: [32, 0x04c11db7n, 0xffff_ffffn, 0xffff_ffffn, true],
  crc_32_bzip2: [32, 0x04c11db7n, 0xffff_ffffn, 0xffff_ffffn, false],
  crc_32c: [32, 0x1edc6f41n, 0xffff_ffffn, 0xffff_ffffn, true],
  crc_32d: [32, 0xa833982bn, 0xffff_ffffn, 0xffff_ffffn, true],
  crc_32_mpeg: [32, 0x04c11db7n, 0xffff_ffffn, 0n, false],
  posix: [32, 0x04c11db7n, 0n, 0xffff_ffffn, false],
  crc_32q: [32, 0x814141abn, 0n, 0n, false],
  jamcrc: [32, 0x04c11db7n, 0xffff_ffffn, 0n, true],
  xfer: [32, 0xafn, 0n, 0n, false],
  crc_64: [64, 0x1bn, 0n, 0n, true],
  crc_64_we: [64, 0x42f0_e1eb_a9ea_3693n, ones64, ones64, false],
  crc_64_jones: [64, 0xad93_d235_94c9_35a9n, ones64, 0n, true],
};

/** Names that say the same. */
const synonyms: Readonly<Record<string, string>> = {
  crc16: "crc_16",
  crc32: "crc_32",
  crcCCITT: "crc_ccitt_false",
  crc8_custom: "crc_8",
  crc16_custom: "crc_16",
  crc32_custom: "crc_32",
};

const ecma182: CrcParameters = {
  width: 64,
  polynomial: 0x42f0_e1eb_a9ea_3693n,
  initial: 0n,
  finalXor: 0n,
  reflectInput: false,
  reflectOutput: false,
};

const spelledOut =
  /^poly_0x(?<polynomial>[0-9a-fA-F]+)(?:_init_0x(?<initial>[0-9a-fA-F]+))?(?:_xout_0x(?<finalXor>[0-9a-fA-F]+))?(?<notReflected>_not_rev|_rev)?$/;

/** Parameters of a CRC by name, or by a name that spells them out (`poly_0x11021_init_0xffff_not_rev`). */
export function crcByName(name: string): CrcParameters | undefined {
  if (name === "crc64_custom") return ecma182;
  const key = Object.hasOwn(synonyms, name) ? (synonyms[name] ?? name) : name;
  const row = Object.hasOwn(rows, key) ? rows[key] : undefined;
  if (row !== undefined) {
    const [width, polynomial, initial, finalXor, reflected] = row;
    return { width, polynomial, initial, finalXor, reflectInput: reflected, reflectOutput: reflected };
  }
  const groups = spelledOut.exec(name)?.groups;
  if (groups === undefined) return undefined;
  const withTopBit = BigInt(`0x${groups["polynomial"] ?? "0"}`);
  const width = withTopBit.toString(2).length - 1;
  if (width < 8 || width > 64) return undefined;
  const reflected = groups["notReflected"] !== "_not_rev";
  return {
    width,
    polynomial: BigInt.asUintN(width, withTopBit),
    initial: BigInt.asUintN(width, BigInt(`0x${groups["initial"] ?? "0"}`)),
    finalXor: BigInt.asUintN(width, BigInt(`0x${groups["finalXor"] ?? "0"}`)),
    reflectInput: reflected,
    reflectOutput: reflected,
  };
}
