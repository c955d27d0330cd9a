import { describe, expect, test } from "vitest";
import { machineActions, type MachinesView } from "../../../src/rack/machines/assignments.ts";
import type { MachineEntry } from "../../../src/stack/sled-agent/machine-interface.ts";

function entry(key: string, change: Partial<MachineEntry> = {}): MachineEntry {
  return {
    ...{ key, phase: "wanted", hostname: "web", nic: "n", mac: "a8:40:25:f0:00:01", machine: null, link: null },
    ...{ has_port: false, is_plugged: false, flows: null, fault: null, ...change },
  };
}

const on = (machine: string, change: Partial<MachineEntry> = {}): Partial<MachineEntry> => ({
  ...{ phase: "here", machine, link: machine, has_port: true, is_plugged: true },
  ...change,
});

interface Sight {
  readonly s1?: readonly MachineEntry[];
  readonly s2?: readonly MachineEntry[];
  readonly machines?: Readonly<Record<string, boolean>>;
  readonly busy?: readonly string[];
}

/** What is done, in words; a sled that is left out has not been heard. */
function actions({ s1, s2, machines = { machine0: true }, busy = [] }: Sight): readonly string[] {
  const list = (entries: readonly MachineEntry[] | undefined) => entries && { sequence: 1, machines: [...entries] };
  const view: MachinesView = {
    sleds: new Map([
      ["s1", list(s1)],
      ["s2", list(s2)],
    ]),
    machines: new Map(Object.entries(machines).map(([name, isReady]) => [name, { isReady }])),
    busy: new Set(busy),
  };
  return machineActions(view).map((action) => {
    const { kind, entry: one } = action;
    const where = action.kind === "carry" ? `${action.from} ${action.to}` : action.sled;
    return [kind, one.key, where, ...("machine" in action ? [action.machine] : [])].join(" ");
  });
}

describe("the provider of machines", () => {
  test("does nothing before it has heard every sled", () => {
    expect(actions({ s1: [entry("i.1")] })).toEqual([]);
  });

  test("gives each instance a machine of its own that answers", () => {
    const machines = { machine0: false, machine1: true, machine2: true };
    expect(actions({ s1: [entry("i.1"), entry("j.1")], s2: [], machines })).toEqual([
      "prepare i.1 s1 machine1",
      "prepare j.1 s1 machine2",
    ]);
    expect(actions({ s1: [entry("i.1")], s2: [entry("j.1", on("machine1"))], machines })).toEqual([
      "prepare i.1 s1 machine2",
    ]);
  });

  test("plugs a machine in when OPTE has its port", () => {
    expect(actions({ s1: [entry("i.1", on("machine0", { is_plugged: false }))], s2: [] })).toEqual([
      "plug i.1 s1 machine0",
    ]);
    expect(actions({ s1: [entry("i.1", on("machine0", { is_plugged: false, has_port: false }))], s2: [] })).toEqual([]);
  });

  test("carries one that moves once its connections are saved, and not before", () => {
    const wanted = [entry("i.1")];
    for (const phase of ["here", "leaving"] as const)
      expect(actions({ s1: [entry("i.1", on("machine0", { phase }))], s2: wanted })).toEqual([]);
    const left = [entry("i.1", on("machine0", { phase: "left" }))];
    expect(actions({ s1: left, s2: wanted })).toEqual(["carry i.1 s1 s2 machine0"]);
    // Nobody wants it yet: it is kept for who will.
    expect(actions({ s1: left, s2: [], machines: { machine0: true } })).toEqual([]);
  });

  test("makes a machine anew whose instance has stopped, and has the next one wait for it", () => {
    const stopped = entry("i.1", on("machine0", { phase: "stopped" }));
    expect(actions({ s1: [stopped, entry("i.2")], s2: [] })).toEqual(["recycle i.1 s1 machine0"]);
    expect(actions({ s1: [stopped, entry("i.2")], s2: [], busy: ["i.1", "machine0"] })).toEqual([]);
    expect(actions({ s1: [entry("i.2")], s2: [], machines: { machine0: false } })).toEqual([]);
  });

  test("says so when there is none left", () => {
    expect(actions({ s1: [entry("i.1", on("machine0"))], s2: [entry("j.1")] })).toEqual(["refuse j.1 s2"]);
    expect(actions({ s1: [], s2: [entry("j.1")], busy: ["j.1"] })).toEqual([]);
  });
});
