import type { Data } from "../format/expression.ts";
import { hasWordForm, literal, sized } from "./forms.ts";
import { isSafe, isWithin, rangeOf, type Value } from "./range.ts";
import type { Values } from "./values.ts";
import { shiftedLeft, shiftedRight, sum } from "./word-arithmetic.ts";

const two32 = 0x1_0000_0000;
const uint32 = 0xffff_ffffn;

/** `count` words of the value's two's complement, most significant first. */
export function wordsOf(value: Value, count: number, values: Values): readonly string[] {
  if (value.op === ">>" && value.right.op === "constant" && value.right.value >= 0n && hasWordForm(value.left)) {
    const shift = Number(value.right.value);
    // Enough words of the left side that all bits asked for are among them; its sign is extended.
    return shiftedRight(values.words(value.left, (shift >> 5) + count + ((shift & 31) === 0 ? 0 : 1)), shift, count);
  }
  if (count === 1) return [values.low(value)];
  const range = rangeOf(value);
  switch (value.op) {
    case "words":
      return sized(value.words, count);
    case "constant":
      return Array.from({ length: count }, (_, at) =>
        literal(BigInt.asIntN(32, value.value >> BigInt(32 * (count - 1 - at)))),
      );
    case "field":
    case "elementField": {
      const field = values.references.place(value);
      if (!field.type.variable && field.type.width > 32) return values.sources.fieldWords(field, count);
      break;
    }
    case "parameter":
      if (value.width > 32) return sized(values.parameterWords(value.index), count);
      break;
    case "register":
      return sized(values.sources.registerWords(value), count);
    case "&":
    case "|":
    case "^": {
      const left = values.words(value.left, count);
      const right = values.words(value.right, count);
      return left.map((word, at) => `(${word} ${value.op} ${right[at] ?? "0"})`);
    }
    case "~":
      return values.words(value.right, count).map((word) => `(~${word})`);
    case "+":
    case "-":
      return sum(value.op, values.words(value.left, count), values.words(value.right, count), values.code);
    case "<<":
      if (value.right.op === "constant" && value.right.value >= 0n && value.right.value < 0x1_0000n) {
        return shiftedLeft(values.words(value.left, count), Number(value.right.value), values.code);
      }
      break;
    case "choose": {
      const names = Array.from({ length: count }, () => values.code.name());
      values.code.line(`let ${names.join(", ")};`);
      const branch = (side: Data): void => {
        for (const [at, word] of values.words(side, count).entries()) values.code.line(`${names[at] ?? ""} = ${word};`);
      };
      values.code.block(`if (${values.truth(value.condition)})`, () => {
        branch(value.whenTrue);
      });
      values.code.block("else", () => {
        branch(value.whenFalse);
      });
      return names;
    }
    case "*":
    case "/":
    case "%":
    case ">>":
    case "computed":
    case "fromBoolean":
    case "lastIndex":
    case "sat_cast":
    case "stackSize":
    case "two_comp_mod":
    case "usat_cast":
    case "validity":
      break;
  }
  if (isSafe(range)) {
    const number = values.code.temp(values.exact(value));
    const high = isWithin(range, 0n, uint32) ? "0" : values.code.temp(`Math.floor(${number} / ${two32})`);
    const sign = (range?.low ?? -1n) >= 0n ? "0" : `(${high} >> 31)`;
    return sized([high, number], count, sign);
  }
  const big = values.code.temp(values.big(value));
  return Array.from({ length: count }, (_, at) => `Number(BigInt.asUintN(32, ${big} >> ${32 * (count - 1 - at)}n))`);
}
