import fc from "fast-check";
import { expect, test } from "vitest";
import { ProgramError } from "../../../src/p4/switch/format/faults.ts";
import { loadProgram } from "../../../src/p4/switch/format/load.ts";
import { assign, call, extract, extractNext, field, hex, named, ProgramBuilder } from "./program-builder.ts";
import { samples } from "./programs.ts";
import { twins } from "./twins.ts";

function faultsOf(text: string): readonly string[] {
  try {
    loadProgram(text, "p.json");
  } catch (error) {
    if (error instanceof ProgramError) return error.faults;
    throw error;
  }
  return [];
}

const good = (): ProgramBuilder =>
  new ProgramBuilder()
    .header("h", [["a", 8]])
    .parser({ start: { ops: [extract("h")] } })
    .deparser("h")
    .action("go", [["p", 9]], assign("h.a", hex(1)));

test("a right program has no faults", () => {
  expect(faultsOf(good().text())).toEqual([]);
});

test("text that is no JSON is told", () => {
  expect(faultsOf("{")[0]).toMatch(/^JSON input is not valid: /);
});

test("versions are refused from 3.0 on, and beyond 2.24; none at all is accepted", () => {
  const withVersion = (version: unknown): string => JSON.stringify({ ...good().json, __meta__: { version } });
  expect(faultsOf(withVersion([2, 24]))).toEqual([]);
  expect(faultsOf(withVersion([2, 25]))).toEqual(["JSON version 2.25 is not supported: expected 2.0 to 2.24"]);
  expect(faultsOf(withVersion([3, 0]))).toEqual(["JSON version 3.0 is not supported: expected 2.0 to 2.24"]);
  expect(faultsOf(JSON.stringify({ ...good().json, __meta__: undefined }))).toEqual([]);
});

test("all faults of the shape come at once, each with its place", () => {
  const faults = faultsOf(JSON.stringify({ ...good().json, actions: [{ name: 5 }], headers: "none" }));
  expect(faults.map((fault) => fault.split(":")[0])).toEqual(["headers", "actions.0.name", "actions.0.id"]);
});

test("all names that lead nowhere come at once, each with the object it is in", () => {
  const builder = good()
    .action(
      "bad",
      [],
      call("frobnicate", hex(1)),
      assign("h.nope", hex(1)),
      assign("x.a", hex(1)),
      call("count", named("counter_array", "c"), hex(0)),
    )
    .action("worse", [], call("assign", field("h.a")), call("log_msg", hex(1), hex(1)))
    .calculation("crc", "random", field("h.a"));
  builder.table("ingress", "t", { key: [["exact", "h.a"]], actions: ["go"], default: null, next: { go: "nowhere" } });
  builder.table("ingress", "t", { actions: ["go"], default: null });
  builder.table("ingress", "u", { actions: ["go"], default: "go", defaultData: [] });
  builder.table("ingress", "v", { actions: ["go"], default: null, next: { __HIT__: null } });
  builder.json.headers.push({ name: "late", id: 77, header_type: "h_t", metadata: false });
  builder.checksum("h.a", "nope");
  expect(faultsOf(builder.text())).toEqual(
    [
      "header 'late': expected id 2, its position in the list, found 77",
      "calculation 'crc': Unknown hash algorithm: random",
      "action 'bad': Unknown primitive action: frobnicate",
      "action 'bad': Invalid reference to field 'nope' of header 'h'",
      "action 'bad': Invalid reference to header 'x'",
      "action 'bad': Invalid reference to counter array 'c'",
      "action 'worse': Invalid number of parameters for primitive action assign: expected 2, found 1",
      "action 'worse': expected string, found hexstr",
      "checksum 'cksum0': Invalid reference to calculation 'nope'",
      "table 't': Duplicate pipeline node name 't'",
      "table 'u': action 'go': expected 1 values, found 0",
      "table 't': Invalid reference to pipeline node 'nowhere'",
      "table 'v': next_tables: expected exactly __HIT__ and __MISS__, or one key for each action",
    ].map((fault) => fault.replace("expected string, found hexstr", "log_msg: expected a string")),
  );
});

test("extern instances are refused by their type, since there are no modules that could bring it", () => {
  const json = { ...good().json, extern_instances: [{ name: "e", id: 0, type: "odd_t" }] };
  expect(faultsOf(JSON.stringify(json))).toEqual([
    "extern instance 'e': Invalid extern type 'odd_t': externs other than those of v1model need modules of the reference",
  ]);
});

test("parsers and header types are checked", () => {
  const builder = new ProgramBuilder()
    .type("odd", [["a", 7]])
    .type("twice", [
      ["a", "*"],
      ["b", "*"],
    ])
    .header("h", [["a", 8]])
    .parser({
      start: {
        ops: [extractNext("none"), { op: "leap", parameters: [] }],
        key: [field("h.a")],
        to: [
          ["0x0100", null],
          ["0x01", "away"],
        ],
      },
    })
    .deparser("h", "gone");
  expect(faultsOf(builder.text())).toEqual([
    "header type 'odd': expected whole bytes, found 7 bits",
    "header type 'twice': more than one field of variable length",
    "parse state 'start': Invalid reference to header stack 'none'",
    "parse state 'start': Parser op 'leap' not recognized",
    "parse state 'start': transition: expected a value of 1 bytes, found 0x0100",
    "parse state 'start': Invalid reference to parse state 'away'",
    "deparser: Invalid reference to header 'gone'",
  ]);
});

test("the fields that the target needs are asked for by name", () => {
  const faults = faultsOf(JSON.stringify({}));
  expect(faults).toContain("Field standard_metadata.egress_spec is required by the target but is not defined");
  expect(faults).toHaveLength(5);
});

test(
  "a program with anything in it changed is refused, or runs the same compiled and interpreted",
  { timeout: 60_000 },
  () => {
    const texts = Object.values(samples).map(({ text }) => text);
    const junk = fc.oneof(
      fc.constant(null),
      fc.boolean(),
      fc.integer(),
      fc.string(),
      fc.constant([]),
      fc.constant({}),
      fc.constantFrom("h", "hexstr", "expression", "0x01", "-0x5"),
    );
    fc.assert(
      fc.property(
        fc.constantFrom(...texts),
        fc.array(fc.nat(), { minLength: 1, maxLength: 12 }),
        junk,
        (text, path, value) => {
          const json = JSON.parse(text) as Record<string, unknown>;
          let at: Record<string, unknown> = json;
          for (const step of path) {
            const keys = Object.keys(at);
            const key = keys[step % keys.length];
            if (key === undefined) break;
            const next = at[key];
            if (step === path.at(-1) || typeof next !== "object" || next === null || Object.keys(next).length === 0) {
              at[key] = value;
              break;
            }
            at = next as Record<string, unknown>;
          }
          const changed = JSON.stringify(json);
          if (faultsOf(changed).length > 0) return;
          const [compiled, interpreted] = twins(changed);
          for (const packet of [Buffer.alloc(100), Buffer.alloc(100, 1), Buffer.alloc(3)]) {
            expect(compiled.bytes(1, packet)).toEqual(interpreted.bytes(1, packet));
          }
        },
      ),
      { numRuns: 1500 },
    );
  },
);
