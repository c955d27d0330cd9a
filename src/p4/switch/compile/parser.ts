import type {
  HeaderType,
  Parser,
  ParserOperation,
  ParseState,
  SelectKey,
  Transition,
  VariableLength,
} from "../format/program.ts";
import { wordCount, writeWords } from "../state/key.ts";
import { PrimitiveWriter } from "./primitives.ts";
import { readPacketWords } from "./bits.ts";
import { Code } from "./code.ts";
import type { Layout } from "./layout.ts";
import { rangeOf, unsigned } from "./range.ts";
import { type HeaderCode, plus } from "./references.ts";
import { Values } from "./values.ts";

/**
 * A function `parse()`: extracts headers from P[pos, end), leaves `pos` at the payload and returns the code of the
 * parser error. States are the cases of one switch.
 */
export function parserFunction(parser: Parser | undefined, layout: Layout, dropPort: number): string {
  const code = new Code();
  const { errors } = layout.program;
  code.line("function parse() {");
  if (parser === undefined) {
    code.line(`return ${errors.get("NoError") ?? 0};`);
  } else {
    code.line(`let st = ${parser.first.index}, steps = 0;`);
    code.line("for (;;) {");
    code.line('if (++steps > rt.stepLimit) throw rt.faults["endless loop"];');
    code.line("switch (st) {");
    const writer = new StateWriter(layout, code, dropPort);
    for (const state of parser.states) {
      code.block(`case ${state.index}:`, () => {
        writer.write(state);
      });
    }
    code.line("} }");
  }
  code.line("}");
  return code.toString();
}

class StateWriter {
  readonly #layout: Layout;
  readonly #code: Code;
  readonly #primitives: PrimitiveWriter;

  constructor(layout: Layout, code: Code, dropPort: number) {
    this.#layout = layout;
    this.#code = code;
    this.#primitives = new PrimitiveWriter(layout, code, dropPort);
  }

  write(state: ParseState): void {
    for (const operation of state.operations) this.#perform(operation);
    const parts = state.key.map((part) => this.#keyWords(part));
    for (const transition of state.transitions) {
      this.#code.line(`if (${this.#condition(transition, parts, state.key)}) ${this.#goTo(transition.next)}`);
    }
    this.#code.line(this.#goTo(state.fallback));
  }

  #goTo(next: ParseState | undefined): string {
    return next === undefined ? `return ${this.#error("NoError")};` : `{ st = ${next.index}; continue; }`;
  }

  #error(name: string): number {
    return this.#layout.program.errors.get(name) ?? 0;
  }

  #perform(operation: ParserOperation): void {
    const code = this.#code;
    const { values, headers } = this.#primitives;
    const { references } = values;
    switch (operation.op) {
      case "extract":
        this.#extract(operation);
        return;
      case "set":
        this.#primitives.write({ op: "assign", target: operation.target, source: operation.source });
        return;
      case "setLookahead": {
        const words = this.#lookahead(operation.offset, operation.width).map((word) => code.temp(`${word} >>> 0`));
        const field = references.place(operation.target);
        headers.store(field, { op: "words", words, range: unsigned(operation.width) }, values);
        return;
      }
      case "advance": {
        const bits = code.temp(values.index(operation.bits));
        code.line(`if (!(${bits} >= 0 && ${bits} % 8 === 0)) return ${this.#error("ParserInvalidArgument")};`);
        code.line(`if (${bits} > (end - pos) * 8) return ${this.#error("PacketTooShort")};`);
        code.line(`pos += ${bits} / 8;`);
        return;
      }
      case "verify":
        code.block(`if (!${values.truth(operation.condition)})`, () => {
          code.line(`return ${values.index(operation.error)};`);
        });
        return;
      case "primitive":
        this.#primitives.write(operation.primitive);
    }
  }

  #extract({ target, length }: ParserOperation & { readonly op: "extract" }): void {
    const { references } = this.#primitives.values;
    const extract = (header: HeaderCode): void => {
      this.#fill(header, length === undefined ? undefined : this.#variableBits(length, header.type));
    };
    switch (target.kind) {
      case "header":
        extract(references.named(target.header));
        return;
      case "stack": {
        const { headers } = target.stack;
        this.#nextElement(target.stack, headers.length, (index) => {
          extract(references.element(headers, index));
        });
        return;
      }
      case "unionStack": {
        const { unions } = target.stack;
        this.#nextElement(target.stack, unions.length, (index) => {
          extract(references.member(references.unionElement(unions, index), target.member));
        });
      }
    }
  }

  /** Bits of the variable field of a header that is extracted, checked to be whole bytes. */
  #variableBits({ bits, selfSized }: VariableLength, type: HeaderType): string {
    const values = selfSized ? this.#valuesAhead(type) : this.#primitives.values;
    const count = this.#code.temp(values.index(bits));
    this.#code.line(`if (!(${count} >= 0 && ${count} % 8 === 0)) return ${this.#error("ParserInvalidArgument")};`);
    return count;
  }

  /** What to do with the element after the last of a stack, whose count it then raises. */
  #nextElement(stack: Parameters<Layout["next"]>[0], size: number, body: (index: string) => void): void {
    const next = `F[${this.#layout.next(stack)}]`;
    const index = this.#code.temp(next);
    this.#code.line(`if (${index} >= ${size}) return ${this.#error("StackOutOfBounds")};`);
    body(index);
    this.#code.line(`${next} = ${index} + 1;`);
  }

  /** Fill a header from the packet. `variable`: bits of the variable field, checked to be whole bytes. */
  #fill(header: HeaderCode, variable: string | undefined): void {
    const code = this.#code;
    const { type } = header;
    const fixedBytes = type.fixedBits / 8;
    const length = variable === undefined ? String(fixedBytes) : code.temp(`${fixedBytes} + ${variable} / 8`);
    code.line(`if (pos + ${length} > end) return ${this.#error("PacketTooShort")};`);
    if (variable !== undefined) {
      code.line(`if (${length} > ${type.maxBytes}) return ${this.#error("HeaderTooShort")};`);
    }
    const { offsets } = this.#layout.type(type);
    let at = "pos";
    for (const [index, field] of type.fields.entries()) {
      const word = plus(header.word, offsets[index] ?? 0);
      if (field.variable) {
        const start = code.temp(`${at} + ${field.bitOffset / 8}`);
        const bytes = code.temp(`${variable ?? "0"} / 8`);
        code.line(`F[${word}] = ${variable ?? "0"};`);
        code.line(`for (let i = 0; i < ${bytes}; i++) B[${header.byte} + i] = P[${start} + i];`);
        // What follows is as far behind the header's start as if the field were not there, plus its length.
        at = code.temp(`pos + ${bytes}`);
        continue;
      }
      for (const [part, text] of readPacketWords(at, field.bitOffset, field.width).entries()) {
        code.line(`F[${plus(word, part)}] = ${text};`);
      }
    }
    this.#primitives.headers.validate(header);
    code.line(`pos += ${length};`);
  }

  /** Values whose parameters are the fields before the variable one of a header that begins here. */
  #valuesAhead({ fields }: HeaderType): Values {
    const before = fields.slice(
      0,
      fields.findIndex((field) => field.variable),
    );
    const bits = before.reduce((sum, { width }) => sum + width, 0);
    this.#code.line(`if ((end - pos) * 8 < ${bits}) return ${this.#error("PacketTooShort")};`);
    return new Values(this.#layout, this.#code, (index) => {
      const { bitOffset = 0, width = 0 } = before[index] ?? {};
      return readPacketWords("pos", bitOffset, width).map((word) => this.#code.temp(`(${word}) >>> 0`));
    });
  }

  #lookahead(offset: number, width: number): readonly string[] {
    this.#code.line(`if ((end - pos) * 8 < ${offset + width}) return ${this.#error("PacketTooShort")};`);
    return readPacketWords("pos", offset, width);
  }

  /** Words of a part of a select key, most significant first. */
  #keyWords({ value, width }: SelectKey): readonly string[] {
    const { values } = this.#primitives;
    const count = wordCount(width);
    const top = width - 32 * (count - 1);
    const words = value.op === "lookahead" ? this.#lookahead(value.offset, width) : values.words(value, count);
    const signed = value.op !== "lookahead" && (rangeOf(value)?.low ?? 0n) < 0n;
    return words.map((word, at) =>
      this.#code.temp(signed && at === 0 && top < 32 ? `${word} & ${2 ** top - 1}` : word),
    );
  }

  #condition(transition: Transition, parts: readonly (readonly string[])[], key: readonly SelectKey[]): string {
    if (transition.kind === "set") {
      const state = `rt.state.valueSets[${transition.set.index}]`;
      const [only] = parts;
      if (transition.mask === undefined && parts.length === 1 && only?.length === 1) {
        return `${state}.hasNumber(${only[0] ?? "0"} >>> 0)`;
      }
      const packed = parts.reduce((sum, words, at) => {
        const value = words.reduce((big, word) => `(${big} << 32n | BigInt(${word} >>> 0))`, "0n");
        return `(${sum} << ${key[at]?.width ?? 0}n | ${value})`;
      }, "0n");
      const mask = transition.mask === undefined ? "undefined" : `${transition.mask}n`;
      return `${state}.has(${packed}, ${mask})`;
    }
    const tests = parts.flatMap((words, at) =>
      wordTests(words, transition.values[at] ?? 0n, transition.masks[at] ?? 0n, key[at]?.width ?? 0),
    );
    return tests.join(" && ") || "true";
  }
}

function wordTests(words: readonly string[], value: bigint, mask: bigint, width: number): readonly string[] {
  // A value with bits in the padding cannot be met.
  if (value >> BigInt(width) !== 0n) return ["false"];
  const values = new Uint32Array(words.length);
  const masks = new Uint32Array(words.length);
  writeWords(value, values, 0, words.length);
  writeWords(mask, masks, 0, words.length);
  const top = width - 32 * (words.length - 1);
  return words.flatMap((word, at) => {
    const bits = masks[at] ?? 0;
    const whole = at === 0 && top < 32 ? 2 ** top - 1 : 0xffff_ffff;
    if (bits === 0) return [];
    const expected = (values[at] ?? 0) | 0;
    return bits === whole && whole !== 0xffff_ffff
      ? [`${word} === ${expected}`]
      : [`(${word} & ${bits | 0}) === ${expected}`];
  });
}
