import { describe, expect, it } from "vitest";
import { compiledProgram, part, parts, primitives, table } from "./compile-program.ts";

describe("tables", () => {
  it("know their actions, default action, size and what follows", () => {
    const json = compiledProgram("ipv4-router");
    expect(table(json, "RouterIngress.ipv4_lpm")).toMatchObject({
      key: [{ match_type: "lpm", name: "hdr.ipv4.dst", target: ["ipv4", "dst"], mask: null }],
      match_type: "lpm",
      type: "simple",
      max_size: 1024,
      actions: ["RouterIngress.forward", "RouterIngress.drop", "NoAction"],
      next_tables: { "RouterIngress.forward": null, "RouterIngress.drop": null, NoAction: null },
      default_entry: { action_const: false, action_data: [], action_entry_const: false },
    });
    const forward = part(json, "actions", "RouterIngress.forward");
    expect(forward).toMatchObject({
      runtime_data: [
        { name: "dst", bitwidth: 48 },
        { name: "port", bitwidth: 9 },
      ],
    });
  });

  it("match in every way there is, and the strongest kind decides about the table", () => {
    const json = compiledProgram("match-kinds");
    const kinds = (name: string): unknown[] => [
      table(json, name, "match_type"),
      parts(json, "pipelines", "ingress", "tables", name, "key").map((key) => part(key, "match_type")),
    ];
    expect(kinds("TestIngress.exact_keys")).toEqual(["exact", ["exact", "exact", "exact"]]);
    expect(kinds("TestIngress.longest")).toEqual(["lpm", ["exact", "lpm"]]);
    expect(kinds("TestIngress.masked")).toEqual(["ternary", ["ternary", "lpm", "ternary"]]);
    expect(kinds("TestIngress.ranged")).toEqual(["range", ["range", "exact", "ternary"]]);
    expect(table(json, "TestIngress.exact_keys", "key", 1)).toMatchObject({
      name: "hdr.data.$valid$",
      target: ["data", "$valid$"],
    });
    expect(table(json, "TestIngress.exact_keys", "key", 2)).toMatchObject({ name: "ether type" });
    expect(table(json, "TestIngress.exact_keys", "max_size")).toBe(64);
    expect(table(json, "TestIngress.masked", "default_entry")).toMatchObject({ action_const: true });
  });

  it("copy keys that are worked out into fields before they are applied", () => {
    const json = compiledProgram("match-kinds");
    const keys = parts(json, "pipelines", "ingress", "tables", "TestIngress.computed", "key");
    expect(keys.map((key) => part(key, "target"))).toEqual([
      ["scalars", "key"],
      ["scalars", "key_0"],
      ["scalars", "key_1"],
      ["scalars", "meta.flag"],
    ]);
    expect(keys.map((key) => part(key, "name"))).toEqual(["sum", "hdr.data.d[15:8]", "hdr.data.c & 0xff", "meta.flag"]);
    const before = parts(json, "pipelines", "ingress", "tables").find(
      (each) => part(each, "base_default_next") === "TestIngress.computed" && parts(each, "key").length === 0,
    );
    expect(primitives(json, String(part(before, "actions", 0)))).toEqual(["assign", "assign", "assign"]);
  });

  it("bring entries along, in the form of their match kind", () => {
    const json = compiledProgram("const-entries");
    const entry = (name: string, index: number): unknown => table(json, `TestIngress.${name}`, "entries", index);
    expect(entry("exact_entries", 1)).toMatchObject({
      match_key: [{ match_type: "exact", key: "0x02" }],
      action_entry: { action_data: ["0x2"] },
      priority: 2,
    });
    expect(table(json, "TestIngress.exact_entries", "max_size")).toBe(3);
    expect(entry("ternary_entries", 0)).toMatchObject({
      match_key: [
        { match_type: "ternary", key: "0x10", mask: "0xf0" },
        { match_type: "ternary", key: "0x0000", mask: "0x0000" },
      ],
    });
    expect(entry("ternary_entries", 2)).toMatchObject({ match_key: [{ mask: "0x00" }, { mask: "0x0000" }] });
    expect([0, 1, 2, 3].map((index) => part(entry("prefix_entries", index), "match_key", 0, "prefix_length"))).toEqual([
      8, 16, 32, 0,
    ]);
    expect(entry("range_entries", 0)).toMatchObject({
      match_key: [
        { match_type: "range", start: "0x0001", end: "0x0009" },
        { match_type: "ternary", key: "0x01", mask: "0xff" },
      ],
      priority: 20,
    });
    expect(entry("range_entries", 2)).toMatchObject({ match_key: [{ start: "0x0000", end: "0xffff" }, {}] });
  });

  it("turn priorities round where the largest comes first", () => {
    const entries = parts(
      compiledProgram("const-entries"),
      "pipelines",
      "ingress",
      "tables",
      "TestIngress.ranked",
      "entries",
    );
    expect(entries.map((entry) => part(entry, "priority"))).toEqual([3, 1, 2]);
  });

  it("share members and groups", () => {
    const json = compiledProgram("action-profile");
    expect(table(json, "TestIngress.direct_members")).toMatchObject({
      type: "indirect",
      action_profile: "TestIngress.members",
    });
    expect(table(json, "TestIngress.shared_members")).toMatchObject({ action_profile: "TestIngress.members" });
    expect(table(json, "TestIngress.direct_members")).not.toHaveProperty("default_entry");
    expect(table(json, "TestIngress.balanced")).toMatchObject({ type: "indirect_ws", max_size: 16 });
    expect(parts(json, "pipelines", "ingress", "tables", "TestIngress.balanced", "key")).toHaveLength(1);
    expect(part(json, "pipelines", "ingress", "action_profiles", "TestIngress.groups")).toMatchObject({
      max_size: 64,
      selector: {
        algo: "crc16",
        input: [
          { type: "field", value: ["ethernet", "src"] },
          { type: "field", value: ["ethernet", "dst"] },
          { type: "field", value: ["scalars", "key"] },
        ],
      },
    });
    expect(part(json, "pipelines", "ingress", "action_profiles", "TestIngress.own.implementation")).toMatchObject({
      max_size: 8,
    });
  });

  it("have counters and meters of their own, and let entries age", () => {
    const json = compiledProgram("direct-resources");
    expect(table(json, "TestIngress.flows")).toMatchObject({
      with_counters: true,
      support_timeout: true,
      direct_meters: "TestIngress.rate",
    });
    expect(part(json, "counter_arrays", 0)).toMatchObject({ is_direct: true, binding: "TestIngress.flows" });
    expect(part(json, "meter_arrays", 0)).toMatchObject({
      is_direct: true,
      binding: "TestIngress.flows",
      type: "bytes",
      rate_count: 2,
      result_target: ["scalars", "meta.color"],
    });
    expect(primitives(json, "TestIngress.forward")).toEqual(["assign"]);
  });

  it("may have no keys, and default actions with arguments", () => {
    const json = compiledProgram("keyless-table");
    expect(table(json, "TestIngress.open", "default_entry")).toMatchObject({
      action_const: false,
      action_data: ["0x7", "0x1"],
    });
    expect(table(json, "TestIngress.fixed", "default_entry")).toMatchObject({
      action_const: true,
      action_data: ["0x8", "0x0"],
    });
    expect(table(json, "TestIngress.renamed", "max_size")).toBe(2);
  });

  it("take the names that annotations give", () => {
    const json = compiledProgram("annotations");
    expect(table(json, "global_table")).toMatchObject({
      key: [{ name: "the key" }],
      actions: ["TestIngress.forward_to", "NoAction"],
      max_size: 7,
    });
    expect(part(json, "counter_arrays", 0, "name")).toBe("TestIngress.counts");
    expect(table(json, "TestIngress.inner.two")).toMatchObject({ key: [{ target: ["data", "b"] }] });
  });

  it("lead on by hit and miss", () => {
    const json = compiledProgram("hit-and-conditions");
    const next = table(json, "TestIngress.first", "next_tables");
    expect(Object.keys(next as object)).toEqual(["__HIT__", "__MISS__"]);
    expect(part(next, "__HIT__")).not.toBe(part(next, "__MISS__"));
    // && applies its table only when the left side holds.
    const conditions = parts(json, "pipelines", "ingress", "conditionals");
    expect(conditions.some((each) => part(each, "true_next") === "TestIngress.second")).toBe(true);
    expect(conditions.some((each) => part(each, "false_next") === "TestIngress.third")).toBe(true);
  });

  it("lead on by the action that was run", () => {
    const json = compiledProgram("switch-action-run");
    const next = table(json, "TestIngress.decide", "next_tables") as Record<string, string>;
    expect(next["TestIngress.b"]).toBe(next["TestIngress.c"]);
    expect(next["NoAction"]).not.toBe(next["TestIngress.a"]);
    expect(table(json, "TestIngress.decide", "base_default_next")).toBe(next["NoAction"]);
    // What follows the switch follows every case.
    const after = Object.values(next).map((name) => table(json, name, "base_default_next"));
    expect(new Set(after).size).toBe(1);
  });

  it("keep truth values in one bit, as keys and as action data", () => {
    const json = compiledProgram("compound-conditions");
    expect(table(json, "TestIngress.marks", "entries", 0, "match_key")).toEqual([
      { match_type: "exact", key: "0x01" },
      { match_type: "exact", key: "0x00" },
    ]);
    expect(part(json, "actions", "TestIngress.mark", "runtime_data", 0)).toEqual({ name: "on", bitwidth: 1 });
    expect(JSON.stringify(part(json, "actions", "TestIngress.mark", "primitives", 0))).toContain(
      '"op":"d2b","left":null,"right":{"type":"local","value":0}',
    );
  });
});
