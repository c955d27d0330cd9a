import { isSafe, rangeOf, type Value } from "./range.ts";
import type { HeaderCode } from "./references.ts";

const two32 = 0x1_0000_0000;

/** Whether words come without BigInt. */
export function hasWordForm(value: Value): boolean {
  switch (value.op) {
    case "computed":
      return value.type === "number";
    case "field":
      return !value.field.type.variable;
    case "elementField":
      return !value.type.variable;
    case "words":
    case "constant":
    case "parameter":
    case "register":
    case "validity":
    case "fromBoolean":
    case "stackSize":
      return true;
    case "lastIndex":
      return false;
    case "~":
      return hasWordForm(value.right);
    case "choose":
      return hasWordForm(value.whenTrue) && hasWordForm(value.whenFalse);
    case "&":
    case "|":
    case "^":
    case "+":
    case "-":
      return hasWordForm(value.left) && hasWordForm(value.right);
    case "<<":
    case ">>":
      return value.right.op === "constant" && value.right.value >= 0n && value.right.value < 0x1_0000n
        ? hasWordForm(value.left)
        : false;
    case "*":
    case "/":
    case "%":
    case "sat_cast":
    case "two_comp_mod":
    case "usat_cast":
      return false;
  }
}

/** Whether the low bits come from the low bits of the operands. */
export function hasLowForm(value: Value): boolean {
  const { op }: { readonly op: string } = value;
  if (lowOperators.has(op)) return true;
  if (value.op === "<<") return isSafe(rangeOf(value.right));
  return value.op === ">>" && value.right.op === "constant" && hasWordForm(value.left);
}

const lowOperators: ReadonlySet<string> = new Set(["+", "-", "*", "&", "|", "^", "~", "two_comp_mod"]);

/** Words cut, or filled at the front, to `count`. */
export function sized(words: readonly string[], count: number, filling = "0"): readonly string[] {
  if (words.length >= count) return words.slice(words.length - count);
  return [...Array.from({ length: count - words.length }, () => filling), ...words];
}

/** The number of at most two unsigned words. */
export function joined(words: readonly string[]): string {
  const [high, low] = words.length === 1 ? ["0", words[0] ?? "0"] : words.slice(-2);
  return high === "0" ? `(${low ?? "0"} >>> 0)` : `((${high ?? "0"} >>> 0) * ${two32} + (${low ?? "0"} >>> 0))`;
}

/** A BigInt expression for words, most significant first. */
export function bigOfWords(words: readonly string[]): string {
  return words.reduce((sum, word) => (sum === "" ? `BigInt(${word})` : `(${sum} << 32n | BigInt(${word}))`), "");
}

/** Compare two numbers of as many unsigned words. */
export function lexicographic(operator: string, left: readonly string[], right: readonly string[]): string {
  const [a = "0", ...restLeft] = left;
  const [b = "0", ...restRight] = right;
  if (restLeft.length === 0) return `(${a} ${operator} ${b})`;
  const strict = operator.slice(0, 1);
  return `(${a} ${strict} ${b} || (${a} === ${b} && ${lexicographic(operator, restLeft, restRight)}))`;
}

/** A number as it is written in an expression. */
export function literal(value: bigint): string {
  return value < 0n ? `(${value})` : String(value);
}

/** Whether one of the headers is valid. */
export function anyValid(headers: readonly HeaderCode[]): string {
  return `(${headers.map(({ flag }) => `V[${flag}] === 1`).join(" || ") || "false"})`;
}
