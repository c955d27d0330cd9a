import fc from "fast-check";
import { expect, test } from "vitest";
import { PrefixTrie } from "../../../src/p4/switch/table/prefix-trie.ts";
import { TupleSpace } from "../../../src/p4/switch/table/tuple-space.ts";
import { WordMap } from "../../../src/p4/switch/table/word-map.ts";

/** Keys that share much, so that prefixes nest and collide. */
const word = fc.oneof(
  fc.constantFrom(0, 1, 0x8000_0000, 0xffff_ffff, 0xfd00_1122),
  fc.nat({ max: 0xffff }),
  fc.integer({ min: 0, max: 0xffff_ffff }),
);
const key = (words: number) =>
  fc.array(word, { minLength: words, maxLength: words }).map((values) => Uint32Array.from(values));

function cut(value: Uint32Array, length: number): Uint32Array {
  return value.map((part, at) => {
    const bits = Math.max(0, Math.min(32, length - at * 32));
    return bits === 0 ? 0 : part & ~(bits === 32 ? 0 : 0xffff_ffff >>> bits);
  });
}

for (const words of [1, 2, 4]) {
  test(
    `a prefix trie of ${words * 32} bits finds what a search through all prefixes finds`,
    { timeout: 60_000 },
    () => {
      const operation = fc.record({ key: key(words), length: fc.nat({ max: words * 32 }), remove: fc.nat({ max: 3 }) });
      fc.assert(
        fc.property(
          fc.array(operation, { minLength: 1, maxLength: 400, size: "max" }),
          fc.array(key(words), { minLength: 20, maxLength: 20 }),
          (operations, probes) => {
            const trie = new PrefixTrie(words);
            const model = new Map<
              string,
              { readonly prefix: Uint32Array; readonly length: number; readonly value: number }
            >();
            for (const [value, { key: whole, length, remove }] of operations.entries()) {
              const old = [...model.values()][value % (model.size + 1)];
              if (remove === 0 && old !== undefined) {
                trie.delete(old.prefix, old.length);
                model.delete(`${old.prefix.join()}/${old.length}`);
              } else {
                const prefix = cut(whole, length);
                trie.set(prefix, length, value);
                model.set(`${prefix.join()}/${length}`, { prefix, length, value });
              }
              for (const probe of [whole, ...(value % 50 === 0 ? probes : [])]) {
                const best = [...model.values()]
                  .filter((entry) => cut(probe, entry.length).join() === entry.prefix.join())
                  .toSorted((a, b) => b.length - a.length)[0];
                expect(trie.get(probe)).toBe(best?.value ?? -1);
              }
            }
          },
        ),
        { numRuns: 30 },
      );
    },
  );
}

test("a word map holds what a Map holds", { timeout: 60_000 }, () => {
  const operation = fc.record({ key: key(2), remove: fc.nat({ max: 2 }) });
  fc.assert(
    fc.property(fc.array(operation, { maxLength: 300, size: "max" }), (operations) => {
      const map = new WordMap(2);
      const model = new Map<string, number>();
      for (const [value, { key: words, remove }] of operations.entries()) {
        if (remove === 0) {
          map.delete(words);
          model.delete(words.join());
        } else {
          map.set(words, value);
          model.set(words.join(), value);
        }
        expect(map.size).toBe(model.size);
        for (const { key: probe } of operations.slice(0, 5)) expect(map.get(probe)).toBe(model.get(probe.join()) ?? -1);
      }
    }),
  );
});

test("a tuple space finds the rule of the smallest priority, then of the smallest order", { timeout: 60_000 }, () => {
  const mask = fc.constantFrom(0, 0xff, 0xffff_0000, 0xffff_ffff);
  const rule = fc.record({
    value: fc.nat({ max: 0x3ff }),
    mask,
    priority: fc.nat({ max: 4 }),
    range: fc.option(fc.tuple(fc.nat({ max: 9 }), fc.nat({ max: 9 }))),
    remove: fc.nat({ max: 3 }),
  });
  fc.assert(
    fc.property(
      fc.array(rule, { maxLength: 60 }),
      fc.array(fc.tuple(fc.nat({ max: 0x3ff }), fc.nat({ max: 9 }))),
      (rules, probes) => {
        const space = new TupleSpace(2);
        let model: Parameters<TupleSpace["add"]>[0][] = [];
        for (const [slot, { value, mask: bits, priority, range, remove }] of rules.entries()) {
          const victim = model[slot % (model.length + 1)];
          if (remove === 0 && victim !== undefined) {
            space.delete(victim);
            model = model.filter((other) => other !== victim);
          }
          const ranges =
            range === null
              ? []
              : [{ word: 1, start: Uint32Array.of(Math.min(...range)), end: Uint32Array.of(Math.max(...range)) }];
          const added = {
            value: Uint32Array.of(value & bits, 0),
            mask: Uint32Array.of(bits, 0),
            ranges,
            priority,
            order: slot,
            slot,
          };
          space.add(added);
          model.push(added);
          for (const [first, second] of probes) {
            const best = model
              .filter(
                (other) =>
                  (first & (other.mask[0] ?? 0)) >>> 0 === other.value[0] &&
                  other.ranges.every(({ start, end }) => second >= (start[0] ?? 0) && second <= (end[0] ?? 0)),
              )
              .toSorted((a, b) => a.priority - b.priority || a.order - b.order)[0];
            expect(space.get(Uint32Array.of(first, second))).toBe(best?.slot ?? -1);
          }
        }
      },
    ),
  );
});
