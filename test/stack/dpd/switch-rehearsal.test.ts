import { expect, test } from "vitest";
import { SwitchControl } from "../../../src/p4/switch/index.ts";
import { rehearseRack } from "../../../src/stack/dpd/switch-rehearsal.ts";
import { program } from "./rack-switch.ts";

test("a rehearsing switch forwards to neighbours, hands up to its processor and sends for it; nothing is dropped", () => {
  const sent = new Map<number, number>();
  const send = (port: number): void => void sent.set(port, (sent.get(port) ?? 0) + 1);
  const control = new SwitchControl(program, { send }, { clock: () => 0 });
  const packets = rehearseRack(control);
  for (const { port, bytes } of packets) control.engine.receive(port, bytes, 0, bytes.length, 0);
  expect([...sent.keys()].toSorted()).toEqual([0, 1, 2, 3, 4]);
  expect([...sent.values()].reduce((total, count) => total + count)).toBe(packets.length);
});
