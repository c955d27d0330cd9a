import { describe, expect, it } from "vitest";
import { describeDiagnostic } from "../../../src/p4/compiler/index.ts";
import { messages, tryCompile } from "./compile-program.ts";

/** A program around the body of an ingress control (from line 10 on) and what is declared before it. */
function program({ body = "apply { }", before = "", parser = "transition accept;" }): string {
  return `#include <v1model.p4>
header h_t { bit<8> a; bit<16> b; }
struct headers_t { h_t h; h_t[2] stack; }
struct metadata_t { bit<8> x; bool flag; }
${before}
parser P(packet_in packet, out headers_t hdr, inout metadata_t meta, inout standard_metadata_t standard) {
    state start { packet.extract(hdr.h); ${parser} }
}
control I(inout headers_t hdr, inout metadata_t meta, inout standard_metadata_t standard) {
${body}
}
control C(inout headers_t hdr, inout metadata_t meta) { apply { } }
control E(inout headers_t hdr, inout metadata_t meta, inout standard_metadata_t standard) { apply { } }
control D(packet_out packet, in headers_t hdr) { apply { packet.emit(hdr.h); } }
V1Switch(P(), C(), I(), E(), C(), D()) main;
`;
}

/** What is said about one statement of an apply block, without its place. */
function about(statement: string): readonly string[] {
  return messages(program({ body: `apply {\n${statement}\n}` })).map((message) => message.replace(/^\d+: /, ""));
}

describe("errors", () => {
  it("carry file, line, column, the lines around and a hint", () => {
    const { json, diagnostics } = tryCompile(program({ body: "apply {\n    meta.y = 1;\n}" }), "router.p4");
    expect(json).toBeUndefined();
    expect(diagnostics.map(describeDiagnostic)).toEqual([
      [
        'router.p4:11:10: error: metadata_t has no field "y"',
        "     9 | control I(inout headers_t hdr, inout metadata_t meta, inout standard_metadata_t standard) {",
        "    10 | apply {",
        "  > 11 |     meta.y = 1;",
        "       |          ^",
        "    12 | }",
        '  hint: did you mean "x"?',
      ].join("\n"),
    ]);
  });

  it("are all told at once, those of syntax and of types, in the order of the text", () => {
    const text = program({
      before: "struct broken { bit<8> x bit<8> y; }",
      body: `    action one() { meta.x = hdr.h.b; }
    table t { key = { hdr.h.c: exact; } actions = { one; two; } size = ; }
    apply {
        if (meta.x) { one() }
        t.aply();
    }`,
      parser: "transition selct;",
    });
    expect(messages(text)).toEqual([
      '5: error: expected ";" after the field, found "bit"',
      '7: error: there is no state "selct" here',
      "10: error: what is assigned is bit<8>, found bit<16>",
      '11: error: h_t has no field "c"',
      '11: error: there is no action "two" here',
      '11: error: expected an expression, found ";"',
      "13: error: the condition is bool, found bit<8>",
      '13: error: expected ";" at the end of the statement, found "}"',
      '14: error: table t has no method "aply"',
    ]);
  });

  it("say nothing twice about what is wrong already", () => {
    expect(about("meta.x = nothing + nothing.here[3:0] * (bit<8>)nothing;")).toEqual([
      'error: there is no name "nothing" here',
      'error: there is no name "nothing" here',
      'error: there is no name "nothing" here',
    ]);
  });

  it.each([
    ["meta.x = 8w1 + 16w2;", "error: + needs two operands of one type, found bit<8> and bit<16>"],
    ["meta.x = true;", "error: what is assigned is bit<8>, found bool"],
    ["if (meta.x) { }", "error: the condition is bool, found bit<8>"],
    ["meta.x[8:0] = 1;", "error: bit<8> has the bits 7 to 0, found [8:0]"],
    ["meta.x = meta.x[0:3][0:0];", "error: a slice is written [high:low], found [0:3]"],
    ["hdr.stack[2].a = 1;", "error: the stack has the elements 0 to 1, found 2"],
    ["meta.x = hdr.stack.last.a;", "error: last of a stack has a meaning in parsers only"],
    ["hdr.h.isValid;", 'error: expected an assignment or a call, found ";"'],
    ["meta.x = 1 / 0;", "error: a division by zero"],
    ["meta.x = (bit<8>)hdr.h;", "error: h_t cannot be cast to bit<8>"],
    ["meta.x = -(meta.flag ? 1 : 2) << meta.x;", "error: a number that is shifted at run time needs a width"],
    ["hdr.h = { 1, 2, 3 };", "error: what is assigned is h_t, found tuple<int, int, int>"],
    ["hdr.h = { b = 1, c = 2 };", 'error: h_t has no field "c"'],
    ["bit<8> x = 1; bit<8> x = 2; meta.x = x;", "error: x is declared twice"],
    ["int y = 3;", "error: a variable has a width"],
    ["standard.nothing();", 'error: standard_metadata_t has no method "nothing"'],
    ["mark_to_drop(meta);", "error: the argument standard_metadata is inout standard_metadata_t, found metadata_t"],
    ["truncate();", "error: truncate takes 1 argument, found 0"],
    ["hash(meta.x, HashAlgorithm.crc61, 0, { 8w1 }, 10);", 'error: there is no member of HashAlgorithm "crc61" here'],
    ["random(1, 2, 3);", "error: the out argument has to be a variable, a field or a part of one"],
    ["standard.parser_error = error.Strange;", 'error: there is no error "Strange" here'],
    [
      "for (bit<8> i = 0; i < meta.x; i = i + 1) { }",
      "error: this loop cannot be written out: its condition depends on what is known at run time only",
    ],
    ["break;", "error: break outside of a loop"],
    ["meta.x = 8w300x;", "error: 8w300x is no number"],
    [
      "resubmit_preserving_field_list(meta.x);",
      "error: the number of a field list has to be known when the program is compiled",
    ],
    ["switch (meta.x) { 1: { } 1: { } }", "error: 1 is a case already"],
    ["packet.extract(hdr.h);", 'error: there is no name "packet" here'],
    ["C.apply(hdr);", 'error: there is no name "C" here'],
  ])("explain %s", (statement, message) => {
    expect(about(statement)).toContain(message);
  });

  it.each([
    ["meta.xx = 1;", 'did you mean "x"?'],
    ["meta.x = meta.flag;", "write condition ? 1 : 0, or cast it to bit<1>"],
    ["meta.x = hdr.h.b;", "cast it: (bit<8>) value"],
    ["meta.flag = meta.x;", "compare it: value != 0"],
  ])("give a hint for %s", (statement, hint) => {
    const found = tryCompile(program({ body: `apply {\n${statement}\n}` })).diagnostics[0];
    expect(found?.severity).toBe("error");
    expect(found?.hint).toBe(hint);
  });

  it.each([
    ["header h2_t { bit<7> a; } struct use_t { h2_t h; }", undefined],
    ["header h2_t { h_t h; }", "a header cannot have a field of type h_t"],
    ["header_union u_t { bit<8> x; }", "a header union cannot have a field of type bit<8>"],
    ["struct s_t { bit<8> x; bit<8> x; }", "s_t has two fields x"],
    ["enum bit<4> e_t { one = 1, two }", "two needs a value"],
    ["bit<8> f(in bit<8> x) { if (x == 1) { return 1; } }", "f does not always return a value"],
    ["const bit<8> c = f(3);", 'there is no function or action "f" here'],
    [
      "bit<8> f(in bit<8> x) { return x; } const bit<8> c = f(3);",
      "the value of c has to be known when the program is compiled",
    ],
    ["typedef nothing_t other_t;", 'there is no type "nothing_t" here'],
    ["bit<70000> f() { return 1; }", "a width is from 0 to 65536 bits, found 70000"],
    ["#error stop here", "#error stop here"],
    ['#include "nothing.p4"', "cannot find nothing.p4"],
    ["#if 1", "this conditional is never closed"],
    ["#endif", "#endif without #if"],
    ["/* open", "this comment is never closed"],
    ['const string s = "open', "this string is never closed"],
    ["#define M(x) x\nconst bit<8> c = M(1, 2);", "the macro M takes 1 argument, found 2"],
    ["#define A B\n#if A +\n#endif", "expected an expression, found the end of the file"],
    ["bit<8> § = 1;", '"§" has no meaning in P4'],
  ])("explain declarations: %s", (before, message) => {
    const found = messages(program({ before })).map((each) => each.replace(/^\d+: error: /, ""));
    if (message === undefined) expect(found).toEqual([]);
    else expect(found).toContain(message);
  });

  it("tell what BMv2 cannot do, where the program asks for it", () => {
    const table = `    action a() { }
    table t { key = { hdr.h.a: lpm; hdr.h.b: lpm; } actions = { a; } }
    apply {
        t.apply();
        t.apply();
        recirculate_preserving_field_list(1);
    }`;
    expect(messages(program({ body: table }))).toEqual([
      "11: error: the table t has a second lpm key",
      "14: error: the table t is applied a second time",
      "15: error: recirculate_preserving_field_list has an effect in egress only",
    ]);
    const text = program({}).replace(
      "C(inout headers_t hdr, inout metadata_t meta) { apply { }",
      "C(inout headers_t hdr, inout metadata_t meta) { apply { meta.x = 1; }",
    );
    expect(messages(text)).toEqual(["12: error: BMv2 takes only calls of checksum functions in this control"]);
    expect(messages(program({}).replace("packet.emit(hdr.h)", "if (hdr.h.a == 1) { packet.emit(hdr.h); }"))).toEqual([
      "14: error: BMv2 has no conditions in a deparser",
    ]);
    expect(messages(program({}).replace("bit<16> b;", "bit<15> b;"))).toEqual([
      "2: error: the header h_t has 23 bits, which are no whole bytes",
    ]);
  });

  it("about headers that BMv2 cannot keep come with those of types, in the order of the text", () => {
    const before = `header odd_t { bit<15> a; } header two_t { varbit<8> a; varbit<8> b; } header broken_t { bit<3> a; none_t b; }
struct more_t { tuple<odd_t> odd; two_t[2] two; broken_t broken; }
header ahead_t { bit<4> version; } header given_t<T> { T value; bit<8> rest; }
header_union u_t { given_t<bit<7>> odd; }`;
    const body = `apply { bit<8> y = hdr.none; more_t more; u_t u; }`;
    const parser = "transition select(packet.lookahead<ahead_t>().version) { 4: accept; }";
    const wrong = program({ before, body }).replace("bit<16> b;", "bit<15> b;");
    expect(messages(wrong)).toEqual([
      "2: error: the header h_t has 23 bits, which are no whole bytes",
      "5: error: the header odd_t has 15 bits, which are no whole bytes",
      "5: error: the header two_t has 2 varbits, BMv2 takes one",
      '5: error: there is no type "none_t" here',
      "7: error: the header given_t has 15 bits, which are no whole bytes",
      '13: error: headers_t has no field "none"',
    ]);
    expect(messages(program({ before: "header ahead_t { bit<4> version; }", parser }))).toEqual([]);
  });

  it("tell of calls that never end", () => {
    expect(messages(program({ before: "control Loop(inout bit<8> x) { apply { Loop.apply(x); } }" }))[0]).toMatch(
      /Loop/,
    );
  });

  it("ask for a main that is a V1Switch", () => {
    expect(messages("#include <v1model.p4>\n")).toEqual(["1: error: the program has no main"]);
    expect(messages("package Other(); Other() main;")).toEqual(["1: error: Other is not the package of v1model"]);
    const wrong = program({}).replace("V1Switch(P(), C(), I()", "V1Switch(P(), I(), I()");
    expect(messages(wrong)).toEqual([
      "15: error: the argument vr is a control VerifyChecksum<headers_t, metadata_t>, found I",
    ]);
  });
});

describe("warnings", () => {
  it("do not keep a program from being compiled", () => {
    const { json, diagnostics } = tryCompile(program({ body: "action unused() { }\napply { return; meta.x = 1; }" }));
    expect(json).toBeDefined();
    expect(diagnostics.map(({ severity, message }) => `${severity}: ${message}`)).toEqual([
      "warning: the action unused is never used",
      "warning: this is never reached",
    ]);
  });

  it.each([
    ["meta.x = 300;", "300 does not fit into bit<8>: bits are cut off"],
    ["bit<8> y; meta.x = y;", "y is read before anything is stored in it"],
    ["meta.x = meta.x << 8;", "a shift of bit<8> by 8 leaves nothing of it"],
  ])("tell about %s", (statement, message) => {
    expect(about(statement)).toEqual([`warning: ${message}`]);
  });

  it("tell about states and cases that are never reached, and about a missing transition", () => {
    const parser = "transition select(hdr.h.a) { _: accept; 1: accept; } }\nstate lost { ";
    expect(messages(program({ parser })).map((message) => message.replace(/^\d+: warning: /, ""))).toEqual([
      "this case is never reached: the one before takes everything",
      "the state lost has no transition: the packet is rejected",
      "no transition leads to the state lost",
    ]);
  });

  it("are right about variables that get their values on some path", () => {
    expect(about("bit<8> y; if (meta.flag) { y = 1; } else { y = 2; } meta.x = y;")).toEqual([]);
    expect(about("bit<8> y; random(y, 1, 2); meta.x = y; bit<8> z; z[3:0] = 1; meta.x = z;")).toEqual([]);
  });
});
