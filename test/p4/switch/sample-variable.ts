/** Programs with headers of variable length. */
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
  local,
  lookahead,
  named,
  parserOp,
  ProgramBuilder,
  stackField,
  union,
  unionStack,
  wrapped,
} from "./program-builder.ts";

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

export function variableParser(): string {
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
export function selfSized(): string {
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

/** A stack of unions whose members vary in length: one is told its length, one says it itself. */
export function variableUnions(): string {
  const words = binary(local(1), "*", hex(32));
  const length = wrapped(binary(field("m.length"), "*", hex(8)));
  const next = (op: string, member: string, ...more: readonly Json[]): Json =>
    parserOp(op, { type: "union_stack", value: ["us", member] }, ...more);
  return new ProgramBuilder()
    .header("e", ethernet)
    .type("end_t", [["kind", 8]])
    .type(
      "text_t",
      [
        ["kind", 8],
        ["length", 8],
        ["body", "*"],
      ],
      7,
    )
    .type(
      "words_t",
      [
        ["kind", 8],
        ["count", 8],
        ["body", "*"],
        ["mark", 8],
      ],
      11,
      wrapped(words),
    )
    .unionType("u_t", [
      ["end", "end_t"],
      ["text", "text_t"],
      ["words", "words_t"],
    ])
    .unionStack("us", "u_t", 3)
    .union("o", "u_t")
    .metadata("m", [["length", 8]])
    .parser({
      start: { ops: [extract("e")], to: [[null, "option"]] },
      option: {
        key: [lookahead(0, 8)],
        to: [
          ["0x00", "end"],
          ["0x01", "text"],
          ["0x02", "words"],
          [null, null],
        ],
      },
      end: { ops: [next("extract", "end")] },
      text: {
        ops: [parserOp("set", field("m.length"), lookahead(8, 8)), next("extract_VL", "text", length)],
        to: [[null, "option"]],
      },
      words: {
        ops: [next("extract", "words")],
        key: [{ type: "union_stack_field", value: ["us", "words", "mark"] }],
        to: [
          ["0xff", null],
          [null, "option"],
        ],
      },
    })
    .deparser("e", ...[0, 1, 2].flatMap((at) => ["end", "text", "words"].map((member) => `us[${at}].${member}`)))
    .action("push", [], call("push", unionStack("us"), hex(1)))
    .action("pop", [], call("pop", unionStack("us"), hex(1)))
    .action(
      "swap",
      [],
      call("assign_union", union("o"), expr("dereference_union_stack", hex(1), unionStack("us"))),
      call(
        "assign_union",
        expr("dereference_union_stack", hex(1), unionStack("us")),
        expr("dereference_union_stack", hex(0), unionStack("us")),
      ),
      call("assign_union", expr("dereference_union_stack", hex(0), unionStack("us")), union("o")),
    )
    .action("error", [], assign("e.src", field("standard_metadata.parser_error")))
    .action("send", [], assign("standard_metadata.egress_spec", hex(1)))
    .table("ingress", "t", {
      key: [["exact", "e.type"]],
      actions: ["push", "pop", "swap", "error"],
      default: "error",
      next: Object.fromEntries(["push", "pop", "swap", "error"].map((name) => [name, "out"])),
    })
    .run("ingress", "out", "send")
    .text();
}
