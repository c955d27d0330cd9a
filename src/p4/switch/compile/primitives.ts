import type { Primitive } from "../format/program.ts";
import { wordCount } from "../state/key.ts";
import type { Code } from "./code.ts";
import { HeaderWriter } from "./headers.ts";
import type { Layout } from "./layout.ts";
import { isSafe, isWithin, type Range, rangeOf, unsigned, type Value } from "./range.ts";
import { type ParameterWords, Values } from "./values.ts";

const uint32 = 0xffff_ffffn;
/** Wider than any field. */
const unbounded: Range = { low: -(1n << 4096n), high: 1n << 4096n };

/** Code for primitives. */
export class PrimitiveWriter {
  readonly values: Values;
  readonly headers: HeaderWriter;
  readonly #layout: Layout;
  readonly #code: Code;
  readonly #dropPort: number;

  constructor(layout: Layout, code: Code, dropPort: number, parameterWords?: ParameterWords) {
    this.#layout = layout;
    this.#code = code;
    this.#dropPort = dropPort;
    this.values = new Values(layout, code, parameterWords);
    this.headers = new HeaderWriter(layout, code);
  }

  write(primitive: Primitive): void {
    const code = this.#code;
    const { references } = this.values;
    switch (primitive.op) {
      case "assign":
        this.#assign(primitive.target, primitive.source);
        return;
      case "assignVariable": {
        const source = references.place(primitive.source);
        const target = references.place(primitive.target);
        this.headers.guarded(target, [
          `rt.copyVariable(${target.word}, ${target.header.byte}, ${source.word}, ${source.header.byte}, ${target.type.width});`,
        ]);
        return;
      }
      case "assignHeader": {
        const target = references.header(primitive.target);
        this.headers.assign(target, references.header(primitive.source));
        return;
      }
      case "assignUnion": {
        const target = references.union(primitive.target);
        this.headers.assignUnion(target, references.union(primitive.source));
        return;
      }
      case "assignStack":
        for (const [at, header] of primitive.target.headers.entries()) {
          const source = primitive.source.headers[at];
          if (source !== undefined) this.headers.assign(references.named(header), references.named(source));
        }
        this.#copyNext(primitive.target, primitive.source);
        return;
      case "assignUnionStack":
        for (const [at, union] of primitive.target.unions.entries()) {
          const source = primitive.source.unions[at];
          if (source !== undefined) this.headers.assignUnion(references.members(union), references.members(source));
        }
        this.#copyNext(primitive.target, primitive.source);
        return;
      case "addHeader": {
        const header = references.header(primitive.header);
        code.block(`if (V[${header.flag}] === 0)`, () => {
          this.headers.validate(header);
          code.line(`I.packetLength += ${header.type.fixedBits / 8};`);
        });
        return;
      }
      case "removeHeader": {
        const header = references.header(primitive.header);
        code.block(`if (V[${header.flag}] === 1)`, () => {
          code.line(`I.packetLength -= ${this.headers.byteLength(header)};`);
          this.headers.invalidate(header);
        });
        return;
      }
      case "push":
      case "pop":
        this.#shiftStack(primitive);
        return;
      case "drop":
        code.line("dropPacket();");
        return;
      case "cloneIngress":
        code.line(`I.cloneIngressSession = ${this.values.index(primitive.session)};`);
        code.line(`I.cloneIngressList = ${this.values.index(primitive.fieldList)};`);
        return;
      case "cloneEgress":
        code.line(`I.cloneEgressSession = ${this.values.index(primitive.session)};`);
        code.line(`I.cloneEgressList = ${this.values.index(primitive.fieldList)};`);
        return;
      case "resubmit":
        code.line(`I.resubmitList = ${this.values.index(primitive.fieldList)};`);
        return;
      case "recirculate":
        code.line(`I.recirculateList = ${this.values.index(primitive.fieldList)};`);
        return;
      case "digest":
        code.line(`I.digestList = ${this.values.index(primitive.list)};`);
        return;
      case "hash":
        this.#hash(primitive);
        return;
      case "random": {
        const low = code.temp(`BigInt.asUintN(64, ${this.values.big(primitive.low)})`);
        const high = code.temp(`BigInt.asUintN(64, ${this.values.big(primitive.high)})`);
        code.block(`if (${low} <= ${high})`, () => {
          const drawn = code.temp(`rt.state.random.between(${low}, ${high})`);
          this.#assign(primitive.target, { op: "computed", type: "bigint", code: drawn, range: unsigned(64) });
        });
        code.line(`else rt.emptyRange(${low}, ${high});`);
        return;
      }
      case "readRegister": {
        const { array } = primitive;
        const count = wordCount(array.width);
        this.#indexed(primitive.index, array.size, array.name, (at) => {
          const words = Array.from({ length: count }, (_, word) =>
            code.temp(`R${array.index}[${count === 1 ? at : `${at} * ${count} + ${word}`}]`),
          );
          const value: Value = { op: "words", words, range: unsigned(array.width) };
          this.#assign(primitive.target, value);
        });
        return;
      }
      case "writeRegister": {
        const { array } = primitive;
        const count = wordCount(array.width);
        const top = array.width - 32 * (count - 1);
        const index = code.temp(this.values.index(primitive.index));
        const words =
          count === 1
            ? [code.temp(this.values.low(primitive.value))]
            : this.values.words(primitive.value, count).map((word) => code.temp(word));
        this.#checked(index, array.size, array.name, () => {
          for (const [at, word] of words.entries()) {
            const cut = at === 0 && top < 32 ? `${word} & ${2 ** top - 1}` : word;
            code.line(`R${array.index}[${count === 1 ? index : `${index} * ${count} + ${at}`}] = ${cut};`);
          }
        });
        return;
      }
      case "count":
        this.#indexed(primitive.index, sizeOf(primitive.array), primitive.array.name, (at) => {
          code.line(`rt.state.counters[${primitive.array.index}].count(${at}, I.ingressLength);`);
        });
        return;
      case "meter":
        this.#indexed(primitive.index, sizeOf(primitive.array), primitive.array.name, (at) => {
          const cells = `rt.state.meters[${primitive.array.index}]`;
          const colour = code.temp(`${cells}.execute(${at}, I.ingressLength, rt.state.now)`);
          this.#assign(primitive.target, { op: "computed", type: "number", code: colour, range: unsigned(8) });
        });
        return;
      case "truncate":
        code.line(`I.truncateTo = Math.min(I.truncateTo, ${this.values.low(primitive.bytes)} >>> 0);`);
        return;
      case "exit":
        code.line("I.exited = true;");
        return;
      case "assert":
        code.line(
          `if (!${this.values.truth(primitive.condition)}) rt.failAssertion(${JSON.stringify(primitive.words)});`,
        );
        return;
      case "log": {
        const values = primitive.values.map((value) => this.values.big(value));
        code.line(`rt.logMessage(${JSON.stringify(primitive.format)}, [${values.join(", ")}]);`);
        return;
      }
      case "jump":
      case "jumpIfZero":
        // Only actions have them, which write them themselves.
        return;
      case "nothing":
        return;
    }
  }

  #assign(target: Parameters<Values["references"]["place"]>[0], source: Value): void {
    if (target.op === "field") {
      this.headers.store(this.values.references.place(target), source, this.values);
      return;
    }
    // The value comes before the search for its place, as either may fault.
    const range = rangeOf(source) ?? unbounded;
    let settled: Value = source;
    if (isSafe(range)) {
      settled = { op: "computed", type: "number", code: this.#code.temp(this.values.exact(source)), range };
    } else {
      const big = this.#code.temp(this.values.big(source));
      settled = { op: "computed", type: "bigint", code: big, range };
    }
    this.headers.store(this.values.references.place(target), settled, this.values);
  }

  /** Something at an index found at run time, which is said and left undone where it is out of range. */
  #indexed(index: Value, size: number, name: string, body: (at: string) => void): void {
    const at = this.#code.temp(this.values.index(index));
    this.#checked(at, size, name, () => {
      body(at);
    });
  }

  #checked(at: string, size: number, name: string, body: () => void): void {
    this.#code.block(`if (${at} >= 0 && ${at} < ${size})`, body);
    this.#code.line(`else rt.outOfRange(${JSON.stringify(name)}, ${at}, ${size});`);
  }

  #copyNext(target: Parameters<Layout["next"]>[0], source: Parameters<Layout["next"]>[0]): void {
    this.#code.line(`F[${this.#layout.next(target)}] = F[${this.#layout.next(source)}];`);
  }

  #shiftStack({ op, stack, count }: Extract<Primitive, { op: "push" | "pop" }>): void {
    const place = this.#layout.elements(stack);
    if (place === undefined) return;
    const { first, stride, size } = place;
    const by = `${op === "pop" ? "-" : ""}${this.values.index(count)}`;
    this.#code.line(
      `rt.shiftStack(${first.word}, ${stride.word}, ${first.flag}, ${stride.flag}, ${first.byte}, ${stride.byte}, ${size}, ${this.#layout.next(stack)}, ${by});`,
    );
  }

  #hash({ target, base, calculation, size }: Extract<Primitive, { op: "hash" }>): void {
    const code = this.#code;
    code.line(`c${calculation.index}();`);
    const baseRange = rangeOf(base);
    const sizeRange = rangeOf(size);
    if (isWithin(baseRange, 0n, uint32) && isWithin(sizeRange, 0n, uint32)) {
      const divisor = code.temp(`${this.values.exact(size)} || 1`);
      const sum = code.temp(
        `${this.values.exact(base)} + (R[0] === 0 ? R[1] % ${divisor} : rt.remainder64(${divisor}))`,
      );
      this.#assign(target, { op: "computed", type: "number", code: sum, range: unsigned(33) });
      return;
    }
    const sum = code.temp(`rt.hashOffset(${this.values.big(base)}, ${this.values.big(size)})`);
    this.#assign(target, { op: "computed", type: "bigint", code: sum, range: unsigned(64) });
  }
}

function sizeOf({ size, table }: { readonly size: number; readonly table: string | undefined }): number {
  return table === undefined ? size : 0;
}
