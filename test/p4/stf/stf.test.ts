import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { SourceFile } from "../../../src/p4/compiler/index.ts";
import { describeFailure, failureJson, runStf, type StfResult } from "../../../src/p4/stf/index.ts";
import { loadProgram } from "../../../src/p4/switch/format/load.ts";
import { compiled, compiledProgram, programsFolder } from "../compiler/compile-program.ts";

const programs = new Map<string, ReturnType<typeof loadProgram>>();

function run(name: string, ...lines: readonly string[]): StfResult {
  const program = programs.get(name) ?? loadProgram(JSON.stringify(compiledProgram(name)));
  programs.set(name, program);
  return runStf(program, new SourceFile("test.stf", lines.join("\n")));
}

/** `line:column message` of all that is wrong with a test. */
function faults(name: string, ...lines: readonly string[]): readonly string[] {
  return run(name, ...lines).diagnostics.map(({ line, column, message }) => `${line}:${column} ${message}`);
}

/** `line message` of all that is not as expected. */
function failures(name: string, ...lines: readonly string[]): readonly string[] {
  const { diagnostics, failures: found } = run(name, ...lines);
  expect(diagnostics).toEqual([]);
  return found.map(failureJson).map(({ line, message }) => `${String(line)} ${String(message)}`);
}

const sent = "000000000001 000000000002 1234 0102000300000004";
/** Sends packets back to port 1, whatever they hold. */
const oneWay = "truncate-assert-log";

describe("a test", () => {
  test("may have comments, empty lines, capitals, and spaces anywhere in its digits", () => {
    const {
      failures: found,
      packets,
      expectations,
    } = run(
      oneWay,
      "# a comment",
      "",
      `PACKET 0 ${sent} # and another`,
      `  Expect 1 0000 0000 0001000000000002 1234 01 02 0003 0000 0004 $`,
      "\tpacket 0x0 00000000000100000000000212340102000300000004\r",
      "expect 1",
    );
    expect({ found, packets, expectations }).toEqual({ found: [], packets: 2, expectations: 2 });
  });

  test("compares from the begin, and to the end with $ only", () => {
    expect(failures(oneWay, `packet 0 ${sent}`, "expect 1 000000000001")).toEqual([]);
    expect(failures(oneWay, `packet 0 ${sent}`, "expect 1 000000000001 $")).toEqual([
      "2 another packet left by port 1",
    ]);
    expect(failures(oneWay, `packet 0 ${sent}`, `expect 1 ${sent} $`)).toEqual([]);
    expect(failures(oneWay, `packet 0 ${sent}`, `expect 1 ${sent}$`)).toEqual([]);
    expect(failures(oneWay, `packet 0 ${sent}`, `expect 1 ${sent}00`)).toEqual(["2 another packet left by port 1"]);
  });

  test("does not mind nibbles that are stars", () => {
    expect(failures(oneWay, `packet 0 ${sent}`, "expect 1 0*00*000000* ************ 12*4")).toEqual([]);
    expect(failures(oneWay, `packet 0 ${sent}`, "expect 1 0*00*000000* ************ 13*4")).toEqual([
      "2 another packet left by port 1",
    ]);
  });

  test("tells packets that are missing, and those that nobody asked for, by the port", () => {
    expect(failures(oneWay, `packet 1 ${sent}`)).toEqual(["1 a packet left by port 1 that nothing here expects"]);
    expect(failures(oneWay, `packet 0 ${sent}`, "expect 1", "expect 1")).toEqual(["3 no packet left by port 1"]);
    // A port that is not mentioned is not looked at, unless a line says that nothing left.
    expect(failures(oneWay, `packet 0 ${sent}`)).toEqual([]);
    expect(failures(oneWay, `packet 0 ${sent}`, "no_packet")).toEqual([
      "2 a packet left by port 1 that nothing here expects",
    ]);
  });

  test("compares packets of a port in their order, and ports each for itself", () => {
    const other = sent.replace("0102", "0304");
    expect(failures(oneWay, `packet 0 ${sent}`, `packet 0 ${other}`, `expect 1 ${sent}`, `expect 1 ${other}`)).toEqual(
      [],
    );
    expect(failures(oneWay, `packet 0 ${sent}`, `packet 0 ${other}`, `expect 1 ${other}`, `expect 1 ${sent}`)).toEqual([
      "3 another packet left by port 1",
      "4 another packet left by port 1",
    ]);
  });

  test("gives every fault of its text at once, each with its place", () => {
    expect(
      faults(
        "match-kinds",
        "pakcet 0 00",
        "packet zero 00",
        "packet 0 000",
        "packet 0",
        "packet 0 0g",
        "expect 1 00$ 00",
        "add",
        "add exact_keys a:",
        "add exact_keys a:1 forward(port:1",
        "add exact_keys a:1 forward(port:1) = x y",
        "check_counter x[1] packets = 5",
        "wait soon",
        "mirroring_add 5",
      ),
    ).toEqual([
      '1:1 "pakcet" is no statement',
      '2:8 expected a port, found "zero"',
      "3:1 a packet has whole bytes, found an odd number of digits",
      "4:9 expected the bytes of a packet, found the end of the line",
      '5:11 expected a hexadecimal digit, found "g"',
      '6:14 expected the end of the line, found "00"',
      "7:4 expected a table, found the end of the line",
      "8:18 expected the value of a, found the end of the line",
      '9:34 expected ",", found the end of the line',
      '10:40 expected the end of the line, found "y"',
      '11:28 expected one of == != < <= > >=, found "="',
      '12:6 expected milliseconds, found "soon"',
      "13:16 expected a port, found the end of the line",
    ]);
  });

  test("gives every name that the program does not have, and runs nothing then", () => {
    const lines = [
      "add nowhere a:1 forward(port:1)",
      "add exact_keys z:1 forward(port:1)",
      "add exact_keys a:1 fly(port:1)",
      "add exact_keys a:1 forward(gate:1)",
      "add exact_keys a:1 forward()",
      "add exact_keys a:one forward(port:1)",
      "add exact_keys a:1 forward(port:512)",
      "add longest d:1/x forward(port:1)",
      "add masked 1 a:17 forward(port:1)",
      "counter_read seen 0",
      `packet 0 ${sent}`,
    ];
    expect(faults("match-kinds", ...lines)).toEqual([
      '1:5 there is no table "nowhere"',
      '2:16 there is no key of TestIngress.exact_keys "z"',
      '3:20 there is no action of TestIngress.exact_keys "fly"',
      '4:28 there is no parameter of TestIngress.forward "gate"',
      "5:20 TestIngress.forward needs a value for port",
      '6:18 expected a number (decimal, 0x…, 0b…, 0o… or 10.0.0.1), found "one"',
      '7:33 expected a number of at most 9 bits, found "512"',
      '8:15 expected a prefix as value/length, found "1/x"',
      '9:16 expected a value whose digits make the mask: 0x…, 0b…, 0o…, with * for those that do not count, found "17"',
      '10:14 there is no counter "seen"',
    ]);
    expect(run("match-kinds", ...lines).notes).toEqual([]);
  });

  test("says what the switch refuses, and where", () => {
    expect(faults("match-kinds", "add exact_keys a:1 forward(port:1)", "add exact_keys a:1 forward(port:2)")).toEqual([
      "2:1 the switch refuses this: DUPLICATE_ENTRY",
    ]);
    expect(faults("match-kinds", "mc_node_associate 1 0")).toHaveLength(1);
    expect(faults("match-kinds", "remove one")).toEqual(['1:8 no entry was called "one" so far']);
  });

  test("asks for more of a name that several things end with", () => {
    expect(faults("sub-control", "add steps value:1 add()")).toEqual([
      '1:5 "steps" may be any of TestIngress.five.steps, TestIngress.seven.steps',
    ]);
  });

  test("compares counters, registers and digests, and says what it found", () => {
    const name = "registers-counters-meters";
    const packet = `packet 0 ${sent}`;
    expect(
      failures(
        name,
        packet,
        "check_counter by_port[0] == 1",
        "check_counter by_port[0] bytes == 21",
        "check_register totals[1] == 4",
        "check_register totals[1] > 4",
      ),
    ).toEqual([
      "3 bytes of TestIngress.by_port[0]: expected == 21, found 22",
      "5 TestIngress.totals[1]: expected > 4, found 4",
    ]);
    expect(faults(name, "check_register totals[16] == 4")).toEqual(["1:23 expected an index from 0 to 15"]);
    expect(
      failures(
        "digest",
        `packet 3 ${sent.replace("0102", "0202")}`,
        "wait",
        "check_digest learn_t",
        "check_digest learn_t",
      ),
    ).toEqual(["4 a digest of learn_t: expected any, found none"]);
  });

  test("notes what it reads, and what the switch says", () => {
    const { notes } = run(
      "registers-counters-meters",
      `packet 0 ${sent}`,
      "register_read totals 1",
      "counter_read by_port 0",
      "meter_get_rates limits 0",
    );
    expect(notes).toEqual([
      "TestIngress.totals[1]= 4",
      "TestIngress.by_port[0]: 1 packets, 22 bytes",
      "TestIngress.limits[0]: no rates",
    ]);
    expect(run(oneWay, `packet 0 ${sent}`).notes).toEqual(["info (line 1): a packet", "info (line 1): a = 1, sum = 3"]);
  });

  test("shows the expected packet beside the one that came, field by field", () => {
    const ip = "4500 0018 0000 0000 4011 b02b c0a80001 0a000001 01020304";
    const { failures: found } = run(
      "ipv4-router",
      "add ipv4_lpm dst:10.0.0.0/8 forward(dst:0x0a0000000001, port:1)",
      `packet 0 000000000001 000000000002 0800 ${ip}`,
      "expect 1 0a0000000002 000000000001 0800 4500 0018 0000 0000 3e11 ****  c0a80001 0a000001 01020304 $",
    );
    const text = found.map(describeFailure).join("\n");
    expect(text).toContain("test.stf:3:1: another packet left by port 1");
    expect(text).toMatch(/≠ +dst +0a:00:00:00:00:02 +dst +0a:00:00:00:00:01/);
    expect(text).toMatch(/≠ +ttl +62 +ttl +63/);
    expect(text).toMatch(/ {4}src +00:00:00:00:00:01/);
    expect(text).toMatch(/≠ 0000 {2}0a 00 00 00 00 02/);
    expect(found.map(failureJson)).toEqual([
      {
        kind: "mismatch",
        line: 3,
        column: 1,
        message: "another packet left by port 1",
        port: 1,
        expected: "0a0000000002000000000001080045000018000000003e11****c0a800010a00000101020304 $",
        found: "0a0000000001000000000001080045000018000000003f11b12bc0a800010a00000101020304",
      },
    ]);
  });

  test("is understood or refused, whatever its text is", () => {
    const words =
      "packet expect add setdefault remove wait check_counter check_register mirroring_add mc_node_create".split(" ");
    const word = fc.oneof(
      fc.constantFrom(
        ...words,
        "exact_keys",
        "longest",
        "forward",
        "a",
        "0",
        "1",
        "0x1*",
        ":",
        "(",
        ")",
        "=",
        "$",
        '"',
        "->",
        "/",
      ),
      fc.string({ maxLength: 6 }),
    );
    const line = fc.array(word, { maxLength: 8 }).map((parts) => parts.join(" "));
    fc.assert(
      fc.property(fc.array(line, { maxLength: 5 }), (lines) => {
        const { diagnostics, failures: found } = run("match-kinds", ...lines);
        expect(diagnostics.length === 0 || found.length === 0).toBe(true);
      }),
    );
  });

  test("ends even if a packet goes round for ever", () => {
    const file = join(programsFolder, "recirculate.p4");
    const forever = readFileSync(file, "utf8").replace("hdr.data.a != 0", "true");
    const program = loadProgram(JSON.stringify(compiled(forever, file)));
    const { failures: found } = runStf(program, new SourceFile("test.stf", `packet 0 ${sent}\nexpect 5\n`));
    expect(found.map(({ kind }) => kind)).toEqual(["missing"]);
  });
});
