import fc from "fast-check";
import { expect, test } from "vitest";
import {
  assign,
  binary,
  choose,
  expr,
  extract,
  field,
  type FieldSpec,
  header,
  hex,
  type Json,
  ProgramBuilder,
} from "./program-builder.ts";
import { twins } from "./twins.ts";

const runs = Number(process.env["KESTREL_RUNS"] ?? 300);

/** Widths around every boundary of words, signed, unsigned, saturating. */
const widths = [1, 7, 8, 9, 16, 31, 32, 33, 47, 48, 53, 54, 63, 64, 65, 96, 127, 128, 129];
const fields: readonly FieldSpec[] = [
  ...widths.map((width): FieldSpec => [`u${width}`, width]),
  ...widths.filter((width) => width > 1).map((width): FieldSpec => [`i${width}`, width, true]),
  ...[8, 32, 40, 64, 100].flatMap((width): FieldSpec[] => [
    [`su${width}`, width, false, true],
    [`si${width}`, width, true, true],
  ]),
];
const bits = fields.reduce((sum, [, width]) => sum + Number(width), 0);
const packetBytes = Math.floor(bits / 8) + 1;
const all: readonly FieldSpec[] = [...fields, ["pad", 8 - (bits % 8)]];
const names = fields.map(([name]) => `h.${name}`);

const constant = fc
  .oneof(
    fc.bigInt({ min: -3n, max: 3n }),
    fc.bigInt({ min: -(1n << 70n), max: 1n << 70n }),
    fc.constantFrom(0xffn, 0xffff_ffffn, 1n << 32n, (1n << 48n) - 1n, (1n << 64n) - 1n),
  )
  .map((value) => hex(value));
const leaf = fc.oneof(
  fc.constantFrom(...names).map((name) => field(name)),
  constant,
);

const { data } = fc.letrec<{ data: Json; truth: Json }>((tie) => ({
  data: fc.oneof(
    { maxDepth: 4, depthIdentifier: "expression" },
    leaf,
    fc
      .tuple(tie("data"), fc.constantFrom("+", "-", "*", "&", "|", "^"), tie("data"))
      .map(([a, op, b]) => binary(a, op, b)),
    fc
      .tuple(tie("data"), fc.constantFrom("<<", ">>"), fc.nat({ max: 140 }))
      .map(([a, op, by]) => binary(a, op, hex(by))),
    fc
      .tuple(tie("data"), fc.constantFrom("<<", ">>"), fc.constantFrom("h.u7", "h.u8", "h.u1"))
      .map(([a, op, by]) => binary(a, op, field(by))),
    fc.tuple(tie("data"), fc.constantFrom("/", "%"), tie("data")).map(([a, op, b]) => binary(a, op, b)),
    fc
      .tuple(tie("data"), fc.constantFrom("two_comp_mod", "sat_cast", "usat_cast"), fc.constantFrom(...widths))
      .map(([a, op, width]) => binary(a, op, hex(width))),
    tie("data").map((a) => expr("~", a)),
    tie("data").map((a) => expr("-", a)),
    fc.tuple(tie("truth"), tie("data"), tie("data")).map(([c, a, b]) => choose(c, a, b)),
    tie("truth").map((c) => expr("b2d", c)),
  ),
  truth: fc.oneof(
    { maxDepth: 4, depthIdentifier: "expression" },
    fc
      .tuple(tie("data"), fc.constantFrom("==", "!=", "<", "<=", ">", ">="), tie("data"))
      .map(([a, op, b]) => binary(a, op, b)),
    fc
      .tuple(tie("truth"), fc.constantFrom("and", "or", "==", "!="), tie("truth"))
      .map(([a, op, b]) => binary(a, op, b)),
    tie("truth").map((c) => expr("not", c)),
    tie("data").map((a) => expr("d2b", a)),
    fc.tuple(tie("truth"), tie("truth"), tie("truth")).map(([c, a, b]) => choose(c, a, b)),
    fc.constant(expr("valid", header("h"))),
  ),
}));

const interesting = fc.array(fc.constantFrom(0, 0, 0, 1, 2, 0x7f, 0x80, 0xff), {
  minLength: packetBytes,
  maxLength: packetBytes,
});

test(
  "compiled expressions agree with the interpreter whatever their widths, signs and operators",
  { timeout: 300_000 },
  () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.constantFrom(...names), data), { minLength: 1, maxLength: 4 }),
        fc.array(interesting, { minLength: 1, maxLength: 3 }),
        (assignments, packets) => {
          const text = new ProgramBuilder()
            .header("h", all)
            .parser({ start: { ops: [extract("h")] } })
            .deparser("h")
            .action(
              "act",
              [],
              assign("standard_metadata.egress_spec", hex(1)),
              ...assignments.map(([target, value]) => assign(target, value)),
            )
            .run("ingress", "tbl_act", "act")
            .text();
          const [compiled, interpreted] = twins(text);
          for (const packet of packets) {
            compiled.bytes(0, Uint8Array.from(packet));
            interpreted.bytes(0, Uint8Array.from(packet));
          }
          expect(compiled.events).toEqual(interpreted.events);
          expect([...compiled.engine.counters.faults]).toEqual([...interpreted.engine.counters.faults]);
        },
      ),
      { numRuns: runs },
    );
  },
);
