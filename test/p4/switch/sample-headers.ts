/** Programs with stacks, unions and copies of headers. */
import { ethernet } from "./ethernet-fields.ts";
import {
  assign,
  binary,
  call,
  expr,
  extract,
  extractNext,
  field,
  header,
  hex,
  type Json,
  lookahead,
  param,
  parserOp,
  ProgramBuilder,
  stack,
  stackField,
  union,
  unionStack,
} from "./program-builder.ts";

export function stacks(): string {
  const builder = new ProgramBuilder()
    .header("e", ethernet)
    .type("tag_t", [
      ["more", 8],
      ["id", 16],
      ["rest", 40],
    ])
    .stack("s", "tag_t", 3)
    .stack("t", "tag_t", 3)
    .metadata("m", [
      ["i", 8],
      ["last", 64],
      ["v", 40],
    ])
    .parser({
      start: {
        ops: [extract("e")],
        key: [field("e.type")],
        to: [
          ["0x8100", "tags"],
          [null, null],
        ],
      },
      tags: {
        ops: [extractNext("s"), parserOp("set", field("m.v"), stackField("s", "rest"))],
        key: [stackField("s", "more"), lookahead(0, 8)],
        to: [
          ["0x0105", null],
          ["0x0100", "tags", "0xff00"],
          ["0x0200", null, "0xff00"],
          [null, "tags"],
        ],
      },
    })
    .deparser("e", "s[0]", "s[1]", "s[2]", "t[0]", "t[1]", "t[2]");
  const element = (index: Json): Json => expr("dereference_header_stack", index, stack("s"));
  const elementField = (index: Json, at: number): Json => expr("access_field", at, element(index));
  return builder
    .action(
      "push",
      [],
      call("push", stack("s"), hex(1)),
      call("add_header", header("s[0]")),
      assign("s[0].id", field("e.type")),
    )
    .action("pop", [], call("pop", stack("s"), hex(2)))
    .action("copy", [], call("assign_header_stack", stack("t"), stack("s")), call("remove_header", header("s[1]")))
    .action(
      "dynamic",
      [["i", 8]],
      assign(
        elementField(binary(field("e.src"), "&", hex(3)), 1),
        binary(elementField(param(0), 1), "+", field("m.v")),
      ),
      assign("e.dst", elementField(expr("last_stack_index", stack("s")), 2)),
    )
    .action(
      "sizes",
      [],
      assign("m.last", expr("last_stack_index", stack("s"))),
      assign("e.dst", binary(field("m.last"), "+", expr("size_stack", stack("s")))),
    )
    .action("same", [], assign("e.src", expr("b2d", binary(header("s[0]"), "==", header("s[1]")))))
    .action("send", [["port", 9]], assign("standard_metadata.egress_spec", param(0)))
    .table("ingress", "ops", {
      key: [
        ["exact", "s[0].$valid$"],
        ["ternary", "e.dst"],
      ],
      actions: ["push", "pop", "copy", "dynamic", "sizes", "same"],
      default: "sizes",
      next: Object.fromEntries(["push", "pop", "copy", "dynamic", "sizes", "same"].map((name) => [name, "fwd"])),
    })
    .table("ingress", "fwd", { key: [["range", "e.type"]], actions: ["send"], default: null })
    .text();
}

export function unions(): string {
  return new ProgramBuilder()
    .header("e", ethernet)
    .type("small_t", [["a", 8]])
    .type("big_t", [
      ["a", 24],
      ["b", 40],
    ])
    .unionType("u_t", [
      ["small", "small_t"],
      ["big", "big_t"],
    ])
    .union("u", "u_t")
    .union("o", "u_t")
    .unionStack("us", "u_t", 2)
    .parser({
      start: {
        ops: [extract("e")],
        key: [field("e.type"), lookahead(0, 8)],
        to: [
          ["0x000101", "small"],
          ["0x000100", "big", "0xffff00"],
          ["0x000200", "stack", "0xffff00"],
          [null, null],
        ],
      },
      small: { ops: [extract("u.small")] },
      big: { ops: [extract("u.small"), extract("u.big")] },
      stack: {
        ops: [parserOp("extract", { type: "union_stack", value: ["us", "small"] })],
        key: [{ type: "union_stack_field", value: ["us", "small", "a"] }],
        to: [
          ["0x00", "more"],
          ["0x01", "stack"],
          [null, null],
        ],
      },
      more: { ops: [parserOp("extract", { type: "union_stack", value: ["us", "big"] })] },
    })
    .deparser("e", "u.small", "u.big", "o.small", "o.big", "us[0].small", "us[0].big", "us[1].small", "us[1].big")
    .action("copy", [], call("assign_union", union("o"), union("u")))
    .action("push", [], call("push", unionStack("us"), hex(1)), call("add_header", header("us[0].big")))
    .action("pop", [], call("pop", unionStack("us"), binary(field("e.dst"), "&", hex(3))))
    .action("switch", [], call("add_header", header("u.big")), assign("u.big.b", field("e.src")))
    .action(
      "stack",
      [],
      call(
        "assign_union",
        expr("dereference_union_stack", binary(field("e.dst"), "&", hex(3)), unionStack("us")),
        union("u"),
      ),
    )
    .action(
      "valid",
      [],
      assign(
        "e.src",
        expr("b2d", binary(expr("valid_union", union("u")), "and", binary(union("u"), "!=", union("o")))),
      ),
    )
    .action("send", [["port", 9]], assign("standard_metadata.egress_spec", param(0)))
    .table("ingress", "ops", {
      key: [["lpm", "e.dst"]],
      actions: ["copy", "switch", "stack", "valid", "push", "pop"],
      next: Object.fromEntries(["copy", "switch", "stack", "valid", "push", "pop"].map((name) => [name, "again"])),
    })
    .table("ingress", "again", {
      key: [
        ["exact", "u.big.$valid$"],
        ["lpm", "e.src"],
      ],
      actions: ["copy", "valid", "send"],
      default: "valid",
      more: { with_counters: true },
    })
    .text();
}

export function copies(): string {
  return new ProgramBuilder()
    .header("h", [
      ["op", 8],
      ["at", 8],
    ])
    .type("t_t", [
      ["x", 16],
      ["y", 80],
    ])
    .unionType("u_t", [
      ["one", "t_t"],
      ["two", "t_t"],
    ])
    .stack("s", "t_t", 2)
    .union("u", "u_t")
    .parser({
      start: {
        ops: [extract("h"), extractNext("s")],
        key: [field("h.op")],
        to: [
          ["0x00", null, "0x01"],
          [null, "more"],
        ],
      },
      more: { ops: [extract("u.one"), extractNext("s")] },
    })
    .deparser("h", "s[0]", "s[1]", "u.one", "u.two")
    .action("within", [], call("assign_header", header("u.two"), header("u.one")))
    .action("in", [], call("assign_header", header("u.one"), header("s[1]")))
    .action(
      "out",
      [],
      call(
        "assign_header",
        expr("dereference_header_stack", field("h.at"), stack("s")),
        expr("access_union_header", 1, union("u")),
      ),
    )
    .action(
      "push",
      [],
      call("push", stack("s"), field("h.at")),
      call("add_header", expr("access_union_header", 0, union("u"))),
    )
    .action("pop", [], call("pop", stack("s"), field("h.at")), call("remove_header", header("u.two")))
    .action("same", [], assign("h.at", expr("b2d", binary(header("u.one"), "==", header("s[0]")))))
    .action("send", [], assign("standard_metadata.egress_spec", hex(3)))
    .table("ingress", "a", {
      key: [["exact", "h.op"]],
      actions: ["within", "in", "out", "push", "pop", "same"],
      next: Object.fromEntries(["within", "in", "out", "push", "pop", "same"].map((name) => [name, "b"])),
    })
    .table("ingress", "b", {
      key: [
        ["range", "h.at"],
        ["exact", "u.two.$valid$"],
      ],
      actions: ["within", "in", "out", "same"],
      next: Object.fromEntries(["within", "in", "out", "same"].map((name) => [name, "c"])),
    })
    .run("ingress", "c", "send")
    .text();
}
