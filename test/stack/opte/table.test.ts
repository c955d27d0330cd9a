import fc from "fast-check";
import { expect, test } from "vitest";
import { interpolate, protectedEntry, tcpEvictionPriority } from "../../../src/stack/opte/engine/table/eviction.ts";
import { KeyTable } from "../../../src/stack/opte/engine/table/key-table.ts";
import { tcpStates } from "../../../src/stack/opte/engine/table/tcp-state.ts";
import { Timed, TimerWheel } from "../../../src/stack/opte/engine/table/timer-wheel.ts";
import { SnatPool } from "../../../src/stack/opte/engine/vpc/snat-pool.ts";
import { FlowStore } from "../../../src/stack/opte/engine/port/flow-store.ts";
import { identityTransform } from "../../../src/stack/opte/engine/layer/transform.ts";
import { g1, g2, segment, Sled } from "./fixture.ts";

function keyOf(number: number): Int32Array {
  const key = new Int32Array(10);
  key[0] = 6 | (4 << 8);
  key[9] = number;
  return key;
}

test("a key table is a map", { timeout: 60_000 }, () => {
  const command = fc.tuple(fc.constantFrom("insert", "remove"), fc.nat(60));
  fc.assert(
    fc.property(fc.array(command, { maxLength: 300 }), (commands) => {
      const table = new KeyTable<number>(40, 7);
      const model = new Map<number, number>();
      const slots = new Map<number, number>();
      for (const [what, key] of commands) {
        if (what === "insert" && !model.has(key)) {
          const slot = table.insert(keyOf(key), key);
          expect(slot >= 0).toBe(model.size < 40);
          if (slot < 0) continue;
          model.set(key, key);
          slots.set(key, slot);
        } else if (what === "remove" && model.delete(key)) table.remove(slots.get(key) ?? -1);
      }
      expect(table.size).toBe(model.size);
      expect([...table.values()].toSorted()).toEqual([...model.values()].toSorted());
      for (let key = 0; key <= 60; key++) expect(table.get(keyOf(key))).toBe(model.get(key));
    }),
  );
});

class Alarm extends Timed {
  deadline: number;

  constructor(deadline: number) {
    super();
    this.deadline = deadline;
  }
}

test("a timer wheel hands over what is due, exactly then", { timeout: 60_000 }, () => {
  fc.assert(
    fc.property(
      fc.array(fc.nat(30_000_000), { maxLength: 40 }),
      fc.array(fc.nat(2_000_000), { maxLength: 20 }),
      (deadlines, steps) => {
        const wheel = new TimerWheel();
        const waiting = new Set(deadlines.map((deadline) => new Alarm(deadline)));
        for (const alarm of waiting) wheel.schedule(alarm);
        let now = 0;
        for (const step of [...steps, 60_000_000]) {
          now += step;
          wheel.advance(now, (timed) => {
            expect(timed.deadline).toBeLessThanOrEqual(now);
            if (timed instanceof Alarm) waiting.delete(timed);
          });
          for (const alarm of waiting) expect(alarm.deadline).toBeGreaterThan(now);
        }
        expect(waiting.size).toBe(0);
      },
    ),
  );
});

test("interpolation rounds to nearest and clamps", () => {
  const cases = [
    [750, 15],
    [975, 19],
    [976, 20],
    [501, 10],
    [200, 10],
    [10_000, 20],
  ] as const;
  for (const [at, value] of cases) expect(interpolate(at, 500, 1000, 10, 20)).toBe(value);
  expect(() => interpolate(1, 2, 1, 0, 1)).toThrow(RangeError);
});

test("half-open and closing flows become ready for eviction, established ones after a minute", () => {
  const state = (name: (typeof tcpStates)[number]): number => tcpStates.indexOf(name);
  expect(tcpEvictionPriority(state("SYN_SENT"), 2500)).toBe(protectedEntry);
  expect(tcpEvictionPriority(state("SYN_SENT"), 5000)).toBe(65_534);
  expect(tcpEvictionPriority(state("TIME_WAIT"), 5000)).toBe(protectedEntry);
  expect(tcpEvictionPriority(state("TIME_WAIT"), 62_500)).toBe(32_768);
  expect(tcpEvictionPriority(state("ESTABLISHED"), 59_999)).toBe(protectedEntry);
  expect(tcpEvictionPriority(state("ESTABLISHED"), 60_000)).toBe(1);
  expect(tcpEvictionPriority(state("CLOSED"), 0)).toBe(65_535);
});

test("parents outlive their children, and take them along when they go", () => {
  const store = new FlowStore({ layers: [8], uft: 8, tcp: 8 }, 1);
  const parent = store.addLayerFlow(0, keyOf(1), keyOf(2), undefined, 0);
  if (parent === undefined) throw new Error("no room");
  const spec = { transform: identityTransform, parents: [parent], epoch: 1, port: -1, hash: 0, length: 1, now: 30_000 };
  const child = store.addUnifiedFlow(false, keyOf(2), spec, keyOf(1));
  store.expire(60_000);
  expect(parent.isAlive).toBe(true);
  // The child's last hit is the parent's too.
  store.expire(89_999);
  expect(child?.isAlive).toBe(true);
  store.expire(90_000);
  expect([child?.isAlive, parent.isAlive]).toEqual([false, false]);
  const second = store.addLayerFlow(0, keyOf(1), keyOf(2), undefined, 0);
  if (second === undefined) throw new Error("no room");
  const orphan = store.addUnifiedFlow(false, keyOf(2), { ...spec, parents: [second] }, keyOf(1));
  store.removeLayerFlow(second);
  expect([orphan?.isAlive, store.uftOut.size]).toEqual([false, 0]);
});

test("a full table refuses new flows and takes them again once half-open ones have rested", () => {
  const sled = Sled.standard(g1);
  const syn = (port: number): string => sled.out(segment(g1, g1.ip, port, g2.ip, 80));
  for (let port = 1; port <= 16; port++) expect(syn(port)).toBe("modified");
  expect(syn(17)).toBe("drop");
  expect(sled.port.port.stats.out).toMatchObject({ drop: 1, drop_tcp_err: 1 });
  sled.now += 4000;
  expect(syn(18)).toBe("modified");
  expect(sled.port.port.store.evictions).toMatchObject({ tcp: 1 });
  expect(sled.port.port.store.tcp.size).toBe(16);
});

test("a SNAT pool gives the highest port first and those given back before all others", () => {
  const pool = new SnatPool(1025, 4096);
  expect(pool.free("tcp")).toBe(3072);
  expect([pool.allocate("tcp"), pool.allocate("tcp"), pool.allocate("udp")]).toEqual([4096, 4095, 4096]);
  pool.release("tcp", 4096);
  expect([pool.free("tcp"), pool.allocate("tcp")]).toEqual([3071, 4096]);
  expect([pool.take("tcp", 4096), pool.take("tcp", 4090), pool.allocate("tcp"), pool.free("tcp")]).toEqual([
    false,
    true,
    4094,
    3068,
  ]);
  const small = new SnatPool(1, 1);
  expect([small.allocate("icmp"), small.allocate("icmp")]).toEqual([1, undefined]);
});
