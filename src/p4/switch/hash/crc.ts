/** A cyclic redundancy check in the parameters of the Rocksoft model; numbers of `width` bits. */
export interface CrcParameters {
  /** 8 to 64 bits. */
  readonly width: number;
  readonly polynomial: bigint;
  readonly initial: bigint;
  readonly finalXor: bigint;
  readonly reflectInput: boolean;
  readonly reflectOutput: boolean;
}

/** Writes a hash of `bytes[0, length)` to `result`: high and low 32 bits. */
export type HashFunction = (bytes: Uint8Array, length: number, result: Uint32Array) => void;

/** The function that computes a CRC; up to 32 bits without allocating. */
export function crcFunction(parameters: CrcParameters): HashFunction {
  return parameters.width <= 32 ? narrowCrc(parameters) : wideCrc(parameters);
}

/** The register is kept in the upper bits of 32 where bits come most significant first, in the lower ones otherwise. */
function narrowCrc({ width, polynomial, initial, finalXor, reflectInput, reflectOutput }: CrcParameters): HashFunction {
  const shift = 32 - width;
  const table = new Uint32Array(256);
  const polynomialBits = reflectInput
    ? Number(reflected(polynomial, width))
    : Number(BigInt.asUintN(32, polynomial << BigInt(shift)));
  for (let byte = 0; byte < 256; byte += 1) {
    let register = reflectInput ? byte : byte << 24;
    for (let bit = 0; bit < 8; bit += 1) {
      if (reflectInput) register = (register & 1) === 0 ? register >>> 1 : (register >>> 1) ^ polynomialBits;
      else register = register >= 0 ? register << 1 : (register << 1) ^ polynomialBits;
    }
    table[byte] = register;
  }
  const start = reflectInput ? Number(reflected(initial, width)) : Number(BigInt.asUintN(32, initial << BigInt(shift)));
  const final = Number(BigInt.asUintN(width, finalXor));
  const turnOver = reflectInput !== reflectOutput;
  return (bytes, length, result) => {
    let register = start | 0;
    if (reflectInput) {
      for (let at = 0; at < length; at += 1) {
        register = (register >>> 8) ^ (table[(register ^ (bytes[at] ?? 0)) & 0xff] ?? 0);
      }
    } else {
      for (let at = 0; at < length; at += 1) {
        register = (register << 8) ^ (table[((register >>> 24) ^ (bytes[at] ?? 0)) & 0xff] ?? 0);
      }
      register >>>= shift;
    }
    if (turnOver) register = reflectedNumber(register, width);
    result[0] = 0;
    result[1] = register ^ final;
  };
}

function wideCrc({ width, polynomial, initial, finalXor, reflectInput, reflectOutput }: CrcParameters): HashFunction {
  const table: bigint[] = [];
  const top = 1n << BigInt(width - 1);
  for (let byte = 0; byte < 256; byte += 1) {
    let register = BigInt(byte) << BigInt(width - 8);
    for (let bit = 0; bit < 8; bit += 1) {
      register = BigInt.asUintN(width, register << 1n) ^ ((register & top) === 0n ? 0n : polynomial);
    }
    table.push(register);
  }
  /** Each byte as it enters the register, most significant bit first. */
  const entering = Array.from({ length: 256 }, (_, byte) => (reflectInput ? reflectedNumber(byte, 8) : byte));
  return (bytes, length, result) => {
    let register = initial;
    for (let at = 0; at < length; at += 1) {
      const index = Number(register >> BigInt(width - 8)) ^ (entering[bytes[at] ?? 0] ?? 0);
      register = BigInt.asUintN(width, register << 8n) ^ (table[index] ?? 0n);
    }
    const value = (reflectOutput ? reflected(register, width) : register) ^ finalXor;
    result[0] = Number(value >> 32n);
    result[1] = Number(value & 0xffff_ffffn);
  };
}

function reflected(value: bigint, width: number): bigint {
  let turned = 0n;
  for (let bit = 0; bit < width; bit += 1) turned |= ((value >> BigInt(bit)) & 1n) << BigInt(width - 1 - bit);
  return turned;
}

function reflectedNumber(value: number, width: number): number {
  let turned = 0;
  for (let bit = 0; bit < width; bit += 1) turned |= ((value >>> bit) & 1) << (width - 1 - bit);
  return turned;
}
