import { routerProgram } from "../../../src/bench/lpm-router.ts";
import {
  assign,
  binary,
  call,
  choose,
  expr,
  extract,
  extractNext,
  field,
  header,
  hex,
  type Json,
  local,
  lookahead,
  named,
  param,
  parserOp,
  ProgramBuilder,
  stack,
  stackField,
  union,
  unionStack,
  wrapped,
} from "./program-builder.ts";

/** A program, and the beginnings of packets that get far in it. */
export interface Sample {
  readonly text: string;
  readonly packets: readonly string[];
  readonly tables: number;
}

const ethernet: readonly (readonly [string, number])[] = [
  ["dst", 48],
  ["src", 48],
  ["type", 16],
];

/** A program whose parser extracts header `h` and whose ingress runs `primitives`, then sends to port 1. */
function straight(fields: Parameters<ProgramBuilder["header"]>[1], ...primitives: Json[]): string {
  return new ProgramBuilder()
    .header("h", fields)
    .parser({ start: { ops: [extract("h")] } })
    .deparser("h")
    .action("act", [], ...primitives, assign("standard_metadata.egress_spec", hex(1)))
    .run("ingress", "tbl_act", "act")
    .text();
}

const wide: readonly (readonly [string, number])[] = [
  ["a", 8],
  ["b", 13],
  ["c", 19],
  ["d", 32],
  ["e", 48],
  ["f", 64],
  ["g", 128],
  ["x", 8],
  ["y", 32],
  ["z", 48],
  ["w", 96],
  ["v", 128],
];
const f = (name: string): Json => field(`h.${name}`);

function arithmetic(): string {
  const shifts = [0, 1, 7, 31, 32, 33, 64, 100];
  return straight(
    wide,
    assign("h.x", binary(binary(f("a"), "+", f("b")), "&", hex(0xff))),
    assign("h.y", binary(binary(f("d"), "*", f("c")), "-", f("e"))),
    assign("h.z", binary(binary(f("e"), "+", f("f")), "&", hex(0xffffffffffffn))),
    assign("h.w", binary(binary(f("g"), ">>", hex(37)), "^", binary(f("f"), "<<", hex(21)))),
    assign("h.v", expr("~", binary(f("g"), "|", f("v")))),
    ...shifts.map((by) => assign("h.v", binary(f("v"), "+", binary(f("g"), ">>", hex(by))))),
    ...shifts.map((by) => assign("h.w", binary(f("w"), "-", binary(f("e"), "<<", hex(by))))),
    assign("h.e", binary(f("g"), "<<", f("a"))),
    assign("h.f", binary(f("g"), ">>", f("a"))),
    assign("h.d", binary(f("d"), "<<", f("a"))),
    assign("h.c", binary(f("d"), ">>", f("a"))),
    assign("h.b", binary(expr("-", f("b")), ">>", hex(2))),
    assign("h.y", binary(f("y"), "+", choose(binary(f("e"), "<", f("f")), f("d"), binary(f("c"), "*", f("c"))))),
    assign("h.a", expr("b2d", binary(binary(f("g"), "==", f("v")), "or", binary(f("e"), ">=", f("z"))))),
  );
}

function division(): string {
  return straight(
    wide,
    assign("h.x", binary(f("d"), "/", f("a"))),
    assign("h.y", binary(f("e"), "%", f("b"))),
    assign("h.w", binary(f("g"), "/", binary(f("a"), "+", hex(1)))),
    assign("h.z", choose(binary(f("c"), "==", hex(0)), hex(9), binary(f("f"), "%", f("c")))),
    assign("h.v", binary(f("d"), "-", binary(f("d"), "/", binary(f("b"), "-", hex(3))))),
  );
}

function signedArithmetic(): string {
  const fields = [
    ["a", 8, true],
    ["b", 16, true],
    ["c", 32, true],
    ["d", 64, true],
    ["s", 8, false, true],
    ["t", 16, true, true],
    ["u", 40, false, true],
    ["o", 32],
    ["p", 64],
  ] as const;
  return straight(
    fields,
    assign("h.s", binary(f("o"), "-", f("b"))),
    assign("h.t", binary(f("a"), "*", f("c"))),
    assign("h.u", binary(f("p"), "-", f("d"))),
    assign("h.o", binary(f("c"), ">>", hex(3))),
    assign("h.p", binary(binary(f("d"), ">>", hex(5)), "+", f("a"))),
    assign("h.a", expr("two_comp_mod", hex(8), binary(f("a"), "+", f("b")))),
    assign("h.b", expr("sat_cast", hex(12), binary(f("c"), "-", f("a")))),
    assign("h.c", expr("usat_cast", hex(20), binary(f("c"), "+", f("d")))),
    assign("h.d", expr("two_comp_mod", hex(48), binary(f("d"), "*", f("c")))),
    assign(
      "h.o",
      binary(f("o"), "+", expr("b2d", binary(binary(f("a"), "<", f("b")), "and", binary(f("d"), "<=", f("c"))))),
    ),
    assign("h.o", binary(f("o"), "|", binary(f("a"), "&", f("b")))),
  );
}

function stacks(): string {
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

function unions(): string {
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

function variable(): string {
  return new ProgramBuilder()
    .header("e", ethernet)
    .type(
      "opt_t",
      [
        ["len", 8],
        ["body", "*"],
        ["mark", 16],
      ],
      23,
    )
    .header("o", "opt_t")
    .header("p", "opt_t")
    .metadata("m", [["sum", 16]])
    .parser({
      start: {
        ops: [extract("e"), parserOp("extract_VL", header("o"), wrapped(expr("access_field", 0, header("o"))))],
        to: [[null, null]],
      },
    })
    .deparser("e", "o", "p")
    .calculation("sum", "csum16", field("e.dst"), field("o.body"), field("o.mark"), { type: "payload" })
    .calculation(
      "whole",
      "crc32",
      { type: "header", value: "o" },
      { type: "hexstr", value: "0x5", bitwidth: 3 },
      field("e.type"),
    )
    .checksum("o.mark", "sum", { if_cond: null })
    .action(
      "copy",
      [],
      call("assign_header", header("p"), header("o")),
      assign("standard_metadata.egress_spec", hex(2)),
    )
    .action(
      "move",
      [],
      call("add_header", header("p")),
      call("assign_VL", field("p.body"), field("o.body")),
      call("modify_field_with_hash_based_offset", field("e.src"), hex(7), named("calculation", "whole"), hex(0x10000)),
      call("remove_header", header("o")),
    )
    .action(
      "hash",
      [],
      call(
        "modify_field_with_hash_based_offset",
        field("m.sum"),
        field("e.type"),
        named("calculation", "whole"),
        field("e.dst"),
      ),
      assign("e.type", field("m.sum")),
    )
    .table("ingress", "t", {
      key: [
        ["ternary", "e.dst"],
        ["lpm", "e.src"],
      ],
      actions: ["copy", "move", "hash"],
    })
    .text();
}

function variableParser(): string {
  const text = variable();
  // The length comes from a byte that is looked at first, as p4c has it with a header of its own.
  const json = JSON.parse(text) as {
    parsers: { parse_states: { parser_ops: Json[] }[] }[];
    headers: Json[];
    header_types: Json[];
  };
  json.header_types.push({ name: "peek_t", id: 90, fields: [["n", 8]] });
  json.headers.push({ name: "peek", id: json.headers.length, header_type: "peek_t", metadata: true });
  const ops = json.parsers[0]?.parse_states[0]?.parser_ops;
  ops?.splice(
    1,
    1,
    parserOp("set", field("peek.n"), lookahead(0, 8)),
    parserOp("verify", binary(field("peek.n"), "<", hex(0xf0)), hex(3)),
    parserOp("extract_VL", { type: "regular", value: "o" }, wrapped(binary(field("peek.n"), "*", hex(4)))),
    parserOp("advance", hex(8)),
  );
  return JSON.stringify(json);
}

/** Headers that say how long they are, as P4_14 has them: a checked number of words, more or fewer bytes. */
function selfSized(): string {
  const length = binary(binary(binary(local(1), "*", hex(4)), "+", local(0)), "*", hex(8));
  return new ProgramBuilder()
    .header("e", ethernet)
    .type(
      "opt_t",
      [
        ["more", 4, true],
        ["words", 12],
        ["body", "*"],
        ["mark", 16],
      ],
      23,
      wrapped(length),
    )
    .header("o", "opt_t")
    .stack("os", "opt_t", 2)
    .parser({
      start: {
        ops: [extract("e"), extract("o")],
        key: [field("o.words")],
        to: [
          ["0x0001", "first"],
          [null, null],
        ],
      },
      first: {
        ops: [extractNext("os")],
        key: [stackField("os", "mark")],
        to: [
          ["0x0000", "first"],
          [null, null],
        ],
      },
    })
    .deparser("e", "os[1]", "os[0]", "o")
    .action("copy", [], call("assign_header", header("os[1]"), header("o")))
    .action("error", [["port", 9]], assign("e.type", field("standard_metadata.parser_error")))
    .table("ingress", "t", { key: [["lpm", "e.src"]], actions: ["copy", "error"], default: "copy" })
    .text();
}

function state(): string {
  return new ProgramBuilder()
    .header("h", [
      ["i", 8],
      ["a", 32],
      ["b", 48],
      ["c", 80],
    ])
    .parser({ start: { ops: [extract("h")] } })
    .deparser("h")
    .register("r8", 4, 7)
    .register("r32", 4, 32)
    .register("r80", 4, 80)
    .counter("cnt", 4)
    .meter("mtr", 4)
    .action(
      "registers",
      [],
      call("register_read", field("h.c"), named("register_array", "r80"), field("h.i")),
      call(
        "register_write",
        named("register_array", "r80"),
        binary(field("h.i"), "+", hex(1)),
        wrapped(binary(field("h.c"), "+", field("h.b"))),
      ),
      call("register_write", named("register_array", "r8"), field("h.i"), field("h.a")),
      call(
        "register_write",
        named("register_array", "r32"),
        hex(2),
        wrapped(binary({ type: "register", value: ["r32", hex(2)] }, "+", hex(1))),
      ),
      call("register_read", field("h.a"), named("register_array", "r8"), hex(1)),
      call("count", named("counter_array", "cnt"), field("h.i")),
      call("modify_field_rng_uniform", field("h.b"), field("h.i"), hex(0xffffffffffn)),
      call("execute_meter", named("meter_array", "mtr"), field("h.i"), field("h.i")),
      call(
        "log_msg",
        { type: "string", value: "a {} b {}" },
        { type: "parameters_vector", value: [field("h.a"), field("h.b")] },
      ),
      assign("standard_metadata.egress_spec", hex(1)),
    )
    .action("bad", [], assign("h.a", { type: "register", value: ["r8", field("h.i")] }))
    .action("claim", [], call("assert", wrapped(binary(field("h.a"), ">", hex(2)))), call("truncate", field("h.i")))
    .table("ingress", "t", {
      key: [["exact", "h.a"]],
      actions: ["registers", "bad", "claim"],
      next: { registers: null, bad: "tbl", claim: "tbl" },
      size: 6,
      more: { with_counters: true },
    })
    .run("ingress", "tbl", "registers")
    .text();
}

function jumps(): string {
  return straight(
    wide,
    call("_jump_if_zero", wrapped(binary(f("a"), "&", hex(1))), hex(3)),
    assign("h.x", hex(1)),
    call("_jump", hex(4)),
    assign("h.x", hex(2)),
    assign("h.a", binary(f("a"), "-", hex(1))),
    call("_jump_if_zero", wrapped(binary(f("a"), "&", hex(7))), hex(7)),
    call("_jump", hex(4)),
    call("_jump_if_zero", f("b"), binary(f("c"), "&", hex(31))),
    call("exit"),
  );
}

function matching(): string {
  return new ProgramBuilder()
    .header("h", [
      ["a", 8],
      ["b", 13],
      ["c", 3],
      ["d", 48],
      ["e", 128],
    ])
    .header("g", [["k", 8]])
    .parser({
      start: {
        ops: [extract("h")],
        key: [field("h.a"), field("h.c")],
        to: [
          ["vs", "more"],
          ["0x0007", null],
          [null, "more"],
        ],
      },
      more: { ops: [extract("g")] },
    })
    .valueSet("vs", 11)
    .deparser("h", "g")
    .action(
      "mark",
      [
        ["v", 8],
        ["w", 60],
      ],
      assign("h.a", local(0)),
      assign("h.d", binary(local(1), ">>", hex(9))),
    )
    .action("send", [["p", 9]], assign("standard_metadata.egress_spec", param(0)))
    .action("drop", [], call("mark_to_drop", header("standard_metadata")))
    .table("ingress", "exact", {
      key: [
        ["exact", "h.b"],
        ["exact", "h.e"],
        ["exact", "g.$valid$"],
      ],
      actions: ["mark", "send", "drop"],
      default: "drop",
      next: { __HIT__: "lpm", __MISS__: "ternary" },
    })
    .table("ingress", "lpm", {
      key: [
        ["lpm", "h.e"],
        ["exact", "h.c"],
      ],
      actions: ["mark", "send"],
      default: null,
      next: { mark: "ternary", send: "range" },
      more: { base_default_next: "range" },
    })
    .table("ingress", "ternary", {
      key: [
        ["ternary", "h.d", "0xffffffffff"],
        ["exact", "h.a"],
        ["lpm", "h.b"],
      ],
      actions: ["mark", "send"],
      default: "send",
      defaultData: ["0x4"],
      next: { mark: "range", send: "range" },
    })
    .table("ingress", "range", {
      key: [
        ["range", "h.b"],
        ["ternary", "g.k"],
        ["range", "h.e"],
      ],
      actions: ["mark", "send", "drop"],
      default: null,
      size: 5,
    })
    .text();
}

function profiles(): string {
  const selector = { algo: "crc32", input: [field("h.a"), field("g.x"), field("standard_metadata.ingress_port")] };
  return new ProgramBuilder()
    .header("h", [
      ["a", 8],
      ["b", 16],
      ["c", 40],
    ])
    .header("g", [["x", 24]])
    .parser({
      start: {
        ops: [extract("h")],
        key: [field("h.a")],
        to: [
          ["0x01", "more"],
          [null, null],
        ],
      },
      more: { ops: [extract("g")] },
    })
    .deparser("h", "g")
    .action("mark", [["v", 40]], assign("h.c", binary(field("h.c"), "^", param(0))))
    .action(
      "send",
      [
        ["p", 9],
        ["v", 16],
      ],
      assign("standard_metadata.egress_spec", param(0)),
      assign("h.b", param(1)),
    )
    .action("only", [["v", 16]], assign("h.b", binary(field("h.b"), "+", param(0))))
    .profile("ingress", "shared", selector)
    .table("ingress", "first", {
      key: [["exact", "h.a"]],
      actions: ["mark", "send"],
      default: null,
      next: { mark: "second", send: "second" },
      more: { type: "indirect_ws", action_profile: "shared", base_default_next: "second", with_counters: true },
    })
    .table("ingress", "second", {
      key: [["ternary", "h.b"]],
      actions: ["send", "only"],
      default: null,
      next: { __HIT__: null, __MISS__: null },
      more: { type: "indirect_ws", action_profile: "shared" },
    })
    .text();
}

function copies(): string {
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

/** Programs on which compiled code and interpreter must agree. */
export const samples: Readonly<Record<string, Sample>> = {
  router: {
    text: routerProgram("lpm"),
    packets: ["0000000000010000000000020800 4500003200000000401166b90a00000100000001"],
    tables: 1,
  },
  arithmetic: { text: arithmetic(), packets: ["00".repeat(40), "ff".repeat(40), "01".repeat(20)], tables: 0 },
  division: { text: division(), packets: ["00".repeat(20), "05".repeat(40)], tables: 0 },
  "signed arithmetic": { text: signedArithmetic(), packets: ["80".repeat(20), "7f".repeat(30)], tables: 0 },
  "header stacks": {
    text: stacks(),
    packets: [
      "0000000000010000000000028100 0100010203040506 0200030203040507",
      "0000000000010000000000018100 0100010000000000 0100020000000000 0300",
    ],
    tables: 2,
  },
  "header unions": {
    text: unions(),
    packets: ["0000000000010000000000020001 0102030405060708", "0000000000010000000000010002 01 00 0102030405060708"],
    tables: 2,
  },
  "variable headers": {
    text: variableParser(),
    packets: ["0000000000010000000000020001 06 010203 0000", "0000000000010000000000020001 10 0102030405060708 a1b2"],
    tables: 1,
  },
  "headers that say their length": {
    text: selfSized(),
    packets: [
      "0000000000010000000000020001 0001 01020304 0000 1001 0102030405 0000 e002 010203040506 0001",
      "0000000000010000000000020001 8001 01020304 0000",
    ],
    tables: 1,
  },
  "registers, counters, meters": { text: state(), packets: ["00", "01 00000002", "03 00000001"], tables: 2 },
  "jumps in actions": { text: jumps(), packets: ["01 0000", "00", "09 ffff"], tables: 0 },
  "action profiles": { text: profiles(), packets: ["01 0001 0000000000 010203", "00 0000"], tables: 2 },
  "headers that are copied": {
    text: copies(),
    packets: ["01 00" + "11".repeat(36), "00 01" + "22".repeat(12), "03 01" + "11".repeat(36)],
    tables: 2,
  },
  "all kinds of matches": { text: matching(), packets: ["00 0007", "00".repeat(26), "01 0001"], tables: 4 },
};
