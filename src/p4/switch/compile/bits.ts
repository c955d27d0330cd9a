import type { FieldType } from "../format/program.ts";
import { wordCount } from "../state/key.ts";
import { type Position, plus } from "./references.ts";

/** Some bits: a field's, or a constant's. */
export interface BitSource {
  readonly width: number;
  /** `count` (at most 32) bits from bit `from` on, counted from the least significant; as an unsigned or int32 number. */
  bits(from: number, count: number): string;
}

/** The bits of a field whose first word is at `word`. */
export function fieldBits({ width }: FieldType, word: Position): BitSource {
  const words = wordCount(width);
  const at = (fromLeast: number): string => `F[${plus(word, words - 1 - fromLeast)}]`;
  return {
    width,
    bits: (from, count) => {
      const index = from >> 5;
      const shift = from & 31;
      const reachesTop = from + count >= width;
      let text = shift === 0 ? at(index) : `${at(index)} >>> ${shift}`;
      if (shift + count > 32) text = `(${text} | ${at(index + 1)} << ${32 - shift})`;
      if (reachesTop || shift + count === 32) return text;
      return count === 32 ? text : `(${text} & ${2 ** count - 1})`;
    },
  };
}

/** The bits of a constant. */
export function constantBits(value: bigint, width: number): BitSource {
  return {
    width,
    bits: (from, count) => String(BigInt.asUintN(count, value >> BigInt(from))),
  };
}

/** Bits `from..from+count` (count at most 32) of sources laid end to end, as one expression. */
export function chunk(sources: readonly BitSource[], from: number, count: number): string {
  const pieces: string[] = [];
  let start = 0;
  for (const source of sources) {
    const end = start + source.width;
    const low = Math.max(from, start);
    const high = Math.min(from + count, end);
    if (low < high) {
      const text = source.bits(end - high, high - low);
      const shift = from + count - high;
      pieces.push(shift === 0 ? `(${text})` : `((${text}) << ${shift})`);
    }
    start = end;
  }
  return pieces.length === 0 ? "0" : pieces.join(" | ");
}

/** Statements that write sources laid end to end, padded with zeros to a byte, at `view`/`bytes`[`at`...]. */
export function writeChunks(
  sources: readonly BitSource[],
  view: string,
  bytes: string,
  at: string,
): { readonly lines: readonly string[]; readonly length: number } {
  const bits = sources.reduce((sum, { width }) => sum + width, 0);
  const length = Math.ceil(bits / 8);
  const lines: string[] = [];
  let offset = 0;
  for (; length - offset >= 4; offset += 4) {
    lines.push(`${view}.setUint32(${plus(at, offset)}, ${chunk(sources, offset * 8, 32)});`);
  }
  if (length - offset >= 2) {
    lines.push(`${view}.setUint16(${plus(at, offset)}, ${chunk(sources, offset * 8, 16)});`);
    offset += 2;
  }
  if (length > offset) lines.push(`${bytes}[${plus(at, offset)}] = ${chunk(sources, offset * 8, 8)};`);
  return { lines, length };
}

/** An expression for `width` (at most 32) bits at bit `bit` behind byte position `at` of the packet. */
export function readPacketBits(at: string, bit: number, width: number): string {
  const byte = plus(at, bit >> 3);
  const lead = bit & 7;
  const span = Math.ceil((lead + width) / 8);
  const trail = span * 8 - lead - width;
  if (span === 5) {
    const joined = `D.getUint32(${byte}) << ${8 - trail} | P[${plus(byte, 4)}] >>> ${trail}`;
    return width === 32 ? `(${joined})` : `((${joined}) & ${2 ** width - 1})`;
  }
  const whole = [
    `P[${byte}]`,
    `D.getUint16(${byte})`,
    `(P[${byte}] << 16 | D.getUint16(${plus(byte, 1)}))`,
    `D.getUint32(${byte})`,
  ][span - 1];
  const shifted = trail === 0 ? (whole ?? "0") : `${whole ?? "0"} >>> ${trail}`;
  return lead === 0 ? shifted : `(${shifted}) & ${2 ** width - 1}`;
}

/** One expression for each word of a field of `width` bits at bit `bit` behind byte position `at`. */
export function readPacketWords(at: string, bit: number, width: number): readonly string[] {
  const words = wordCount(width);
  const top = width - 32 * (words - 1);
  return Array.from({ length: words }, (_, word) =>
    readPacketBits(at, word === 0 ? bit : bit + top + 32 * (word - 1), word === 0 ? top : 32),
  );
}
