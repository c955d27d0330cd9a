import { describe, expect } from "vitest";
import type { FollowedRecords, WireRecord } from "../../src/wire/index.ts";
import { numberedFrame } from "./frames.ts";
import { between, test, Wiring } from "./panel-fixture.ts";

function numbered(count: number, bytes?: number): readonly Buffer[] {
  return Array.from({ length: count }, (_, index) => numberedFrame(index, bytes));
}

async function all(followed: FollowedRecords): Promise<WireRecord[]> {
  const records: WireRecord[] = [];
  for await (const batch of followed) records.push(...batch);
  return records;
}

describe("follow", () => {
  test("gives the same records as reading, from any sequence number on", async ({ wiring }) => {
    const [a, b] = await wiring.pair({ aToB: { loss: 0.3 } });
    a.send(...numbered(50));
    b.send(...numbered(20));
    await expect.poll(async () => wiring.panel.cursor()).toBe(70);
    await wiring.panel.inject("wire", "aToB", Buffer.alloc(60), "by hand");
    const { records } = await wiring.panel.read({ since: 0 });
    for (const since of [0, 1, 25, 60, 70, 71]) {
      const followed = wiring.panel.follow({ wires: ["wire"], since });
      followed.finish();
      expect(await all(followed)).toEqual(records.filter(({ sequence }) => sequence >= since));
    }
  });

  test("goes on with what comes, over all wires in order, and ends when told to", async ({ wiring }) => {
    const [a] = await wiring.pair();
    const followed = wiring.panel.follow({ since: 0 });
    const reading = all(followed);
    a.send(...numbered(3));
    await expect.poll(async () => wiring.panel.cursor()).toBe(3);
    await wiring.panel.configure(between("c", "d", { name: "later" }));
    const c = await wiring.connect("c");
    c.send(...numbered(2));
    await expect.poll(async () => wiring.panel.cursor()).toBe(5);
    followed.finish();
    expect((await reading).map(({ sequence, wire }) => `${sequence} ${wire}`)).toEqual([
      "0 wire",
      "1 wire",
      "2 wire",
      "3 later",
      "4 later",
    ]);
  });

  test("says when frames were overwritten before they could be read", async () => {
    await using wiring = await Wiring.open({ ringBytes: 1_048_576 });
    const [a] = await wiring.pair();
    a.send(...numbered(1500, 1400));
    await expect.poll(async () => wiring.panel.cursor()).toBe(1500);
    const followed = wiring.panel.follow({ since: 0 });
    expect(await all(followed)).toEqual([]);
    expect(followed.lost).toBe(true);
    const recent = wiring.panel.follow({ since: 1490 });
    recent.finish();
    expect(await all(recent)).toHaveLength(10);
  });

  test("of a wire that is not there is refused", async ({ wiring }) => {
    await expect(all(wiring.panel.follow({ wires: ["none"], since: 0 }))).rejects.toThrow(/no such wire/);
  });
});
