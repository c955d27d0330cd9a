import type { Condition, Data } from "../format/expression.ts";
import { wordCount } from "../state/key.ts";
import type { Code } from "./code.ts";
import { truthOf } from "./conditions.ts";
import { bigOfWords, hasLowForm, hasWordForm, joined, literal } from "./forms.ts";
import type { Layout } from "./layout.ts";
import { isSafe, isWithin, rangeOf, type Value } from "./range.ts";
import { plus, References } from "./references.ts";
import { Sources } from "./sources.ts";
import { wordsOf } from "./words.ts";

/** The words of a parameter, each unsigned, most significant first. */
export type ParameterWords = (index: number) => readonly string[];

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
  readonly sources: Sources;
  readonly layout: Layout;
  readonly parameterWords: ParameterWords;

  constructor(layout: Layout, code: Code, parameterWords: ParameterWords = () => []) {
    this.code = code;
    this.layout = layout;
    this.parameterWords = parameterWords;
    this.references = new References(layout, code, (index, size) => this.#checkedIndex(index, size));
    this.sources = new Sources(code, this.references, (index) => this.index(index));
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
        return this.sources.exactField(this.references.place(value));
      case "parameter":
        return joined(this.parameterWords(value.index));
      case "register":
        return joined(this.sources.registerWords(value));
      case "validity":
        return this.sources.validity(value.of);
      case "fromBoolean":
        return `(${this.truth(value.condition)} ? 1 : 0)`;
      case "stackSize":
        return literal(range?.low ?? 0n);
      case "choose":
        return this.choose(
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
        return field.type.variable ? this.#lowBig(value) : this.sources.exactField(field);
      }
      case "parameter":
        return this.parameterWords(value.index).at(-1) ?? "0";
      case "register":
        return this.sources.registerWords(value).at(-1) ?? "0";
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
        return this.choose(
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
    return wordsOf(value, count, this);
  }

  /** A condition as a JavaScript boolean. */
  truth(condition: Condition): string {
    return truthOf(condition, this);
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
        if (field.type.width <= 32) return `BigInt(${this.sources.exactField(field)})`;
        const bits = `rt.big(${field.word}, ${wordCount(field.type.width)})`;
        return field.type.signed ? `BigInt.asIntN(${field.type.width}, ${bits})` : bits;
      }
      case "parameter":
        return bigOfWords(this.parameterWords(value.index));
      case "register":
        return bigOfWords(this.sources.registerWords(value));
      case "validity":
      case "fromBoolean":
      case "stackSize":
        return `BigInt(${this.exact(value)})`;
      case "lastIndex":
        return `BigInt.asUintN(64, BigInt(F[${this.layout.next(value.stack)}] - 1))`;
      case "~":
        return `(~${this.big(value.right)})`;
      case "choose":
        return this.choose(
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

  /** A number to index with; may lose precision where it is far out of any range. */
  index(value: Value): string {
    return isSafe(rangeOf(value)) ? this.exact(value) : `Number(${this.big(value)})`;
  }

  #checkedIndex(index: Data, size: number): string {
    const at = this.code.temp(
      // On an empty stack this is -1 here, which is as far out of range as 2^64 - 1.
      index.op === "lastIndex" ? `F[${this.layout.next(index.stack)}] - 1` : this.index(index),
    );
    this.code.line(`if (!(${at} >= 0 && ${at} < ${size})) throw rt.faults["stack index out of range"];`);
    return at;
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
  choose(condition: Condition, whenTrue: () => string, whenFalse: () => string): string {
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
