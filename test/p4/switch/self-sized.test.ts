import { expect, test } from "vitest";
import { loadProgram } from "../../../src/p4/switch/format/load.ts";
import { binary, extract, field, hex, type Json, local, assign, ProgramBuilder, wrapped } from "./program-builder.ts";
import { twins } from "./twins.ts";

/** A header whose body is `length` bits, behind a byte and a signed half byte; sent on with the parser's error. */
function program(length: Json): string {
  return new ProgramBuilder()
    .header("said", [["error", 32]])
    .type(
      "h_t",
      [
        ["words", 8],
        ["kind", 4],
        ["less", 4, true],
        ["body", "*"],
        ["end", 8],
      ],
      11,
      wrapped(length),
    )
    .header("h", "h_t")
    .parser({ start: { ops: [extract("said"), extract("h")] } })
    .deparser("said", "h")
    .action(
      "send",
      [],
      assign("said.error", field("standard_metadata.parser_error")),
      assign("h.end", hex(0xee)),
      assign("standard_metadata.egress_spec", hex(1)),
    )
    .run("ingress", "tbl", "send")
    .text();
}

const length = binary(binary(binary(local(0), "*", hex(4)), "+", local(2)), "*", hex(8));
const [compiled, interpreted] = twins(program(length));

test.each([
  ["one word less one byte", "01 af 010203 04 99", "00000000 01af 010203 ee 99"],
  ["nothing", "00 a0 04", "00000000 00a0 ee"],
  ["the longest", "02 a0 0102030405060708 04", "00000000 02a0 0102030405060708 ee"],
  ["too long for its type", "02 a1 010203040506070809 04", "HeaderTooShort 02 a1 010203040506070809 04"],
  ["more than there is", "01 a0 010203", "PacketTooShort 01 a0 010203"],
  ["cut before its length is known", "01", "PacketTooShort 01"],
  ["a negative length", "00 af 0102", "ParserInvalidArgument 00 af 0102"],
])("a header says its own length (P4_14): %s", (_, packet, expected) => {
  const { errors } = loadProgram(program(length));
  const said = expected.replace(/^[A-Z]\w+/, (name) => (errors.get(name) ?? 0).toString(16).padStart(8, "0"));
  for (const twin of [compiled, interpreted]) {
    expect(twin.packet(0, `00000000 ${packet}`)).toEqual([`1: ${said.replaceAll(" ", "")}`]);
  }
});

test("a length of fields that come later, or without a field that varies, is refused", () => {
  expect(() => loadProgram(program(local(3)))).toThrow("header type 'h_t': Invalid reference to parameter 3");
  const fixed = program(length).replace('["body","*"]', '["body",8]');
  expect(() => loadProgram(fixed)).toThrow("header type 'h_t': length_exp without a field of variable length");
});
