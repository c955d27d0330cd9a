import { describe, expect, it } from "vitest";
import { KestrelError } from "../../../src/error/kestrel-error.ts";
import { faultWindows } from "../../../src/flow/fault/fault-window.ts";
import {
  clockStep,
  cut,
  daemonKilled,
  daemonStopped,
  down,
  during,
  type FaultSchedule,
  impaired,
  inTurn,
  killed,
  paused,
  powerCycled,
  repeated,
  together,
} from "../../../src/flow/fault/index.ts";
import { checkedWindows } from "../../../src/flow/fault/schedule-problems.ts";
import { planTopology } from "../../../src/topology/index.ts";
import { firstWire, plan } from "../routed-bed.ts";

const bgpd = { process: "bgpd" };

function problems(schedule: FaultSchedule, ...others: readonly FaultSchedule[]): readonly string[] {
  try {
    checkedWindows(schedule, plan, { others: others.flatMap(faultWindows) });
    return [];
  } catch (error) {
    if (!(error instanceof KestrelError)) throw error;
    expect(error.kind).toBe("input");
    return error.explanation.found.split("; ");
  }
}

function at(startMs: number, durationMs: number, what: FaultSchedule): FaultSchedule {
  return during(what, { startMs, durationMs });
}

describe("checkedWindows", () => {
  it("names all that is wrong with a schedule at once, unknown names with the nearest one", () => {
    expect(
      problems(
        together(
          cut("h1:net0--r1:net1"),
          during(paused("h3"), { startMs: -1, durationMs: 0 }),
          impaired(firstWire, { loss: 2, delayMicroseconds: -5 }),
          impaired(firstWire, {}),
          clockStep("h1", { ms: Number.NaN }),
          repeated(during(cut(firstWire), { durationMs: 5 }), { times: 1.5 }),
          repeated(cut(firstWire), { times: 2 }),
          inTurn(down(firstWire), paused("h1")),
        ),
      ),
    ).toEqual([
      "startMs must be 0 or more milliseconds, not -1",
      "durationMs must be more than 0 milliseconds, not 0",
      "times must be a whole number above 0, not 1.5",
      `${firstWire} is cut, but cannot be repeated without everyMs: it has no end, or takes no time`,
      `${firstWire} is down, but nothing can come in turn after it: it has no end`,
      'there is no wire h1:net0--r1:net1 (did you mean "h1:net0--r1:net0"?)',
      'there is no node h3 (did you mean "h1"?)',
      `impaired ${firstWire}: loss must be a probability from 0 to 1, not 2`,
      `impaired ${firstWire}: delayMicroseconds must be a number, 0 or more, not -5`,
      `impaired ${firstWire}: no setting is named`,
      "a clock steps by milliseconds other than 0, not by NaN",
    ]);
  });

  it("says of a direct wire why it is out of reach", () => {
    const direct = planTopology({
      name: "direct",
      nodes: { a: { ports: { net0: [] } }, b: { ports: { net0: [] } } },
      wires: [{ ends: ["a:net0", "b:net0"], direct: true }],
    });
    expect(() => checkedWindows(cut("a:net0--b:net0"), direct)).toThrow(/is direct, out of reach of the panel/);
  });

  it("knows the wires of segments and of uplinks", () => {
    const lan = planTopology({
      name: "lan",
      nodes: { a: { ports: { net0: [], net1: { uplink: "user" } } }, b: { ports: { net0: [] } } },
      segments: { lan: { ports: ["a:net0", "b:net0"] } },
    });
    expect(checkedWindows(together(cut("a:net0--lan"), cut("a:net1--user")), lan)).toHaveLength(2);
  });

  it("lets faults of a wire overlap as they like", () => {
    expect(problems(together(cut(firstWire), cut(firstWire), down(firstWire), down(firstWire)))).toEqual([]);
  });

  it.each([
    ["kill a killed node", at(0, 20, killed("h1")), at(10, 20, killed("h1"))],
    ["pause a killed node", at(0, 20, killed("h1")), at(10, 5, paused("h1"))],
    ["power-cycle a paused node", at(0, 20, paused("h1")), at(10, 5, powerCycled("h1"))],
    ["power-cycle twice at once", powerCycled("h1"), powerCycled("h1")],
    [
      "step the clock of a node that is restarted meanwhile",
      at(0, 20, clockStep("h1", { ms: 5 })),
      at(10, 5, killed("h1")),
    ],
    ["stop a daemon of a paused node", at(0, 20, paused("h1")), at(10, 90, daemonStopped("h1", bgpd))],
    ["heal a daemon of a paused node", at(0, 20, daemonStopped("h1", bgpd)), at(10, 90, paused("h1"))],
    ["kill a stopped daemon", at(0, 20, daemonStopped("h1", bgpd)), at(10, 90, daemonKilled("h1", { ...bgpd }))],
    ["break for ever and break again", killed("h1"), at(1e6, 5, killed("h1"))],
  ])("refuses to %s, in one schedule or against what is broken already", (_what, one, other) => {
    expect(problems(together(one, other))).toHaveLength(1);
    expect(problems(together(other, one))).toHaveLength(1);
    expect(problems(other, one)).toHaveLength(1);
  });

  it.each([
    ["different nodes", at(0, 20, killed("h1")), at(0, 20, killed("h2"))],
    ["one after the other", at(0, 20, killed("h1")), at(20, 20, paused("h1"))],
    ["a pause within a clock step", at(0, 20, clockStep("h1", { ms: 5 })), at(5, 10, paused("h1"))],
    ["two steps of a clock", at(0, 20, clockStep("h1", { ms: 5 })), at(5, 30, clockStep("h1", { ms: 5 }))],
    ["two daemons", at(0, 20, daemonKilled("h1", bgpd)), at(5, 30, daemonKilled("h1", { process: "zebra" }))],
    ["a wire of a killed node", killed("h1"), cut(firstWire)],
  ])("allows %s", (_what, one, other) => {
    expect(problems(together(one, other))).toEqual([]);
  });
});
