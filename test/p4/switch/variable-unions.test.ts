import { expect, test } from "vitest";
import { loadProgram } from "../../../src/p4/switch/format/load.ts";
import { variableUnions } from "./sample-variable.ts";
import { twins } from "./twins.ts";

const program = variableUnions();
const { errors } = loadProgram(program);
const destination = "000000000001";

/** What comes of options, where entries let type 1 push, 2 pop and 3 swap, and others show the parser's error. */
function sent(type: string, options: string): readonly (readonly string[])[] {
  return twins(program).map((twin) => {
    const table = twin.engine.state.tables[0];
    for (const [at, action] of ["push", "pop", "swap"].entries()) {
      table?.add([{ kind: "exact", value: BigInt(at + 1) }], action, [], 0, 0);
    }
    return twin.packet(0, `${destination} 000000000000 ${type} ${options}`);
  });
}

/** The packet, by both twins; `error`: the parser's. */
function both(type: string, options: string, error = "NoError"): readonly (readonly string[])[] {
  const source = (errors.get(error) ?? 0).toString(16).padStart(12, "0");
  const packet = `${destination} ${type === "0000" ? source : "000000000000"} ${type} ${options}`.replaceAll(" ", "");
  return [[`1: ${packet}`], [`1: ${packet}`]];
}

test.each([
  ["pushed down", "0001", "01 03 010203 02 01 04050607 08 00", "01 03 010203 02 01 04050607 08"],
  ["the longest, moved up", "0002", "02 02 0102030405060708 00 01 05 0102030405 00 ff", "01 05 0102030405 00 ff"],
  ["swapped", "0003", "02 01 04050607 08 01 02 0102 00 ff", "01 02 0102 02 01 04050607 08 00 ff"],
  ["empty ones", "0003", "02 00 08 01 00 02 00 ff ee", "01 00 02 00 08 02 00 ff ee"],
])("members of a stack of unions vary in length: %s", (_, type, options, expected) => {
  expect(sent(type, options)).toEqual(both(type, expected));
});

test.each([
  ["a text longer than its type", "HeaderTooShort", "01 06 010203040506"],
  ["words longer than their type", "HeaderTooShort", "02 03 010203040506070809101112 00"],
  ["a text cut short", "PacketTooShort", "01 04 010203"],
  ["words cut short", "PacketTooShort", "02 01 010203"],
  ["a fourth", "StackOutOfBounds", "01 00 02 00 08 01 01 aa 01 02 bbbb"],
  ["none", "NoError", "07"],
])("what is wrong with such members is the parser's error: %s", (_, error, options) => {
  expect(sent("0000", options)).toEqual(both("0000", options, error));
});

test("lengths have to be said where they vary, and only there", () => {
  const wrong = (from: string, to: string): (() => unknown) => {
    expect(program).toContain(from);
    return () => loadProgram(program.replace(from, to));
  };
  const text = '"op":"extract_VL","parameters":[{"type":"union_stack","value":["us","text"]}';
  expect(wrong(text, text.replace('"text"', '"end"'))).toThrow(
    "parse state 'text': extract_VL of 'us.end', which has no field of variable length",
  );
  const end = '"op":"extract","parameters":[{"type":"union_stack","value":["us","end"]}';
  expect(wrong(end, end.replace('"end"', '"text"'))).toThrow(
    "parse state 'end': extract of 'us.text', whose length varies: expected extract_VL or length_exp",
  );
  expect(wrong(end, end.replace('"end"', '"other"'))).toThrow("parse state 'end': ");
});
