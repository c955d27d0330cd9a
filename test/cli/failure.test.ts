import { CommanderError } from "commander";
import { describe, expect, test } from "vitest";
import { reportFailure } from "../../src/cli/failure.ts";
import { Interruption } from "../../src/cli/interruption.ts";
import { type FaultKind, KestrelError } from "../../src/error/kestrel-error.ts";
import { P4Error } from "../../src/p4/p4-error.ts";
import { memoryTerminal } from "./memory-terminal.ts";

const text = { json: false, mirrorsGuest: false };
const json = { json: true, mirrorsGuest: false };

function fault(kind: FaultKind): KestrelError {
  return new KestrelError(
    {
      kind,
      step: "start node",
      subject: "r1",
      expected: "life",
      found: "none",
      hint: "try again",
      lastWords: ["panic"],
    },
    { cause: new Error("the deeper reason") },
  );
}

describe("reportFailure", () => {
  test.each([
    ["flow", 1],
    ["input", 2],
    ["host", 3],
    ["internal", 4],
  ] as const)("a fault of kind %s ends with %i", (kind, code) => {
    expect(reportFailure(fault(kind), memoryTerminal().terminal, text)).toBe(code);
    expect(reportFailure(fault(kind), memoryTerminal().terminal, { json: false, mirrorsGuest: true })).toBe(125);
  });

  test("an explained error is told in full, without a stack", () => {
    const { terminal, stderr, stdout } = memoryTerminal();
    reportFailure(fault("host"), terminal, text);
    expect(stdout()).toBe("");
    expect(stderr()).toBe(
      "kestrel: start node: r1: expected life, found none\n  its last words:\n    panic\n  what to do: try again\n  because: the deeper reason\n",
    );
  });

  test.each([
    ["input", 2],
    ["host", 3],
    ["internal", 4],
  ] as const)(
    "a fault of kind %s of the P4 parts, whose error class is their own, is told the same way",
    (kind, code) => {
      const error = new P4Error(
        { kind, step: "open port", subject: "0@veth0", found: "no such device", hint: "name one" },
        { cause: new Error("ENODEV") },
      );
      const { terminal, stderr } = memoryTerminal();
      expect(reportFailure(error, terminal, text)).toBe(code);
      expect(stderr()).toBe("kestrel: open port: 0@veth0: no such device\n  what to do: name one\n  because: ENODEV\n");
      const asJson = memoryTerminal();
      reportFailure(error, asJson.terminal, json);
      expect(JSON.parse(asJson.stdout())).toMatchObject({ error: { explanation: error.explanation } });
    },
  );

  test("in colour on a terminal, plain with NO_COLOR", () => {
    const coloured = memoryTerminal({ columns: 80 });
    reportFailure(fault("host"), coloured.terminal, text);
    expect(coloured.stderr()).toContain("\u001b[31mkestrel:");
    const plain = memoryTerminal({ columns: 80, environment: { NO_COLOR: "1" } });
    reportFailure(fault("host"), plain.terminal, text);
    expect(plain.stderr()).not.toContain("\u001b[");
  });

  test("as JSON it keeps every part and the cause", () => {
    const { terminal, stderr, stdout } = memoryTerminal();
    reportFailure(fault("host"), terminal, json);
    expect(stderr()).toBe("");
    expect(JSON.parse(stdout())).toEqual({
      error: {
        message: "start node: r1: expected life, found none",
        explanation: fault("host").explanation,
        cause: { message: "the deeper reason" },
      },
    });
  });

  test("anything else is a fault of Kestrel's; its stack is for KESTREL_DEBUG=1", () => {
    const quiet = memoryTerminal();
    expect(reportFailure(new TypeError("x is not a function"), quiet.terminal, text)).toBe(4);
    expect(quiet.stderr()).toMatch(
      /^kestrel: a fault of Kestrel's: x is not a function\n {2}what to do: .*KESTREL_DEBUG=1/,
    );
    expect(quiet.stderr()).not.toContain("failure.test.ts");
    const debug = memoryTerminal({ environment: { KESTREL_DEBUG: "1" } });
    reportFailure(new TypeError("x is not a function"), debug.terminal, text);
    expect(debug.stderr()).toContain("failure.test.ts");
  });

  test("a reader that has gone is no failure, and told to nobody", () => {
    const { terminal, stderr, stdout } = memoryTerminal();
    expect(reportFailure(Object.assign(new Error("write EPIPE"), { code: "EPIPE" }), terminal, text)).toBe(0);
    expect(stderr() + stdout()).toBe("");
  });

  test.each([
    ["SIGINT", 130],
    ["SIGTERM", 143],
    ["SIGHUP", 129],
  ] as const)("an interruption by %s ends with %i", (signal, code) => {
    expect(reportFailure(new Interruption(signal), memoryTerminal().terminal, text)).toBe(code);
  });

  test("help that was asked for is no failure", () => {
    expect(
      reportFailure(new CommanderError(0, "commander.helpDisplayed", "(outputHelp)"), memoryTerminal().terminal, text),
    ).toBe(0);
  });

  test("of several failures each is told and the gravest decides", () => {
    const several = new AggregateError([fault("input"), fault("host")], "two failed");
    const { terminal, stderr } = memoryTerminal();
    expect(reportFailure(several, terminal, text)).toBe(3);
    expect(stderr().match(/^kestrel: start node/gm)).toHaveLength(2);
    const asJson = memoryTerminal();
    reportFailure(several, asJson.terminal, json);
    expect(JSON.parse(asJson.stdout())).toMatchObject({ error: { message: "two failed" }, errors: [{}, {}] });
  });
});
