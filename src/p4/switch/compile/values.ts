import type { Condition, Data } from "../format/expression.ts";
import { wordCount } from "../state/key.ts";
import { parameterOffsets } from "../state/bound-action.ts";
import type { Action, Header, Union } from "../format/program.ts";
import type { Code } from "./code.ts";
import {
  anyValid,
  bigOfWords,
  hasLowForm,
  hasWordForm,
  joined,
  lexicographic,
  literal,
  parameterWord,
  sized,
} from "./forms.ts";
import type { Layout } from "./layout.ts";
import { shiftedLeft, shiftedRight, sum } from "./word-arithmetic.ts";
import { isSafe, isWithin, rangeOf, twosComplementBits, type Value } from "./range.ts";
import { type FieldCode, type HeaderCode, plus, References } from "./references.ts";

const two32 = 0x1_0000_0000;
const uint32 = 0xffff_ffffn;
const int32Low = -0x8000_0000n;
const int32High = 0x7fff_ffffn;

/**
 * Code for expressions. One expression can be had in four forms, and each is chosen where it is cheapest:
 * its low 32 bits, exactly as a number (where its bounds allow), as 32-bit words of two's complement, as a BigInt.
 * What can fault is always a statement of its own, so that it happens whatever the rest of the expression does.
 */
export class Values {
  readonly code: Code;
  readonly references: References;
  readonly #layout: Layout;
  readonly #parameterOffsets: readonly number[];

  constructor(layout: Layout, code: Code, action?: Action) {
    this.code = code;
    this.#layout = layout;
    this.#parameterOffsets = action === undefined ? [] : parameterOffsets(action);
    this.references = new References(layout, code, (index, size) => this.#checkedIndex(index, size));
  }

  /** The value as a JavaScript number; its range must be safe. */
  exact(value: Value): string {
    const range = rangeOf(value);
    switch (value.op) {
      case "computed":
        return value.type === "number" ? value.code : `Number(${value.code})`;
      case "words":
        return joined(value.words);
      case "constant":
        return literal(value.value);
      case "field":
      case "elementField":
        return this.#exactField(this.references.place(value));
      case "parameter": {
        const at = this.#parameterOffsets[value.index] ?? 0;
        return value.width <= 32 ? parameterWord(at) : `(${parameterWord(at)} * ${two32} + ${parameterWord(at + 1)})`;
      }
      case "register":
        return joined(this.#registerWords(value));
      case "validity":
        return this.#validity(value.of);
      case "fromBoolean":
        return `(${this.truth(value.condition)} ? 1 : 0)`;
      case "stackSize":
        return literal(range?.low ?? 0n);
      case "choose":
        return this.#choose(
          value.condition,
          () => this.exact(value.whenTrue),
          () => this.exact(value.whenFalse),
        );
      case "+":
      case "-":
      case "*":
        if (isSafe(rangeOf(value.left)) && isSafe(rangeOf(value.right))) {
          return `(${this.exact(value.left)} ${value.op} ${this.exact(value.right)})`;
        }
        break;
      case "/":
      case "%":
        if (isSafe(rangeOf(value.left)) && isSafe(rangeOf(value.right))) {
          const left = this.code.temp(this.exact(value.left));
          const right = this.code.temp(this.exact(value.right));
          this.code.line(`if (${right} <= 0 || ${left} < 0) throw rt.divisionFault(${right});`);
          return value.op === "/" ? `Math.floor(${left} / ${right})` : `(${left} % ${right})`;
        }
        break;
      case ">>":
        if (isSafe(rangeOf(value.left))) return this.#exactShiftRight(value.left, value.right);
        break;
      case "usat_cast":
      case "sat_cast":
        if (range !== undefined && isSafe(rangeOf(value.left))) {
          return `Math.max(${literal(range.low)}, Math.min(${literal(range.high)}, ${this.exact(value.left)}))`;
        }
        break;
      case "&":
      case "^":
      case "<<":
      case "|":
      case "~":
      case "lastIndex":
      case "two_comp_mod":
        break;
    }
    if (isWithin(range, 0n, uint32) && hasLowForm(value)) return `(${this.low(value)} >>> 0)`;
    if (isWithin(range, int32Low, int32High) && hasLowForm(value)) return `(${this.low(value)} | 0)`;
    if (range !== undefined && range.low >= 0n && hasWordForm(value)) return joined(this.words(value, 2));
    return `Number(${this.big(value)})`;
  }

  /** An expression that is congruent to the value modulo 2^32, and exact enough for JavaScript's bit operators. */
  low(value: Value): string {
    const range = rangeOf(value);
    switch (value.op) {
      case "words":
        return value.words.at(-1) ?? "0";
      case "constant":
        return literal(BigInt.asIntN(32, value.value));
      case "field":
      case "elementField": {
        const field = this.references.place(value);
        const count = wordCount(field.type.width);
        if (count > 1 && !field.type.variable) return `F[${plus(field.word, count - 1)}]`;
        return field.type.variable ? this.#lowBig(value) : this.#exactField(field);
      }
      case "parameter": {
        const at = this.#parameterOffsets[value.index] ?? 0;
        return parameterWord(at + wordCount(value.width) - 1);
      }
      case "register":
        return this.#registerWords(value).at(-1) ?? "0";
      case "+":
      case "-":
        return `(${this.low(value.left)} ${value.op} ${this.low(value.right)} | 0)`;
      case "*":
        return `Math.imul(${this.low(value.left)}, ${this.low(value.right)})`;
      case "&":
      case "|":
      case "^":
        return `(${this.low(value.left)} ${value.op} ${this.low(value.right)})`;
      case "~":
        return `(~${this.low(value.right)})`;
      case "choose":
        return this.#choose(
          value.condition,
          () => this.low(value.whenTrue),
          () => this.low(value.whenFalse),
        );
      case "<<":
        if (value.right.op === "constant" && value.right.value >= 0n) {
          const left = this.low(value.left);
          return value.right.value < 32n ? `(${left} << ${value.right.value})` : "0";
        }
        if (isSafe(rangeOf(value.right))) {
          const left = this.code.temp(this.low(value.left));
          return this.code.temp(`rt.shiftLeft(${left}, ${this.exact(value.right)})`);
        }
        break;
      case ">>":
        if (!isSafe(rangeOf(value.left)) && value.right.op === "constant" && value.right.value >= 0n) {
          if (hasWordForm(value.left)) return this.words(value, 1)[0] ?? "0";
        }
        break;
      case "two_comp_mod":
        if (value.right.op === "constant" && value.right.value <= 32n) {
          const shift = 32 - Number(value.right.value);
          return shift === 0 ? `(${this.low(value.left)} | 0)` : `(${this.low(value.left)} << ${shift} >> ${shift})`;
        }
        break;
      case "/":
      case "%":
      case "computed":
      case "fromBoolean":
      case "lastIndex":
      case "sat_cast":
      case "stackSize":
      case "usat_cast":
      case "validity":
        break;
    }
    if (!isSafe(range)) return this.#lowBig(value);
    // Sums of two such expressions must stay exact.
    return isWithin(range, int32Low, uint32) ? this.exact(value) : `(${this.exact(value)} | 0)`;
  }

  /** `count` words of the value's two's complement, most significant first. */
  words(value: Value, count: number): readonly string[] {
    if (value.op === ">>" && value.right.op === "constant" && value.right.value >= 0n && hasWordForm(value.left)) {
      const shift = Number(value.right.value);
      // Enough words of the left side that all bits asked for are among them; its sign is extended.
      return shiftedRight(this.words(value.left, (shift >> 5) + count + ((shift & 31) === 0 ? 0 : 1)), shift, count);
    }
    if (count === 1) return [this.low(value)];
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
        const field = this.references.place(value);
        if (!field.type.variable && field.type.width > 32) return this.#fieldWords(field, count);
        break;
      }
      case "parameter":
        if (value.width > 32) {
          const at = this.#parameterOffsets[value.index] ?? 0;
          const own = wordCount(value.width);
          return sized(
            Array.from({ length: own }, (_, word) => parameterWord(at + word)),
            count,
          );
        }
        break;
      case "register":
        return sized(this.#registerWords(value), count);
      case "&":
      case "|":
      case "^": {
        const left = this.words(value.left, count);
        const right = this.words(value.right, count);
        return left.map((word, at) => `(${word} ${value.op} ${right[at] ?? "0"})`);
      }
      case "~":
        return this.words(value.right, count).map((word) => `(~${word})`);
      case "+":
      case "-":
        return sum(value.op, this.words(value.left, count), this.words(value.right, count), this.code);
      case "<<":
        if (value.right.op === "constant" && value.right.value >= 0n && value.right.value < 0x1_0000n) {
          return shiftedLeft(this.words(value.left, count), Number(value.right.value), this.code);
        }
        break;
      case "choose": {
        const names = Array.from({ length: count }, () => this.code.name());
        this.code.line(`let ${names.join(", ")};`);
        const branch = (side: Data): void => {
          for (const [at, word] of this.words(side, count).entries()) this.code.line(`${names[at] ?? ""} = ${word};`);
        };
        this.code.block(`if (${this.truth(value.condition)})`, () => {
          branch(value.whenTrue);
        });
        this.code.block("else", () => {
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
      const number = this.code.temp(this.exact(value));
      const high = isWithin(range, 0n, uint32) ? "0" : this.code.temp(`Math.floor(${number} / ${two32})`);
      const sign = (range?.low ?? -1n) >= 0n ? "0" : `(${high} >> 31)`;
      return sized([high, number], count, sign);
    }
    const big = this.code.temp(this.big(value));
    return Array.from({ length: count }, (_, at) => `Number(BigInt.asUintN(32, ${big} >> ${32 * (count - 1 - at)}n))`);
  }

  /** The value as a BigInt. */
  big(value: Value): string {
    switch (value.op) {
      case "computed":
        return value.type === "bigint" ? value.code : `BigInt(${value.code})`;
      case "words":
        return bigOfWords(value.words);
      case "constant":
        return value.value < 0n ? `(${value.value}n)` : `${value.value}n`;
      case "field":
      case "elementField": {
        const field = this.references.place(value);
        if (field.type.variable) return `rt.variable(${field.word}, ${field.header.byte})`;
        if (field.type.width <= 32) return `BigInt(${this.#exactField(field)})`;
        const bits = `rt.big(${field.word}, ${wordCount(field.type.width)})`;
        return field.type.signed ? `BigInt.asIntN(${field.type.width}, ${bits})` : bits;
      }
      case "parameter": {
        const words = Array.from({ length: wordCount(value.width) }, (_, at) =>
          parameterWord((this.#parameterOffsets[value.index] ?? 0) + at),
        );
        return bigOfWords(words);
      }
      case "register":
        return bigOfWords(this.#registerWords(value));
      case "validity":
      case "fromBoolean":
      case "stackSize":
        return `BigInt(${this.exact(value)})`;
      case "lastIndex":
        return `BigInt.asUintN(64, BigInt(F[${this.#layout.next(value.stack)}] - 1))`;
      case "~":
        return `(~${this.big(value.right)})`;
      case "choose":
        return this.#choose(
          value.condition,
          () => this.big(value.whenTrue),
          () => this.big(value.whenFalse),
        );
      case "+":
      case "-":
      case "*":
      case "&":
      case "|":
      case "^":
        return `(${this.big(value.left)} ${value.op} ${this.big(value.right)})`;
      case "/":
      case "%":
      case "<<":
      case ">>":
      case "sat_cast":
      case "two_comp_mod":
      case "usat_cast": {
        const left = this.big(value.left);
        return this.code.temp(`rt.operate("${value.op}", ${left}, ${this.big(value.right)})`);
      }
    }
  }

  /** A condition as a JavaScript boolean. */
  truth(condition: Condition): string {
    switch (condition.op) {
      case "boolean":
        return String(condition.value);
      case "fromData":
        return this.#compare("!=", condition.data, { op: "constant", value: 0n });
      case "not":
        return `!${this.truth(condition.right)}`;
      case "and":
      case "or":
        return `(${this.truth(condition.left)} ${condition.op === "and" ? "&&" : "||"} ${this.truth(condition.right)})`;
      case "sameTruth":
        return `(${this.truth(condition.left)} === ${this.truth(condition.right)})`;
      case "choose":
        return this.#choose(
          condition.condition,
          () => this.truth(condition.whenTrue),
          () => this.truth(condition.whenFalse),
        );
      case "valid":
        return `(V[${this.references.header(condition.header).flag}] === 1)`;
      case "validUnion":
        return anyValid(this.references.union(condition.union));
      case "sameHeader":
        return this.#sameHeader(this.references.header(condition.left), this.references.header(condition.right));
      case "sameUnion": {
        const left = this.references.union(condition.left);
        const right = this.references.union(condition.right);
        const pairs = left.flatMap((header, at) => {
          const other = right[at];
          return other === undefined ? [] : [this.#sameHeader(header, other)];
        });
        return `(${pairs.join(" || ") || "false"})`;
      }
      case "compare":
        return this.#compare(condition.comparison, condition.left, condition.right);
    }
  }

  #compare(comparison: "==" | "!=" | "<" | "<=" | ">" | ">=", left: Data, right: Data): string {
    const a = rangeOf(left);
    const b = rangeOf(right);
    const operator = comparison === "==" || comparison === "!=" ? `${comparison}=` : comparison;
    if (isSafe(a) && isSafe(b)) return `(${this.exact(left)} ${operator} ${this.exact(right)})`;
    if (a !== undefined && b !== undefined && hasWordForm(left) && hasWordForm(right)) {
      const count = Math.ceil(Math.max(twosComplementBits(a), twosComplementBits(b)) / 32);
      const unsignedWords = a.low >= 0n && b.low >= 0n;
      if (comparison === "==" || comparison === "!=") {
        const l = this.words(left, count);
        const r = this.words(right, count);
        const difference = l.map((word, at) => `(${word} ^ ${r[at] ?? "0"})`).join(" | ");
        return `((${difference}) ${operator} 0)`;
      }
      if (unsignedWords) {
        const l = this.words(left, count).map((word) => this.code.temp(`${word} >>> 0`));
        const r = this.words(right, count).map((word) => this.code.temp(`${word} >>> 0`));
        return lexicographic(operator, l, r);
      }
    }
    return `(${this.big(left)} ${operator} ${this.big(right)})`;
  }

  #sameHeader(a: HeaderCode, b: HeaderCode): string {
    const { words, variableBytes, offsets } = this.#layout.type(a.type);
    const both = `V[${a.flag}] === 1 && V[${b.flag}] === 1`;
    const length = plus(a.word, offsets[a.type.fields.findIndex((field) => field.variable)] ?? 0);
    const variable = variableBytes > 0 ? ` && rt.sameBytes(${a.byte}, ${b.byte}, F[${length}] >> 3)` : "";
    return `(${both} && rt.sameWords(${a.word}, ${b.word}, ${words})${variable})`;
  }

  #exactField({ type, word }: FieldCode): string {
    const { width, signed, variable } = type;
    if (variable) return "0";
    if (width > 32) {
      const shift = 64 - width;
      const high = signed ? `(F[${word}] << ${shift} >> ${shift})` : `F[${word}]`;
      return `(${high} * ${two32} + F[${plus(word, 1)}])`;
    }
    if (!signed) return `F[${word}]`;
    return width === 32 ? `(F[${word}] | 0)` : `(F[${word}] << ${32 - width} >> ${32 - width})`;
  }

  #fieldWords({ type, word }: FieldCode, count: number): readonly string[] {
    const own = wordCount(type.width);
    const words = Array.from({ length: own }, (_, at) => `F[${plus(word, at)}]`);
    if (!type.signed) return sized(words, count);
    const shift = own * 32 - type.width;
    const top = shift === 0 ? `(${words[0] ?? "0"} | 0)` : `(${words[0] ?? "0"} << ${shift} >> ${shift})`;
    return sized([top, ...words.slice(1)], count, `(${top} >> 31)`);
  }

  #registerWords({ array, index }: Extract<Data, { op: "register" }>): readonly string[] {
    const at = this.code.temp(this.index(index));
    this.code.line(`if (!(${at} >= 0 && ${at} < ${array.size})) throw rt.faults["register index out of range"];`);
    const count = wordCount(array.width);
    return Array.from({ length: count }, (_, word) => this.code.temp(`R${array.index}[${at} * ${count} + ${word}]`));
  }

  /** A number to index with; may lose precision where it is far out of any range. */
  index(value: Value): string {
    return isSafe(rangeOf(value)) ? this.exact(value) : `Number(${this.big(value)})`;
  }

  #checkedIndex(index: Data, size: number): string {
    const at = this.code.temp(
      // On an empty stack this is -1 here, which is as far out of range as 2^64 - 1.
      index.op === "lastIndex" ? `F[${this.#layout.next(index.stack)}] - 1` : this.index(index),
    );
    this.code.line(`if (!(${at} >= 0 && ${at} < ${size})) throw rt.faults["stack index out of range"];`);
    return at;
  }

  #validity(of: Header | Union): string {
    if (!("headers" in of)) return `V[${this.references.named(of).flag}]`;
    return `(${anyValid(this.references.members(of))} ? 1 : 0)`;
  }

  #exactShiftRight(left: Data, right: Data): string {
    const range = rangeOf(left);
    if (right.op === "constant" && right.value >= 0n) {
      const shift = right.value > 1000n ? 1000 : Number(right.value);
      const number = this.exact(left);
      if (isWithin(range, 0n, uint32)) return shift > 31 ? "0" : `(${number} >>> ${shift})`;
      if (isWithin(range, int32Low, int32High)) return `(${number} >> ${Math.min(31, shift)})`;
      return shift > 60 ? `(${number} < 0 ? -1 : 0)` : `Math.floor(${number} / ${2 ** shift})`;
    }
    const number = this.code.temp(this.exact(left));
    return this.code.temp(`rt.shiftRight(${number}, ${this.index(right)})`);
  }

  #lowBig(value: Value): string {
    return `Number(BigInt.asIntN(32, ${this.big(value)}))`;
  }

  /** One of two expressions; what either needs beforehand is done only if it is chosen. */
  #choose(condition: Condition, whenTrue: () => string, whenFalse: () => string): string {
    const truth = this.truth(condition);
    const a = this.code.captured(whenTrue);
    const b = this.code.captured(whenFalse);
    if (a.lines.length === 0 && b.lines.length === 0) return `(${truth} ? ${a.result} : ${b.result})`;
    const name = this.code.name();
    this.code.line(`let ${name};`);
    this.code.line(`if (${truth}) {`);
    this.code.append([...a.lines, `${name} = ${a.result};`, "} else {", ...b.lines, `${name} = ${b.result};`, "}"]);
    return name;
  }
}
