import fc from "fast-check";
import { expect, test } from "vitest";
import type { KeyPart } from "../../../src/p4/switch/state/key.ts";
import { type TernaryRule, precedes } from "../../../src/p4/switch/table/ternary-rule.ts";
import { TupleSpace } from "../../../src/p4/switch/table/tuple-space.ts";
import { assign, extract, hex, param, ProgramBuilder } from "./program-builder.ts";
import { stateOf, twins, type WatchedEngine } from "./twins.ts";

/** Bounds that often meet, in numbers of up to 40 bits. */
const bound = fc.oneof(
  { weight: 4, arbitrary: fc.nat({ max: 40 }) },
  { weight: 2, arbitrary: fc.nat({ max: 0xffff }) },
  { weight: 1, arbitrary: fc.constantFrom(0xffff, 0xffff_ffff, 0x1_0000_0000, 2 ** 40 - 1) },
);
const wide = (value: number): Uint32Array => Uint32Array.of(Math.floor(value / 0x1_0000_0000), value % 0x1_0000_0000);

const change = fc.record({
  first: fc.tuple(fc.nat({ max: 0xff }), fc.nat({ max: 0xff })),
  second: fc.tuple(bound, bound),
  priority: fc.nat({ max: 5 }),
  probe: fc.tuple(fc.nat({ max: 0xff }), bound),
  remove: fc.nat({ max: 2 }),
});

test("rules of ranges alone are found as a search through all of them finds them", { timeout: 60_000 }, () => {
  fc.assert(
    fc.property(fc.array(change, { minLength: 1, maxLength: 300, size: "max" }), (changes) => {
      const space = new TupleSpace(3);
      const rules: TernaryRule[] = [];
      const [value, mask] = [new Uint32Array(3), new Uint32Array(3)];
      for (const [slot, { first, second, priority, probe, remove }] of changes.entries()) {
        if (remove === 0 && rules.length > 0) {
          for (const victim of rules.splice(slot % rules.length, 1)) space.delete(victim);
        } else {
          const ranges = [
            { word: 0, start: Uint32Array.of(Math.min(...first)), end: Uint32Array.of(Math.max(...first)) },
            { word: 1, start: wide(Math.min(...second)), end: wide(Math.max(...second)) },
          ];
          const rule = { value, mask, ranges, priority, order: slot, slot };
          rules.push(rule);
          space.add(rule);
        }
        for (const [one, two] of [probe, [first[0], second[0]], [first[1], second[1]]] as const) {
          const best = rules
            .filter(({ ranges: [a, b] }) => {
              if (a === undefined || b === undefined) return false;
              const from = (words: Uint32Array): number => (words[0] ?? 0) * 0x1_0000_0000 + (words[1] ?? 0);
              return one >= (a.start[0] ?? 0) && one <= (a.end[0] ?? 0) && two >= from(b.start) && two <= from(b.end);
            })
            .toSorted((a, b) => (precedes(a, b) ? -1 : 1))[0];
          expect(space.get(Uint32Array.of(one, ...wide(two)))).toBe(best?.slot ?? -1);
        }
      }
    }),
    { numRuns: 60 },
  );
});

test("a table of ranges alone does the same compiled and interpreted, with many entries", { timeout: 60_000 }, () => {
  const text = new ProgramBuilder()
    .header("h", [
      ["a", 8],
      ["b", 40],
      ["mark", 16],
    ])
    .parser({ start: { ops: [extract("h")] } })
    .deparser("h")
    .action("note", [["mark", 16]], assign("h.mark", param(0)), assign("standard_metadata.egress_spec", hex(1)))
    .table("ingress", "t", {
      key: [
        ["range", "h.a"],
        ["range", "h.b"],
      ],
      actions: ["note"],
      default: null,
      more: { with_counters: true },
    })
    .text();
  fc.assert(
    fc.property(fc.array(change, { minLength: 30, maxLength: 200, size: "max" }), (changes) => {
      const both = twins(text);
      const [compiled, interpreted] = both;
      const handles: number[] = [];
      for (const [at, { first, second, priority, probe, remove }] of changes.entries()) {
        const key: readonly KeyPart[] = [
          { kind: "range", start: BigInt(Math.min(...first)), end: BigInt(Math.max(...first)) },
          { kind: "range", start: BigInt(Math.min(...second)), end: BigInt(Math.max(...second)) },
        ];
        const victim = remove === 0 ? handles.splice(at % (handles.length + 1), 1)[0] : undefined;
        const added = both.map((engine) => alter(engine, key, at, priority, victim));
        expect(added[0]).toBe(added[1]);
        if (added[0] !== undefined) handles.push(added[0]);
        const packet = Buffer.alloc(8);
        packet.writeUInt8(probe[0], 0);
        packet.writeUIntBE(probe[1], 1, 5);
        for (const engine of both) engine.bytes(0, packet);
      }
      expect(compiled.events).toEqual(interpreted.events);
      expect(stateOf(compiled)).toEqual(stateOf(interpreted));
    }),
    { numRuns: 40 },
  );
});

/** Delete an entry or add one; returns the handle of one that was added. */
function alter(
  { engine }: WatchedEngine,
  key: readonly KeyPart[],
  mark: number,
  priority: number,
  victim: number | undefined,
): number | undefined {
  const [table] = engine.state.tables;
  if (table === undefined) throw new Error("no table");
  if (victim !== undefined) {
    table.delete(victim);
    return undefined;
  }
  try {
    return table.add(key, "note", [BigInt(mark)], priority, 0);
  } catch (error) {
    expect(error).toMatchObject({ code: "DUPLICATE_ENTRY" });
    return undefined;
  }
}
