import fc from "fast-check";
import { expect, test } from "vitest";
import { mirrorKey } from "../../../src/stack/opte/engine/parse/flow-key.ts";
import { LayerFlow } from "../../../src/stack/opte/engine/table/flow.ts";
import { KeyTable } from "../../../src/stack/opte/engine/table/key-table.ts";
import { LayerTables } from "../../../src/stack/opte/engine/table/layer-tables.ts";

/** A TCP flow over IPv4 between two ports. */
function keyOf(source: number, destination: number): Int32Array {
  const key = new Int32Array(10);
  key[0] = 6 | (4 << 8);
  key[1] = 0x0a00_0001;
  key[5] = 0x0a00_0002;
  key[9] = (source << 16) | destination;
  return key;
}

function mirrorOf(key: Int32Array): Int32Array {
  const mirrored = new Int32Array(10);
  mirrorKey(key, mirrored);
  return mirrored;
}

test("the tables of a layer find a flow by the keys of both directions, translated or not", { timeout: 60_000 }, () => {
  const command = fc.record({
    port: fc.nat(12),
    translated: fc.boolean(),
    remove: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(command, { maxLength: 200 }), (commands) => {
      const tables = new LayerTables(10, 7);
      const inbound = new Map<string, LayerFlow>();
      const outbound = new Map<string, LayerFlow>();
      const keys = new Map<LayerFlow, readonly [Int32Array, Int32Array]>();
      for (const { port, translated, remove } of commands) {
        const outKey = keyOf(port, 80);
        // NAT has given a translated one another port, which a flow that is not translated may have as its own.
        const inKey = mirrorOf(translated ? keyOf((port + 5) % 13, 80) : outKey);
        if (remove) {
          const flow = outbound.get(outKey.join());
          if (flow === undefined) continue;
          tables.remove(flow);
          outbound.delete(outKey.join());
          inbound.delete(keys.get(flow)?.[0].join() ?? "");
        } else if (!outbound.has(outKey.join()) && !inbound.has(inKey.join()) && !tables.isFull) {
          const flow = new LayerFlow(0, undefined, 0);
          tables.add(inKey, outKey, flow);
          keys.set(flow, [inKey, outKey]);
          outbound.set(outKey.join(), flow);
          inbound.set(inKey.join(), flow);
        }
      }
      expect(tables.size).toBe(outbound.size);
      expect(new Set(tables.values())).toEqual(new Set(outbound.values()));
      for (let port = 0; port <= 12; port++) {
        const key = keyOf(port, 80);
        expect(tables.get(false, key)).toBe(outbound.get(key.join()));
        expect(tables.get(true, mirrorOf(key))).toBe(inbound.get(mirrorOf(key).join()));
      }
      for (const flow of outbound.values()) {
        expect([tables.keyOf(flow, true), tables.keyOf(flow, false)]).toEqual(keys.get(flow));
      }
    }),
  );
});

test("a table that grows to its limit finds all that was in it", () => {
  const table = new KeyTable<number>(20_000, 7);
  for (let port = 0; port < 20_000; port++) expect(table.insert(keyOf(port, 1), port)).toBe(port);
  expect(table.insert(keyOf(1, 2), 0)).toBe(-1);
  for (let port = 0; port < 20_000; port += 7) expect(table.get(keyOf(port, 1))).toBe(port);
});
