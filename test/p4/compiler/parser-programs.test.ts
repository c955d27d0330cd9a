import { describe, expect, it } from "vitest";
import { compiledProgram, field, part, parts, state } from "./compile-program.ts";

describe("parsers", () => {
  it("extract headers and select the next state by a field, in whole bytes", () => {
    const json = compiledProgram("ipv4-router");
    expect(state(json, "start", "parser_ops")).toEqual([
      { op: "extract", parameters: [{ type: "regular", value: "ethernet" }] },
    ]);
    expect(state(json, "start", "transition_key")).toEqual([field("ethernet", "ether_type")]);
    expect(state(json, "start", "transitions")).toEqual([
      { type: "hexstr", value: "0x0800", mask: null, next_state: "parse_ipv4" },
      { type: "default", value: null, mask: null, next_state: null },
    ]);
  });

  it("extract into the next element of a stack and look at the last one", () => {
    const json = compiledProgram("header-stack");
    expect(state(json, "parse_mpls", "parser_ops", 0)).toEqual({
      op: "extract",
      parameters: [{ type: "stack", value: "mpls" }],
    });
    expect(state(json, "parse_mpls", "transition_key")).toEqual([{ type: "stack_field", value: ["mpls", "bottom"] }]);
    expect(part(json, "header_stacks", "mpls", "header_ids")).toEqual([3, 4, 5, 6]);
  });

  it("report NoMatch when no case of a select applies", () => {
    const json = compiledProgram("header-stack");
    expect(state(json, "parse_mpls", "transitions", 2)).toMatchObject({ type: "default", next_state: "no_match" });
    expect(state(json, "no_match", "parser_ops", 0)).toEqual({
      op: "verify",
      parameters: [
        { type: "bool", value: false },
        { type: "hexstr", value: "0x2" },
      ],
    });
  });

  it("extract into the members of a union, each an instance of its own", () => {
    const json = compiledProgram("header-union");
    expect(state(json, "start", "transition_key")).toEqual([{ type: "lookahead", value: [0, 8] }]);
    expect(state(json, "parse_big", "parser_ops", 0, "parameters")).toEqual([{ type: "regular", value: "option.big" }]);
    expect(part(json, "header_union_types", "option_t", "headers")).toEqual([
      ["small", "short_t"],
      ["big", "long_t"],
    ]);
    expect(part(json, "header_unions", "option", "header_ids")).toEqual([3, 4]);
  });

  it("extract into the next union of a stack", () => {
    const json = compiledProgram("union-stack");
    expect(state(json, "long", "parser_ops", 0)).toEqual({
      op: "extract",
      parameters: [{ type: "union_stack", value: ["options", "long"] }],
    });
    expect(part(json, "header_union_stacks", "options")).toMatchObject({
      union_type: "option_t",
      header_union_ids: [0, 1, 2],
    });
    expect(part(json, "header_unions", "options[1]", "header_ids")).toEqual([5, 6]);
  });

  it("give a varbit the number of bits that an expression tells", () => {
    const json = compiledProgram("varbit-options");
    expect(part(json, "header_types", "ipv4_t")).toMatchObject({ length_exp: null, max_length: 60 });
    expect(part(json, "header_types", "ipv4_t", "fields", 10)).toEqual(["options", "*"]);
    expect(state(json, "parse_ipv4", "parser_ops", 0)).toMatchObject({
      op: "set",
      parameters: [{}, { type: "lookahead", value: [0, 8] }],
    });
    expect(state(json, "parse_ipv4", "parser_ops", 1)).toMatchObject({ op: "verify" });
    expect(state(json, "parse_ipv4", "parser_ops", 2)).toMatchObject({
      op: "extract_VL",
      parameters: [
        { type: "regular", value: "ipv4" },
        { type: "expression", value: { type: "expression" } },
      ],
    });
  });

  it("turn masks, ranges and don't-cares into values and masks", () => {
    const json = compiledProgram("select-masks-ranges");
    const transitions = parts(json, "parsers", 0, "parse_states", "start", "transitions");
    expect(transitions[0]).toEqual({ type: "hexstr", value: "0x100000", mask: "0xf00000", next_state: "masked" });
    expect(transitions.slice(1, 3)).toEqual([
      { type: "hexstr", value: "0x0303e8", mask: "0xfffff8", next_state: "ranged" },
      { type: "hexstr", value: "0x0303f0", mask: "0xfffff0", next_state: "ranged" },
    ]);
    expect(transitions[3]).toEqual({ type: "hexstr", value: "0x051234", mask: null, next_state: "exactly" });
    expect(transitions[4]).toEqual({ type: "hexstr", value: "0x000007", mask: "0x00ffff", next_state: "low" });
    expect(transitions[5]).toMatchObject({ type: "default", next_state: null });
  });

  it("ask value sets, also for several keys at once", () => {
    const json = compiledProgram("value-set");
    expect(part(json, "parse_vsets")).toEqual([
      { name: "TestParser.types", id: 0, compressed_bitwidth: 16, max_size: 4 },
      { name: "TestParser.pairs", id: 1, compressed_bitwidth: 24, max_size: 8 },
    ]);
    expect(state(json, "start", "transitions", 0)).toEqual({
      type: "parse_vset",
      value: "TestParser.types",
      mask: null,
      next_state: "parse_data",
    });
  });

  it("look ahead at numbers and headers, and advance by constants and expressions", () => {
    const json = compiledProgram("lookahead-advance");
    const operations = parts(json, "parsers", 0, "parse_states", "start", "parser_ops");
    expect(operations[1]).toMatchObject({
      op: "set",
      parameters: [field("scalars", "tmp"), { type: "lookahead", value: [0, 8] }],
    });
    expect(operations).toContainEqual({
      op: "set",
      parameters: [field("meta.peeked", "c"), { type: "lookahead", value: [16, 16] }],
    });
    expect(state(json, "skip", "parser_ops")).toEqual([
      { op: "advance", parameters: [{ type: "hexstr", value: "0x00000010" }] },
      { op: "advance", parameters: [{ type: "hexstr", value: "0x00000070" }] },
    ]);
    expect(state(json, "variable", "parser_ops", 1, "parameters", 0, "type")).toBe("expression");
  });

  it("verify conditions, with errors of the program's own", () => {
    const json = compiledProgram("verify-errors");
    expect(parts(json, "errors").slice(-2)).toEqual([
      ["BadData", 7],
      ["WorseData", 8],
    ]);
    expect(state(json, "start", "parser_ops", 2, "parameters", 1)).toEqual({ type: "hexstr", value: "0x00000007" });
    expect(state(json, "start", "parser_ops", 3, "parameters", 1)).toMatchObject({ value: { op: "?" } });
    expect(state(json, "start", "transitions", 1)).toMatchObject({ value: "0x00000001", next_state: null });
  });

  it("inline parsers that are called, with the caller's headers and their own constructor arguments", () => {
    const json = compiledProgram("sub-parser");
    expect(state(json, "second", "parser_ops", 1, "parameters", 0, "value")).toBe("inner");
    expect(state(json, "second", "transitions", 0)).toMatchObject({ value: "0xff", next_state: null });
    expect(state(json, "second.more", "transitions", 0)).toMatchObject({ next_state: "second_end" });
    expect(JSON.stringify(state(json, "start.more"))).toContain('"0x03"');
  });

  it("make states of the conditions inside of states", () => {
    const json = compiledProgram("parser-statements");
    expect(state(json, "round", "transition_key")).toEqual([field("scalars", "condition")]);
    expect(state(json, "round", "transitions")).toMatchObject([
      { value: "0x01", next_state: "round_then" },
      { next_state: "round_else" },
    ]);
    expect(state(json, "round_then", "transitions", 0)).toMatchObject({ next_state: "round_after" });
  });
});

describe("deparsers", () => {
  it("send headers in the order of emit", () => {
    expect(part(compiledProgram("deparser-order"), "deparsers", 0, "order")).toEqual(["data", "ethernet"]);
  });

  it("send the elements of stacks and the members of unions one by one", () => {
    const stack = ["ethernet", "mpls[0]", "mpls[1]", "mpls[2]", "mpls[3]"];
    expect(part(compiledProgram("header-stack"), "deparsers", 0, "order")).toEqual(stack);
    const union = ["ethernet", "option.small", "option.big"];
    expect(part(compiledProgram("header-union"), "deparsers", 0, "order")).toEqual(union);
  });
});
