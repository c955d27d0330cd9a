import type { Data } from "../format/expression.ts";
import type { Header, Union } from "../format/program.ts";
import { wordCount } from "../state/key.ts";
import type { Code } from "./code.ts";
import { anyValid, sized } from "./forms.ts";
import { type FieldCode, plus, type References } from "./references.ts";

const two32 = 0x1_0000_0000;

/** Code for what expressions are made of: fields, registers, validity. */
export class Sources {
  readonly #code: Code;
  readonly #references: References;
  /** A number to index with. */
  readonly #index: (value: Data) => string;

  constructor(code: Code, references: References, index: (value: Data) => string) {
    this.#code = code;
    this.#references = references;
    this.#index = index;
  }

  /** A field of at most 53 bits as a JavaScript number; a variable one has none. */
  exactField({ type, word }: FieldCode): string {
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

  /** A field as `count` words, its sign extended. */
  fieldWords({ type, word }: FieldCode, count: number): readonly string[] {
    const own = wordCount(type.width);
    const words = Array.from({ length: own }, (_, at) => `F[${plus(word, at)}]`);
    if (!type.signed) return sized(words, count);
    const shift = own * 32 - type.width;
    const top = shift === 0 ? `(${words[0] ?? "0"} | 0)` : `(${words[0] ?? "0"} << ${shift} >> ${shift})`;
    return sized([top, ...words.slice(1)], count, `(${top} >> 31)`);
  }

  /** The words of a cell of a register; an index out of range faults. */
  registerWords({ array, index }: Extract<Data, { op: "register" }>): readonly string[] {
    const at = this.#code.temp(this.#index(index));
    this.#code.line(`if (!(${at} >= 0 && ${at} < ${array.size})) throw rt.faults["register index out of range"];`);
    const count = wordCount(array.width);
    return Array.from({ length: count }, (_, word) => this.#code.temp(`R${array.index}[${at} * ${count} + ${word}]`));
  }

  /** 1 or 0: whether a header, or any of a union, is valid. */
  validity(of: Header | Union): string {
    if (!("headers" in of)) return `V[${this.#references.named(of).flag}]`;
    return `(${anyValid(this.#references.members(of))} ? 1 : 0)`;
  }
}
