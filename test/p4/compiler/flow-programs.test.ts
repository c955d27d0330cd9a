import { describe, expect, it } from "vitest";
import { compiled, compiledProgram, field, part, parts, primitives, table } from "./compile-program.ts";

describe("controls", () => {
  it("lead from conditionals to tables, and actions called directly are tables without keys", () => {
    const json = compiledProgram("ipv4-router");
    expect(part(json, "pipelines", "ingress")).toMatchObject({
      init_table: "node_1",
      conditionals: [{ name: "node_1", true_next: "RouterIngress.ipv4_lpm", false_next: "tbl_RouterIngress_drop" }],
    });
    expect(table(json, "tbl_RouterIngress_drop")).toMatchObject({
      key: [],
      actions: ["RouterIngress.drop"],
      default_entry: { action_const: true, action_data: [], action_entry_const: true },
    });
    expect(part(json, "pipelines", "egress")).toMatchObject({ init_table: null, tables: [], conditionals: [] });
  });

  it("are inlined where they are applied, each instance with tables of its own", () => {
    const json = compiledProgram("sub-control");
    const names = parts(json, "pipelines", "ingress", "tables").map((each) => part(each, "name"));
    expect(names).toEqual(expect.arrayContaining(["TestIngress.five.steps", "TestIngress.seven.steps"]));
    expect(table(json, "TestIngress.five.steps", "key", 0)).toMatchObject({ target: ["data", "a"] });
    // `hdr.data.b + 1` is an argument of its own.
    expect(part(table(json, "TestIngress.seven.steps", "key", 0), "target", 0)).toBe("scalars");
    const [five, seven] = ["five", "seven"].map((name) =>
      JSON.stringify(part(json, "actions", `TestIngress.${name}.add`)),
    );
    expect(five).toContain('"0x05"');
    expect(seven).toContain('"0x07"');
  });

  it("copy an action's arguments in and back", () => {
    const json = compiledProgram("action-parameters");
    expect(part(json, "actions", "TestIngress.bump", "runtime_data")).toEqual([{ name: "extra", bitwidth: 8 }]);
    const list = parts(json, "actions", "TestIngress.bump", "primitives").map((each) => part(each, "parameters"));
    expect(list[0]).toEqual([field("scalars", "value"), field("data", "a")]);
    expect(list.slice(-2)).toEqual([
      [field("data", "a"), field("scalars", "value")],
      [field("scalars", "meta.before"), field("scalars", "before")],
    ]);
    expect(table(json, "TestIngress.bumps", "default_entry")).toMatchObject({ action_data: ["0x3"] });
  });

  it("inline functions, and leave them early", () => {
    const json = compiledProgram("functions");
    const conditions = JSON.stringify(part(json, "pipelines", "ingress", "conditionals"));
    expect(conditions).toContain('"op":">"');
    expect(JSON.stringify(json)).not.toContain('"note"');
  });

  it("end the pipeline at exit, and an action by a jump behind it", () => {
    const json = compiledProgram("exit-return");
    const list = primitives(json, "TestIngress.stop");
    expect(list).toEqual(["assign", "_jump_if_zero", "exit", "_jump", "assign"]);
    const jump = part(json, "actions", "TestIngress.stop", "primitives", 3);
    expect(jump).toEqual({ op: "_jump", parameters: [{ type: "hexstr", value: "0x5" }] });
    const skip = part(json, "actions", "TestIngress.stop", "primitives", 1, "parameters", 1);
    expect(skip).toEqual({ type: "hexstr", value: "0x4" });
  });

  it("compare a switch's value with one label after the other", () => {
    const json = compiledProgram("switch-values");
    const conditionals = parts(json, "pipelines", "ingress", "conditionals");
    expect(conditionals.length).toBeGreaterThanOrEqual(5);
    expect(JSON.stringify(conditionals)).toContain('"op":"or"');
    const jumps = primitives(json, "TestIngress.choose").filter((operator) => operator.startsWith("_jump"));
    expect(jumps).toEqual([
      "_jump_if_zero",
      "_jump",
      "_jump_if_zero",
      "_jump",
      "_jump_if_zero",
      "_jump",
      "_jump_if_zero",
    ]);
  });

  it("write loops out", () => {
    const json = compiledProgram("for-loops");
    expect(primitives(json, "TestIngress.sum_bits").filter((operator) => operator === "_jump_if_zero")).toHaveLength(8);
    const shifts = JSON.stringify(part(json, "actions", "TestIngress.sum_bits"));
    for (const mask of ["0x01", "0x02", "0x40", "0x80"]) expect(shifts).toContain(`"value":"${mask}"`);
    // Ten rounds but for the one that continues at once.
    expect(parts(json, "pipelines", "ingress", "conditionals")).toHaveLength(9);
  });

  it("replace macros, choose branches and take texts", () => {
    const json = compiledProgram("preprocessor");
    expect(table(json, "TestIngress.ports", "max_size")).toBe(32);
    expect(JSON.stringify(json)).toContain('{"type":"string","value":"a b"}');
    const fast = JSON.stringify(compiledFast());
    expect(fast).not.toContain("TestIngress.ports");
  });

  it("keep what a nested condition needs when a table decides", () => {
    const json = compiled(`#include <v1model.p4>
header h_t { bit<8> a; }
struct headers_t { h_t h; }
struct metadata_t { bit<8> x; }
parser P(packet_in packet, out headers_t hdr, inout metadata_t meta, inout standard_metadata_t standard) {
    state start { packet.extract(hdr.h); transition accept; }
}
control C(inout headers_t hdr, inout metadata_t meta) { apply { } }
control I(inout headers_t hdr, inout metadata_t meta, inout standard_metadata_t standard) {
    action a() { }
    action b() { }
    table inner { key = { hdr.h.a: exact; } actions = { a; b; } default_action = a(); }
    table outer { key = { hdr.h.a: exact; } actions = { a; b; } default_action = a(); }
    apply {
        switch (outer.apply().action_run) {
            a:
            b: { if (inner.apply().hit) { meta.x = 1; } }
        }
    }
}
control E(inout headers_t hdr, inout metadata_t meta, inout standard_metadata_t standard) { apply { } }
control D(packet_out packet, in headers_t hdr) { apply { if (hdr.h.isValid()) { packet.emit(hdr.h); } } }
V1Switch(P(), C(), I(), E(), C(), D()) main;
`);
    // A body that two labels share is there once.
    expect(table(json, "I.outer", "next_tables")).toEqual({ "I.a": "I.inner", "I.b": "I.inner" });
    expect(part(json, "deparsers", 0, "order")).toEqual(["h"]);
  });
});

function compiledFast(): unknown {
  return compiled(
    `#define FAST
#define TABLE_SIZE 200
#include <v1model.p4>
struct headers_t { }
struct metadata_t { bit<8> x; }
parser P(packet_in packet, out headers_t hdr, inout metadata_t meta, inout standard_metadata_t standard) {
    state start { transition accept; }
}
control C(inout headers_t hdr, inout metadata_t meta) { apply { } }
control I(inout headers_t hdr, inout metadata_t meta, inout standard_metadata_t standard) {
    apply {
#if defined(FAST) && TABLE_SIZE > 100
        meta.x = 1;
#else
        meta.x = TestIngress.ports;
#endif
    }
}
control E(inout headers_t hdr, inout metadata_t meta, inout standard_metadata_t standard) { apply { } }
control D(packet_out packet, in headers_t hdr) { apply { } }
V1Switch(P(), C(), I(), E(), C(), D()) main;
`,
  );
}
