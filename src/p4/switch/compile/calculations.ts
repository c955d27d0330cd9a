import type { Calculation, CalculationInput, Header } from "../format/program.ts";
import { type BitSource, chunk, constantBits, fieldBits, writeChunks } from "./bits.ts";
import { Code } from "./code.ts";
import type { Layout } from "./layout.ts";
import { plus } from "./references.ts";

/**
 * A function `c<index>()` that leaves the 64-bit result of a calculation in R[0] (high) and R[1] (low). Where all headers
 * of the input are valid, which is the usual case, its bytes are written by straight-line code.
 */
export function calculationFunction(calculation: Calculation, layout: Layout): string {
  const { input, algorithm, index } = calculation;
  const code = new Code();
  const payload = input.some(({ kind }) => kind === "payload");
  const sources = input.flatMap((part) => staticSources(part, layout) ?? []);
  const isStatic = input.every((part) => part.kind === "payload" || staticSources(part, layout) !== undefined);
  const flags = headersOf(input).map((header) => `V[${layout.header(header).flag}] === 1`);
  const condition = isStatic ? flags.join(" && ") || "true" : "false";

  code.line(`function c${index}() {`);
  code.line("let n = 0;");
  if (isStatic) {
    code.block(`if (${condition})`, () => {
      if ((algorithm === "csum16" || algorithm === "cksum16") && !payload) {
        sumWords(sources, code);
        return;
      }
      const { lines, length } = writeChunks(sources, "SD", "S", "0");
      code.append(lines);
      code.line(`n = ${length};`);
    });
    code.line("else {");
  }
  code.line("rt.packer.start();");
  for (const part of input) packPart(part, layout, code);
  code.line("n = rt.packer.finish();");
  if (isStatic) code.line("}");
  if (payload) code.line("S.set(P.subarray(pos, end), n); n += end - pos;");
  code.line(`H[${index}](S, n, R);`);
  code.line("}");
  return code.toString();
}

/** The Internet checksum of whole words, without writing them anywhere. */
function sumWords(sources: readonly BitSource[], code: Code): void {
  const bits = sources.reduce((sum, { width }) => sum + width, 0);
  code.line("let s = 0, w = 0;");
  for (let at = 0; at < bits; at += 32) {
    code.line(`w = ${chunk(sources, at, 32)};`);
    code.line("s += (w >>> 16) + (w & 0xffff);");
  }
  code.line("s = (s & 0xffff) + (s >>> 16);");
  code.line("s = (s & 0xffff) + (s >>> 16);");
  code.line("R[0] = 0; R[1] = ~s & 0xffff;");
  code.line("return;");
}

/** What a part contributes if its header is valid; undefined if that has no fixed length. */
function staticSources(part: CalculationInput, layout: Layout): readonly BitSource[] | undefined {
  switch (part.kind) {
    case "constant":
      return [constantBits(part.value, part.width)];
    case "field": {
      const { header, index, type } = part.field;
      if (type.variable) return undefined;
      return [fieldBits(type, plus(layout.header(header).word, layout.type(header.type).offsets[index] ?? 0))];
    }
    case "header": {
      const { header } = part;
      if (header.type.fields.some(({ variable }) => variable)) return undefined;
      return headerSources(header, layout);
    }
    case "payload":
      return [];
  }
}

function headerSources(header: Header, layout: Layout): readonly BitSource[] {
  const { word } = layout.header(header);
  return header.type.fields.map((type, at) => fieldBits(type, plus(word, layout.type(header.type).offsets[at] ?? 0)));
}

function headersOf(input: readonly CalculationInput[]): readonly Header[] {
  const headers = new Set<Header>();
  for (const part of input) {
    const header = part.kind === "field" ? part.field.header : part.kind === "header" ? part.header : undefined;
    if (header !== undefined && !header.metadata) headers.add(header);
  }
  return [...headers];
}

/** Append a part bit by bit at run time. */
function packPart(part: CalculationInput, layout: Layout, code: Code): void {
  switch (part.kind) {
    case "constant":
      packSource(constantBits(part.value, part.width), code);
      return;
    case "payload":
      return;
    case "field": {
      const { header, index } = part.field;
      whereValid(header, layout, code, () => {
        packField(header, index, layout, code);
      });
      return;
    }
    case "header":
      whereValid(part.header, layout, code, () => {
        for (const index of part.header.type.fields.keys()) packField(part.header, index, layout, code);
      });
  }
}

function whereValid(header: Header, layout: Layout, code: Code, body: () => void): void {
  if (header.metadata) body();
  else code.block(`if (V[${layout.header(header).flag}] === 1)`, body);
}

function packField(header: Header, index: number, layout: Layout, code: Code): void {
  const type = header.type.fields[index];
  if (type === undefined) return;
  const { word, byte } = layout.header(header);
  const at = plus(word, layout.type(header.type).offsets[index] ?? 0);
  if (type.variable) code.line(`rt.packer.appendBytes(B, ${byte}, F[${at}] >> 3);`);
  else packSource(fieldBits(type, at), code);
}

function packSource(source: BitSource, code: Code): void {
  for (let left = source.width; left > 0; left -= Math.min(32, left % 32 || 32)) {
    const count = Math.min(32, left % 32 || 32);
    code.line(`rt.packer.append(${source.bits(left - count, count)}, ${count});`);
  }
}
