import assert from "node:assert/strict";
import type { Sled } from "../fixture.ts";

/** One row of the conformance table: a stimulus of the reference's own tests, and that what comes of it is the same. */
export interface Scenario {
  /** As the specification numbers it. */
  readonly id: string;
  readonly name: string;
  /** What has to come of it, for the table. */
  readonly shows: string;
  /** Throws where something else comes of it. */
  readonly run: () => void;
}

export type Counters = Readonly<Record<string, number | string>>;

/** Every counter that the reference's fixture watches, and hairpins. */
export function countersOf({ port: { port } }: Sled): Counters {
  const counters: Record<string, number | string> = { state: port.state, epoch: port.epoch };
  for (const [index, layer] of port.layers.entries()) {
    counters[`${layer.name}.rules.in`] = layer.in.rules.size;
    counters[`${layer.name}.rules.out`] = layer.out.rules.size;
    counters[`${layer.name}.flows.in`] = port.store.layers[index]?.size ?? 0;
    counters[`${layer.name}.flows.out`] = port.store.layers[index]?.size ?? 0;
  }
  counters["uft.in"] = port.store.uftIn.size;
  counters["uft.out"] = port.store.uftOut.size;
  for (const side of ["in", "out"] as const) {
    const stats = port.stats[side];
    for (const name of ["drop", "drop_layer", "modified", "uft_hit", "uft_miss", "hairpin", "process_err"] as const) {
      counters[`${side}.${name}`] = stats[name];
    }
  }
  return counters;
}

/** Do something that moves exactly these counters: by so much, or to a state. */
export function moves<Result>(sled: Sled, expected: Counters, act: () => Result): Result {
  const before = countersOf(sled);
  const result = act();
  const after = countersOf(sled);
  const moved = Object.entries(after).flatMap(([name, value]): [string, number | string][] => {
    const earlier = before[name];
    if (value === earlier) return [];
    return [[name, typeof value === "number" && typeof earlier === "number" ? value - earlier : value]];
  });
  assert.deepEqual(sorted(Object.fromEntries(moved)), sorted(expected));
  return result;
}

function sorted(counters: Counters): Counters {
  return Object.fromEntries(Object.entries(counters).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

/** What a packet moves that takes the slow way. */
export const slow = {
  out: { "out.modified": 1, "out.uft_miss": 1, "uft.out": 1 },
  in: { "in.modified": 1, "in.uft_miss": 1, "uft.in": 1 },
} as const;

/** What a packet moves that was seen before. */
export const fast = {
  out: { "out.modified": 1, "out.uft_hit": 1 },
  in: { "in.modified": 1, "in.uft_hit": 1 },
} as const;

export const newFirewallFlow = { "firewall.flows.in": 1, "firewall.flows.out": 1 } as const;
export const newNatFlow = { "nat.flows.in": 1, "nat.flows.out": 1 } as const;
export const hairpin = { "out.uft_miss": 1, "out.hairpin": 1 } as const;
export const layerDrop = {
  out: { "out.drop": 1, "out.drop_layer": 1, "out.uft_miss": 1 },
  in: { "in.drop": 1, "in.drop_layer": 1, "in.uft_miss": 1 },
} as const;

/** The last packet was dropped by this layer, for this reason. */
export function droppedBy(sled: Sled, layer: string, reason: string): void {
  const { dropLayer, dropReason } = sled.opte.walk;
  assert.deepEqual({ dropLayer, dropReason }, { dropLayer: layer, dropReason: reason });
}

/** The layers have these fields, among others. */
export function includes(found: object | undefined, expected: object): void {
  assert.ok(found !== undefined, "the layer is missing");
  assert.partialDeepStrictEqual(found, expected);
}
