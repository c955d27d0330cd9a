import { describe, expect, it } from "vitest";
import { compiledProgram, field, part, parts, primitives } from "./compile-program.ts";

/** All primitives of a program with this operator, their parameters. */
function uses(json: unknown, operator: string): readonly unknown[] {
  return parts(json, "actions")
    .flatMap((action) => parts(action, "primitives"))
    .filter((primitive) => part(primitive, "op") === operator)
    .map((primitive) => part(primitive, "parameters"));
}

describe("v1model's externs", () => {
  it("checksums have a calculation, a target and a condition", () => {
    const json = compiledProgram("ipv4-router");
    expect(parts(json, "checksums").map((each) => [part(each, "verify"), part(each, "update")])).toEqual([
      [true, false],
      [false, true],
    ]);
    expect(part(json, "checksums", 0)).toMatchObject({
      target: ["ipv4", "checksum"],
      type: "generic",
      calculation: "calc",
      if_cond: { type: "expression", value: { op: "d2b", right: field("ipv4", "$valid$") } },
    });
    expect(part(json, "calculations", "calc")).toMatchObject({ algo: "csum16" });
    expect(parts(json, "calculations", "calc", "input")).toHaveLength(11);
  });

  it("checksums may go over the payload and numbers, and conditions around them are theirs", () => {
    const json = compiledProgram("checksum-payload");
    const input = parts(json, "calculations", "calc", "input");
    expect(input.at(-1)).toEqual({ type: "payload", value: null });
    expect(input[2]).toEqual({ type: "hexstr", value: "0x00", bitwidth: 8 });
    expect(input[4]).toEqual(field("scalars", "meta.udp_length"));
    expect(part(json, "checksums", 0, "if_cond")).toMatchObject({ value: { op: "and" } });
    expect(part(json, "checksums", 1, "if_cond")).toEqual({ type: "bool", value: true });
  });

  it("registers, counters and meters are arrays that primitives name", () => {
    const json = compiledProgram("registers-counters-meters");
    expect(part(json, "register_arrays")).toMatchObject([
      { name: "TestIngress.totals", size: 16, bitwidth: 32 },
      { name: "TestIngress.signed_cells", size: 4, bitwidth: 16 },
    ]);
    expect(part(json, "counter_arrays", 0)).toMatchObject({ name: "TestIngress.by_port", size: 512, is_direct: false });
    expect(part(json, "meter_arrays", 0)).toMatchObject({ name: "TestIngress.limits", size: 512, type: "packets" });
    const array = { type: "register_array", value: "TestIngress.totals" };
    expect(uses(json, "register_read")[0]).toEqual([
      field("scalars", "TestIngress.total"),
      array,
      field("scalars", "TestIngress.index"),
    ]);
    expect(uses(json, "register_write")[0]).toEqual([
      array,
      field("scalars", "TestIngress.index"),
      field("scalars", "TestIngress.total"),
    ]);
    expect(uses(json, "count")[0]).toEqual([
      { type: "counter_array", value: "TestIngress.by_port" },
      field("standard_metadata", "ingress_port"),
    ]);
    expect(uses(json, "execute_meter")[0]).toMatchObject([{}, {}, field("scalars", "meta.color")]);
  });

  it("results that go into a part of a field go through a variable", () => {
    const json = compiledProgram("registers-counters-meters");
    const [, , third] = uses(json, "register_read");
    expect(part(third, 0)).toEqual(field("scalars", "tmp"));
  });

  it("hashes have a base, a calculation and a size", () => {
    const json = compiledProgram("hash-random");
    expect(uses(json, "modify_field_with_hash_based_offset")[0]).toEqual([
      field("scalars", "TestIngress.slot"),
      { type: "hexstr", value: "0x0000" },
      { type: "calculation", value: "calc" },
      { type: "hexstr", value: "0x0004" },
    ]);
    expect(part(json, "calculations", "calc", "input", 2)).toEqual({ type: "hexstr", value: "0x06", bitwidth: 8 });
    expect(part(json, "calculations", "calc_0", "input")).toEqual([
      { type: "header", value: "data" },
      field("scalars", "tmp"),
    ]);
    expect(part(json, "calculations", "calc_1", "algo")).toBe("identity");
    expect(uses(json, "modify_field_rng_uniform")).toEqual([
      [field("data", "a"), { type: "hexstr", value: "0x0a" }, { type: "hexstr", value: "0x14" }],
      [field("scalars", "meta.wide"), { type: "hexstr", value: "0x00000000" }, field("data", "c")],
    ]);
  });

  it("digests take copies of what they tell", () => {
    const json = compiledProgram("digest");
    expect(primitives(json, "TestIngress.learn")).toEqual(["assign", "assign", "generate_digest"]);
    expect(part(json, "learn_lists", 0)).toMatchObject({ id: 1, name: "learn_t" });
    expect(parts(json, "learn_lists", 0, "elements")).toEqual([field("scalars", "tmp"), field("scalars", "tmp_0")]);
    expect(uses(json, "generate_digest")).toEqual([
      [
        { type: "hexstr", value: "0x00000001" },
        { type: "hexstr", value: "0x1" },
      ],
      [
        { type: "hexstr", value: "0x00000002" },
        { type: "hexstr", value: "0x2" },
      ],
    ]);
  });

  it("clones keep the fields of their list, and none without one", () => {
    const json = compiledProgram("clone-field-lists");
    const list = (id: number): unknown => parts(json, "field_lists").find((each) => part(each, "id") === id);
    const [first, second] = uses(json, "clone_ingress_pkt_to_egress");
    expect(part(first, 0)).toEqual({ type: "hexstr", value: "0x00000005" });
    expect(part(list(Number(part(first, 1, "value"))), "elements")).toEqual([
      field("scalars", "meta.kept"),
      field("scalars", "meta.inner.also"),
      field("scalars", "meta.whole.also"),
    ]);
    expect(part(list(Number(part(second, 1, "value"))), "elements")).toEqual([]);
    const [egress] = uses(json, "clone_egress_pkt_to_egress");
    expect(part(list(Number(part(egress, 1, "value"))), "elements")).toEqual([
      field("scalars", "meta.inner.also"),
      field("scalars", "meta.whole.also"),
      field("scalars", "meta.whole.gone"),
    ]);
  });

  it("resubmit and recirculate name a list that is never 0", () => {
    const json = compiledProgram("resubmit-recirculate");
    expect(uses(json, "resubmit")).toEqual([[{ type: "hexstr", value: "0x1" }]]);
    expect(uses(json, "recirculate")).toEqual([[{ type: "hexstr", value: "0x1" }]]);
    expect(part(json, "field_lists", 0, "elements")).toEqual([field("scalars", "meta.round")]);
  });

  it("assert, assume, log_msg and truncate are primitives", () => {
    const json = compiledProgram("truncate-assert-log");
    expect(uses(json, "assert")[0]).toMatchObject([{ type: "expression", value: { value: { op: "b2d" } } }]);
    expect(uses(json, "assume")).toHaveLength(1);
    expect(uses(json, "log_msg")).toEqual([
      [
        { type: "string", value: "a packet" },
        { type: "parameters_vector", value: [] },
      ],
      [
        { type: "string", value: "a = {}, sum = {}" },
        { type: "parameters_vector", value: [field("data", "a"), field("scalars", "tmp")] },
      ],
    ]);
    expect(uses(json, "truncate")).toEqual([[{ type: "hexstr", value: "0x00000020" }]]);
  });

  it("standard_metadata has the fields and aliases that the target asks for", () => {
    const json = compiledProgram("ipv4-router");
    const fields = parts(json, "header_types", "standard_metadata_t", "fields").map((each) => part(each, 0));
    expect(fields).toEqual(
      expect.arrayContaining(["ingress_port", "packet_length", "instance_type", "egress_spec", "egress_port"]),
    );
    expect(parts(json, "field_aliases")).toContainEqual([
      "intrinsic_metadata.mcast_grp",
      ["standard_metadata", "mcast_grp"],
    ]);
  });
});
