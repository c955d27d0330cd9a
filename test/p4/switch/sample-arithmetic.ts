/** Programs that calculate. */
import {
  assign,
  binary,
  call,
  choose,
  expr,
  extract,
  field,
  hex,
  type Json,
  ProgramBuilder,
  wrapped,
} from "./program-builder.ts";

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

export function arithmetic(): string {
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

export function division(): string {
  return straight(
    wide,
    assign("h.x", binary(f("d"), "/", f("a"))),
    assign("h.y", binary(f("e"), "%", f("b"))),
    assign("h.w", binary(f("g"), "/", binary(f("a"), "+", hex(1)))),
    assign("h.z", choose(binary(f("c"), "==", hex(0)), hex(9), binary(f("f"), "%", f("c")))),
    assign("h.v", binary(f("d"), "-", binary(f("d"), "/", binary(f("b"), "-", hex(3))))),
  );
}

export function signedArithmetic(): string {
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

export function jumps(): string {
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
