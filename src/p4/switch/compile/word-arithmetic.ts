import type { Code } from "./code.ts";

/** `count` words of words shifted to the right; `source` has all the bits that are asked for. */
export function shiftedRight(source: readonly string[], shift: number, count: number): readonly string[] {
  const skipped = shift >> 5;
  const bits = shift & 31;
  const from = (fromLeast: number): string => source[source.length - 1 - fromLeast] ?? "0";
  return Array.from({ length: count }, (_, at) => {
    const position = skipped + count - 1 - at;
    return bits === 0 ? from(position) : `(${from(position)} >>> ${bits} | ${from(position + 1)} << ${32 - bits})`;
  });
}

/** As many words of words shifted to the left. */
export function shiftedLeft(words: readonly string[], shift: number, code: Code): readonly string[] {
  const count = words.length;
  const skipped = shift >> 5;
  const bits = shift & 31;
  const source = bits === 0 ? words : words.map((word) => code.temp(word));
  const from = (fromLeast: number): string => (fromLeast < 0 ? "0" : (source[count - 1 - fromLeast] ?? "0"));
  return Array.from({ length: count }, (_, at) => {
    const position = count - 1 - at - skipped;
    return bits === 0 ? from(position) : `(${from(position)} << ${bits} | ${from(position - 1)} >>> ${32 - bits})`;
  });
}

/** As many words of a sum or difference, with the carry from word to word. */
export function sum(op: "+" | "-", left: readonly string[], right: readonly string[], code: Code): readonly string[] {
  const results: string[] = [];
  let carry = "";
  for (let at = left.length - 1; at >= 0; at -= 1) {
    const word = code.temp(`(${left[at] ?? "0"} >>> 0) ${op} (${right[at] ?? "0"} >>> 0)${carry}`);
    carry = op === "+" ? ` + (${word} > 4294967295 ? 1 : 0)` : ` - (${word} < 0 ? 1 : 0)`;
    results.unshift(word);
  }
  return results;
}
