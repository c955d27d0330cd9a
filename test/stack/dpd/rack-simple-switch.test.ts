import { join } from "node:path";
import { expect, test } from "vitest";
import { arrivals, busyRack, ports } from "./busy-rack.ts";
import { runForeignSwitch } from "./foreign-switch.ts";
import { compileRack, type Frame } from "./rack-switch.ts";

/** The same switch, tables and packets in this process and in another. */
async function compare(command: readonly string[]): Promise<void> {
  const rack = busyRack("compiled");
  const packets = arrivals();
  const sent = packets.flatMap(({ port, bytes }) => rack.sendBytes(port, bytes));
  // Three of the packets are dropped.
  expect(sent.length).toBe(packets.length - 3);
  const found = await runForeignSwitch(command, compileRack(), busyRack("compiled"), packets, ports, sent.length);
  expect(sorted(found)).toEqual(sorted(sent));
}

/** Packets of different ports may pass each other. */
function sorted(frames: readonly Frame[]): readonly Frame[] {
  const name = ({ port, bytes }: Frame): string => `${port} ${bytes}`;
  return frames.toSorted((a, b) => (name(a) < name(b) ? -1 : 1));
}

const limit = { timeout: 60_000 };
const simpleSwitch = process.env["KESTREL_SIMPLE_SWITCH"] ?? "";

test("the rack's program does the same in kestrel p4 run, programmed over Thrift", limit, async () => {
  await compare([join(import.meta.dirname, "../../../bin/kestrel"), "p4", "run"]);
});

test.skipIf(simpleSwitch === "")(
  "the rack's program does the same in the simple_switch of KESTREL_SIMPLE_SWITCH",
  limit,
  async () => {
    await compare([simpleSwitch]);
  },
);
