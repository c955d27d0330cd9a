import { describe, expect, test } from "vitest";
import { parseFault } from "../../src/cli/fault-words.ts";
import {
  clockStep,
  cut,
  daemonFrozen,
  daemonKilled,
  daemonStopped,
  down,
  flapping,
  impaired,
  killed,
  paused,
  powerCycled,
} from "../../src/flow/fault/index.ts";
import { run } from "./memory-terminal.ts";
import { useStateDirectory } from "./state-directory.ts";

useStateDirectory();

function parsed(words: string, direction?: "aToB") {
  const [target = "", kind = "", ...settings] = words.split(" ");
  return parseFault({ target, kind, settings, direction });
}

describe("the words of kestrel fault", () => {
  test.each([
    ["w down", down("w")],
    ["w cut", cut("w")],
    ["w impaired loss=10% delay=20ms", impaired("w", { loss: 0.1, delayMicroseconds: 20_000 })],
    ["w flapping period=2 count=5", flapping("w", { periodMs: 2000, count: 5 })],
    ["n paused", paused("n")],
    ["n killed", killed("n")],
    ["n power-cycled", powerCycled("n")],
    ["n daemon-killed service=dhcpd", daemonKilled("n", { service: "dhcpd" })],
    ["n daemon-stopped process=bgpd", daemonStopped("n", { process: "bgpd" })],
    ["n daemon-frozen pid-file=/run/a=b.pid", daemonFrozen("n", { pidFile: "/run/a=b.pid" })],
    ["n clock-step seconds=1.5", clockStep("n", { ms: 1500 })],
    ["n clock-step seconds=-3600", clockStep("n", { ms: -3_600_000 })],
  ])("%s", (words, fault) => {
    expect(parsed(words)).toEqual(fault);
  });

  test("name a direction of what has one", () => {
    expect(parsed("w cut", "aToB")).toEqual(cut("w", { direction: "aToB" }));
    expect(parsed("w impaired loss=1", "aToB")).toEqual(impaired("w", { loss: 1 }, { direction: "aToB" }));
    expect(() => parsed("n paused", "aToB")).toThrow("expected a direction only of cut or impaired");
  });

  test.each([
    ["w kut", 'kind of fault: expected one of down, cut, .* found "kut"'],
    ["w cut loss=1", 'expected no settings with cut, found "loss"'],
    ["w impaired", "expected impairments such as loss=10%"],
    ["w impaired cut=true", "expected impairments such as loss=10%"],
    ["w flapping count=0", "count: expected a whole number of at least 1"],
    ["n clock-step second=1", 'expected seconds with clock-step, found "second"'],
    ["n clock-step", "seconds: expected a number of seconds"],
    ["n daemon-killed", "expected one of service=NAME, process=NAME, pid-file=PATH"],
    ["n daemon-killed service=a process=b", "expected one of service=NAME, process=NAME, pid-file=PATH"],
  ])("%s: is refused", (words, message) => {
    expect(() => parsed(words)).toThrow(new RegExp(message));
  });

  test("are looked at before a testbed is", async () => {
    const { code, stderr } = await run("fault", "r1", "kiled");
    expect(code).toBe(2);
    expect(stderr).toContain('did you mean "killed"?');
  });
});
