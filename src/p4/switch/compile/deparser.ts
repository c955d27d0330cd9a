import type { Checksum, Header } from "../format/program.ts";
import { PrimitiveWriter } from "./primitives.ts";
import { fieldBits, writeChunks } from "./bits.ts";
import { Code } from "./code.ts";
import type { Layout } from "./layout.ts";
import { unsigned } from "./range.ts";
import { plus } from "./references.ts";

/** A function `verify()` that says whether all checksums to verify are right. */
export function verifyFunction(layout: Layout, dropPort: number): string {
  const code = new Code();
  const writer = new PrimitiveWriter(layout, code, dropPort);
  code.line("function verify() {");
  code.line("let good = true;");
  for (const checksum of layout.program.checksums.filter(({ verify }) => verify)) {
    const { header, index, type } = checksum.target;
    const valid = header.metadata ? "true" : `V[${layout.header(header).flag}] === 1`;
    code.block(`if (${valid})`, () => {
      whereApplies(checksum, writer, code, () => {
        code.line(`c${checksum.calculation.index}();`);
        const word = plus(layout.header(header).word, layout.type(header.type).offsets[index] ?? 0);
        const bits = fieldBits(type, word);
        // All bits of the field against all 64 of the result.
        const tests: string[] = [];
        for (let from = 0; from < Math.max(64, type.width); from += 32) {
          const count = Math.min(32, type.width - from);
          const own = count > 0 ? `(${bits.bits(from, count)}) >>> 0` : "0";
          tests.push(`(${own}) !== ${["R[1]", "R[0]"][from / 32] ?? "0"}`);
        }
        code.line(`if (${tests.join(" || ")}) good = false;`);
      });
    });
  }
  code.line("return good;");
  code.line("}");
  return code.toString();
}

/** A function `deparse()`: updates checksums and writes the headers in front of the payload; returns where they start. */
export function deparserFunction(layout: Layout, dropPort: number): string {
  const code = new Code();
  const writer = new PrimitiveWriter(layout, code, dropPort);
  const { checksums, deparser } = layout.program;
  const order = deparser.order.filter(({ metadata }) => !metadata);
  code.line("function deparse() {");
  for (const checksum of checksums.filter(({ update }) => update)) {
    whereApplies(checksum, writer, code, () => {
      code.line(`c${checksum.calculation.index}();`);
      const high = code.temp("R[0]");
      const low = code.temp("R[1]");
      const field = writer.values.references.place({ op: "field", field: checksum.target });
      writer.headers.store(field, { op: "words", words: [high, low], range: unsigned(64) }, writer.values);
    });
  }
  for (const primitive of deparser.primitives) writer.write(primitive);
  code.line("let q = pos;");
  for (const header of order) {
    const length = writer.headers.byteLength(writer.values.references.named(header));
    code.line(`if (V[${layout.header(header).flag}] === 1) q -= ${length};`);
  }
  code.line("const start = q;");
  for (const header of order) {
    code.block(`if (V[${layout.header(header).flag}] === 1)`, () => {
      writeHeader(header, layout, code);
    });
  }
  code.line("return start;");
  code.line("}");
  return code.toString();
}

function writeHeader(header: Header, layout: Layout, code: Code): void {
  const { word, byte } = layout.header(header);
  const { offsets } = layout.type(header.type);
  const { fields } = header.type;
  const variable = fields.findIndex((field) => field.variable);
  const sources = (from: number, to: number): ReturnType<typeof fieldBits>[] =>
    fields.slice(from, to).map((type, at) => fieldBits(type, plus(word, offsets[from + at] ?? 0)));
  const write = (from: number, to: number): void => {
    const { lines, length } = writeChunks(sources(from, to), "D", "P", "q");
    code.append(lines);
    code.line(`q += ${length};`);
  };
  if (variable < 0) {
    write(0, fields.length);
    return;
  }
  write(0, variable);
  const bytes = code.temp(`F[${plus(word, offsets[variable] ?? 0)}] >> 3`);
  code.line(`for (let i = 0; i < ${bytes}; i++) P[q + i] = B[${byte} + i];`);
  code.line(`q += ${bytes};`);
  write(variable + 1, fields.length);
}

function whereApplies({ condition }: Checksum, { values }: PrimitiveWriter, code: Code, body: () => void): void {
  if (condition === undefined) {
    code.block("", body);
    return;
  }
  code.block(`if (${values.truth(condition)})`, body);
}
