import { wordCount } from "../state/key.ts";
import type { Code } from "./code.ts";
import type { Layout } from "./layout.ts";
import { isWithin, rangeOf, unsigned, type Value } from "./range.ts";
import { type FieldCode, type HeaderCode, plus } from "./references.ts";
import type { Values } from "./values.ts";

/** Up to this many words are set one by one. */
const unrolledWords = 8;

/** Code that changes headers and fields, and keeps what is invalid all zero. */
export class HeaderWriter {
  readonly #layout: Layout;
  readonly #code: Code;

  constructor(layout: Layout, code: Code) {
    this.#layout = layout;
    this.#code = code;
  }

  /** Make a header valid, its fields as they are, and the other members of its union invalid. */
  validate(header: HeaderCode): void {
    this.#code.line(`V[${header.flag}] = 1;`);
    for (const sibling of header.siblings) {
      this.#code.block(`if (V[${sibling.flag}] === 1)`, () => {
        this.invalidate(sibling);
      });
    }
  }

  invalidate(header: HeaderCode): void {
    this.#code.line(`V[${header.flag}] = 0;`);
    this.#zero(header);
  }

  /** Copy a header, its validity included. */
  assign(target: HeaderCode, source: HeaderCode): void {
    const { words, variableBytes } = this.#layout.type(target.type);
    this.#code.block(`if (V[${source.flag}] === 1)`, () => {
      if (words <= unrolledWords) {
        for (let at = 0; at < words; at += 1) {
          this.#code.line(`F[${plus(target.word, at)}] = F[${plus(source.word, at)}];`);
        }
      } else {
        this.#code.line(`F.copyWithin(${target.word}, ${source.word}, ${plus(source.word, words)});`);
      }
      if (variableBytes > 0) {
        this.#code.line(`B.copyWithin(${target.byte}, ${source.byte}, ${plus(source.byte, variableBytes)});`);
      }
      this.validate(target);
    });
    this.#code.block("else", () => {
      this.invalidate(target);
    });
  }

  /** Copy all members of a union. */
  assignUnion(target: readonly HeaderCode[], source: readonly HeaderCode[]): void {
    for (const [at, header] of target.entries()) {
      const from = source[at];
      if (from !== undefined) this.assign({ ...header, siblings: [] }, from);
    }
  }

  /** An expression for the length of a header as it is, bytes. */
  byteLength(header: HeaderCode): string {
    const fixed = header.type.fixedBits / 8;
    const variable = header.type.fields.findIndex((field) => field.variable);
    if (variable < 0) return String(fixed);
    return `${fixed} + (F[${plus(header.word, this.#layout.type(header.type).offsets[variable] ?? 0)}] >> 3)`;
  }

  /** Store a value in a field: cut or clamped to its width, and not at all where the header is invalid. */
  store(field: FieldCode, value: Value, values: Values): void {
    const { width, saturating } = field.type;
    const clamped: Value = saturating ? this.#clamped(value, field, values) : value;
    const count = wordCount(width);
    const top = width - 32 * (count - 1);
    const fits = top === 32 || (count === 1 && isWithin(rangeOf(clamped), 0n, unsigned(width).high));
    const words = count === 1 ? [values.low(clamped)] : values.words(clamped, count);
    // Words of the source may be words of the target.
    const settled = count === 1 ? words : words.map((word) => (/^\w+$/.test(word) ? word : this.#code.temp(word)));
    const lines = settled.map((word, at) => {
      const cut = at === 0 && !fits ? `${word} & ${2 ** top - 1}` : word;
      return `F[${plus(field.word, at)}] = ${cut};`;
    });
    this.guarded(field, lines);
  }

  /** Statements on a field that have no effect where its header is invalid. */
  guarded({ header }: FieldCode, lines: readonly string[]): void {
    if (header.metadata) {
      for (const line of lines) this.#code.line(line);
    } else {
      this.#code.line(`if (V[${header.flag}] === 1) { ${lines.join(" ")} }`);
    }
  }

  #clamped(value: Value, { type }: FieldCode, values: Values): Value {
    const operator = type.signed ? "sat_cast" : "usat_cast";
    if (value.op !== "computed" && value.op !== "words") {
      return { op: operator, left: value, right: { op: "constant", value: BigInt(type.width) } };
    }
    const clamped = this.#code.temp(`rt.operate("${operator}", ${values.big(value)}, ${type.width}n)`);
    const high = (1n << BigInt(type.width)) - 1n;
    return { op: "computed", type: "bigint", code: clamped, range: { low: type.signed ? -high : 0n, high } };
  }

  #zero({ type, word }: HeaderCode): void {
    const { words } = this.#layout.type(type);
    if (words > unrolledWords) {
      this.#code.line(`F.fill(0, ${word}, ${plus(word, words)});`);
    } else {
      for (let at = 0; at < words; at += 1) this.#code.line(`F[${plus(word, at)}] = 0;`);
    }
  }
}
