/** Programs with tables, cells and jumps. */
import {
  assign,
  binary,
  call,
  extract,
  field,
  header,
  hex,
  local,
  named,
  param,
  ProgramBuilder,
  wrapped,
} from "./program-builder.ts";

export function state(): string {
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

export function matching(): string {
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

export function profiles(): string {
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
