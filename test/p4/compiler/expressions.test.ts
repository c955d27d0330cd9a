import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compiled, compiledProgram, field, part, parts } from "./compile-program.ts";
import { evaluate } from "./expression-evaluator.ts";

/** A random expression: its text, its type, and what P4 says that it comes to. */
interface Term {
  readonly text: string;
  readonly width: number;
  readonly signed: boolean;
  readonly value: bigint;
}

const widths = [1, 7, 8, 13, 32, 48] as const;

/** Fields of the program, with values. */
function fieldName(width: number, signed: boolean, index: number): string {
  return `${signed ? "s" : "u"}${width}_${index}`;
}

function cut(value: bigint, width: number, signed: boolean): bigint {
  return signed ? BigInt.asIntN(width, value) : BigInt.asUintN(width, value);
}

/** Deterministic contents of a field, extremes among them. */
function contents(width: number, signed: boolean, index: number): bigint {
  const patterns = [0n, 1n, (1n << BigInt(width)) - 1n, 1n << BigInt(width - 1), 0x1234_5678_9abc_def0n, 3n];
  return cut(patterns[index] ?? 0n, width, signed);
}

const fieldCount = 6;
const kinds = widths.flatMap((width) => (width === 1 ? [false] : [false, true]).map((signed) => ({ width, signed })));

function clamp(value: bigint, width: number, signed: boolean): bigint {
  const least = signed ? -(1n << BigInt(width - 1)) : 0n;
  const most = (signed ? 1n << BigInt(width - 1) : 1n << BigInt(width)) - 1n;
  return value < least ? least : value > most ? most : value;
}

function typeName(width: number, signed: boolean): string {
  return `${signed ? "int" : "bit"}<${width}>`;
}

/** Terms of a type, nested to a depth. */
function term(width: number, signed: boolean, depth: number): fc.Arbitrary<Term> {
  const made = (text: string, value: bigint): Term => ({ text, width, signed, value: cut(value, width, signed) });
  const leaf = fc.oneof(
    fc
      .nat(fieldCount - 1)
      .map((index) => made(`meta.${fieldName(width, signed, index)}`, contents(width, signed, index))),
    fc
      .bigInt(0n, (1n << BigInt(signed ? width - 1 : width)) - 1n)
      .map((value) => made(`${width}${signed ? "s" : "w"}${value}`, value)),
  );
  if (depth === 0) return leaf;
  const same = term(width, signed, depth - 1);
  const other = fc.constantFrom(...kinds).chain((kind) => term(kind.width, kind.signed, depth - 1));
  const binary = fc
    .tuple(fc.constantFrom("+", "-", "*", "&", "|", "^", "|+|", "|-|"), same, same)
    .map(([operator, a, b]) => {
      const results: Readonly<Record<string, bigint>> = {
        "+": a.value + b.value,
        "-": a.value - b.value,
        "*": a.value * b.value,
        "&": a.value & b.value,
        "|": a.value | b.value,
        "^": a.value ^ b.value,
        "|+|": clamp(a.value + b.value, width, signed),
        "|-|": clamp(a.value - b.value, width, signed),
      };
      return made(`(${a.text} ${operator} ${b.text})`, results[operator] ?? 0n);
    });
  const unary = fc
    .tuple(fc.constantFrom("-", "~"), same)
    .map(([operator, a]) => made(`(${operator}${a.text})`, operator === "-" ? -a.value : ~a.value));
  const shift = fc
    .tuple(fc.constantFrom("<<", ">>"), same, fc.oneof(term(7, false, 0), term(13, false, depth - 1)))
    .map(([operator, a, b]) =>
      made(`(${a.text} ${operator} ${b.text})`, operator === "<<" ? a.value << b.value : a.value >> b.value),
    );
  const choice = fc
    .tuple(other, same, same)
    .map(([c, a, b]) =>
      made(
        `(${c.text} > ${c.width}${c.signed ? "s" : "w"}0 ? ${a.text} : ${b.text})`,
        c.value > 0n ? a.value : b.value,
      ),
    );
  const converted = other.map((a) => {
    // Width and sign are changed one after the other.
    const resized = cut(a.value, width, a.signed);
    return made(`((${typeName(width, signed)})(${typeName(width, a.signed)})${a.text})`, resized);
  });
  const options = [leaf, binary, unary, shift, choice];
  if (!(width === 1 && !signed)) options.push(converted);
  if (!signed) {
    options.push(
      fc
        .tuple(term(48, false, depth - 1), fc.nat(48 - width))
        .map(([a, low]) =>
          made(`${a.text.startsWith("-") ? `(${a.text})` : a.text}[${low + width - 1}:${low}]`, a.value >> BigInt(low)),
        ),
    );
  }
  if (!signed && width === 8) {
    options.push(
      fc
        .tuple(term(1, false, depth - 1), term(7, false, depth - 1))
        .map(([a, b]) => made(`(${a.text} ++ ${b.text})`, (a.value << 7n) | b.value)),
    );
  }
  return fc.oneof(...options);
}

const metadata = kinds
  .flatMap(({ width, signed }) =>
    Array.from(
      { length: fieldCount },
      (_, index) => `    ${typeName(width, signed)} ${fieldName(width, signed, index)};`,
    ),
  )
  .join("\n");

const values = new Map(
  kinds.flatMap(({ width, signed }) =>
    Array.from({ length: fieldCount }, (_, index): [string, bigint] => [
      `scalars.meta.${fieldName(width, signed, index)}`,
      contents(width, signed, index),
    ]),
  ),
);

/** A program that assigns expressions to results, one after the other. */
function program(terms: readonly Term[]): string {
  const results = terms.map(({ width, signed }, index) => `    ${typeName(width, signed)} result${index};`).join("\n");
  const assignments = terms.map(({ text }, index) => `        meta.result${index} = ${text};`).join("\n");
  return `#include <v1model.p4>
header h_t { bit<8> x; }
struct headers_t { h_t h; }
struct metadata_t {
${metadata}
${results}
}
parser P(packet_in packet, out headers_t hdr, inout metadata_t meta, inout standard_metadata_t standard) {
    state start { transition accept; }
}
control C(inout headers_t hdr, inout metadata_t meta) { apply { } }
control I(inout headers_t hdr, inout metadata_t meta, inout standard_metadata_t standard) {
    apply {
${assignments}
    }
}
control E(inout headers_t hdr, inout metadata_t meta, inout standard_metadata_t standard) { apply { } }
control D(packet_out packet, in headers_t hdr) { apply { } }
V1Switch(P(), C(), I(), E(), C(), D()) main;
`;
}

describe("expressions", { timeout: 60_000 }, () => {
  it("come to what the language says, whatever their types and operators", () => {
    const someTerm = fc.constantFrom(...kinds).chain(({ width, signed }) => term(width, signed, 3));
    fc.assert(
      fc.property(fc.array(someTerm, { minLength: 1, maxLength: 20 }), (terms) => {
        const json = compiled(program(terms));
        const fields = new Map(values);
        // What is worked out once and used twice has an assignment of its own before.
        for (const primitive of parts(json, "actions", 0, "primitives")) {
          const [target, source] = parts(primitive, "parameters");
          const found = evaluate(source, fields);
          if (typeof found === "bigint") fields.set((part(target, "value") as string[]).join("."), found);
        }
        terms.forEach((each, index) => {
          const found = fields.get(`scalars.meta.result${index}`);
          expect(`${each.text} = ${String(found)}`).toBe(`${each.text} = ${each.value}`);
        });
      }),
      { numRuns: 60, seed: 1 },
    );
  });

  it("are folded as far as their values are known", () => {
    const json = compiledProgram("constants");
    const assigned = parts(json, "actions", 0, "primitives").map((primitive) => part(primitive, "parameters"));
    expect(assigned).toEqual([
      [field("data", "a"), { type: "hexstr", value: "0x07" }],
      [field("data", "b"), { type: "hexstr", value: "0x02" }],
      [field("data", "c"), { type: "hexstr", value: "0x0002" }],
      [field("data", "d"), { type: "hexstr", value: "0xffffffff" }],
      [field("scalars", "meta.field"), { type: "hexstr", value: "0x0fff" }],
      [field("data", "c"), { type: "hexstr", value: "0x0020" }],
      [field("standard_metadata", "egress_spec"), { type: "hexstr", value: "0x0010" }],
    ]);
    expect(part(json, "pipelines", "ingress", "conditionals")).toEqual([]);
  });

  it("read and write elements of a stack that are chosen at run time", () => {
    const json = compiledProgram("dynamic-index");
    const element = {
      op: "dereference_header_stack",
      left: { type: "header_stack", value: "items" },
      right: field("scalars", "TestIngress.i"),
    };
    const text = JSON.stringify(json);
    expect(text).toContain(
      JSON.stringify({ op: "access_field", left: { type: "expression", value: element }, right: 1 }),
    );
    expect(text).toContain('"op":"valid","left":null');
    expect(text).toContain('"op":"last_stack_index"');
  });

  it("find the place of a result before calls change its index", () => {
    const json = compiledProgram("evaluation-order");
    const targets = parts(json, "actions")
      .flatMap((action) => parts(action, "primitives"))
      .map((primitive) => JSON.stringify(part(primitive, "parameters", 0)))
      .filter((target) => target.includes("dereference_header_stack"));
    expect(targets).toHaveLength(2);
    for (const target of targets) {
      expect(target).not.toContain('"meta.index"');
      expect(target).toContain('"scalars","tmp');
    }
  });

  it("keep signed fields signed, and cut signed results", () => {
    const json = compiledProgram("signed-saturating");
    expect(parts(json, "header_types", "scalars_0", "fields")).toContainEqual(["TestIngress.x", 8, true]);
    const text = JSON.stringify(json);
    for (const operator of ["two_comp_mod", "sat_cast", "usat_cast"]) expect(text).toContain(`"op":"${operator}"`);
  });

  it("compare headers by validity and fields", () => {
    const json = compiledProgram("header-copies");
    const condition = JSON.stringify(part(json, "pipelines", "ingress", "conditionals", 0, "expression"));
    expect(condition.match(/\$valid\$/g)).toHaveLength(4);
    expect(condition.match(/"=="/g)).toHaveLength(4);
    const all = JSON.stringify(json);
    for (const operator of ["assign_header", "add_header", "remove_header"])
      expect(all).toContain(`"op":"${operator}"`);
  });

  it("take structs, tuples and lists apart", () => {
    const json = compiledProgram("structs-tuples");
    const fields = parts(json, "header_types", "scalars_0", "fields").map((each) => part(each, 0));
    expect(fields).toEqual(expect.arrayContaining(["meta.line.start.x", "meta.line.end.y", "TestIngress.t.1"]));
    // `p = { p.y, p.x }` swaps: both are read before one is written.
    const text = JSON.stringify(json);
    expect(text.indexOf('"value":["scalars","tmp"]')).toBeGreaterThan(0);
  });

  it("leave serializable enumerations as the numbers that they stand for", () => {
    const json = compiledProgram("types");
    expect(parts(json, "enums").map((each) => part(each, "name"))).toContain("Level");
    expect(parts(json, "enums").map((each) => part(each, "name"))).not.toContain("Kind");
    expect(JSON.stringify(json)).toContain('"right":{"type":"hexstr","value":"0x03"}');
  });
});
