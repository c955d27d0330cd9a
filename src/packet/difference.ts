import type { Layer, LayerName, Packet } from "./layers.ts";

/** One thing that is not the same in two packets. */
export interface FieldDifference {
  readonly layer: LayerName;
  /** The layer's place in the packet after, or in the one before if it is gone. */
  readonly index: number;
  /** The field that changed; `layer` if the layer as a whole came or went. */
  readonly field: string;
  /** The field's value or the whole layer; undefined if it was not there. */
  readonly before: unknown;
  /** The field's value or the whole layer; undefined if it is not there any more. */
  readonly after: unknown;
}

/**
 * What changed from one packet to another, as between two wires of its way, the outermost layer first. Layers are
 * paired so that most stays the same: of a packet that was put into a tunnel only the tunnel is new.
 *
 * Checksums and lengths that merely follow from the changes are no difference; one that is wrong is.
 */
export function difference(before: Packet, after: Packet): readonly FieldDifference[] {
  const pairs = pairLayers(before.layers, after.layers);
  return pairs.flatMap(([i, j]) => {
    const old = i === undefined ? undefined : before.layers[i];
    const now = j === undefined ? undefined : after.layers[j];
    const either = now ?? old;
    const index = j ?? i;
    if (either === undefined || index === undefined) return [];
    if (old === undefined || now === undefined) {
      return [{ layer: either.layer, index, field: "layer", before: old, after: now }];
    }
    const was = new Map<string, unknown>(Object.entries(old));
    const is = new Map<string, unknown>(Object.entries(now));
    return [...new Set([...was.keys(), ...is.keys()])]
      .filter((field) => !isEqual(was.get(field), is.get(field)))
      .map((field) => ({ layer: either.layer, index, field, before: was.get(field), after: is.get(field) }));
  });
}

type Pair = readonly [before: number | undefined, after: number | undefined];

/** The longest common subsequence of the layers, weighed by how much of each pair is equal. */
function pairLayers(before: readonly Layer[], after: readonly Layer[]): Pair[] {
  const similar = before.map((old) => after.map((now) => similarity(old, now)));
  const best = Array.from({ length: before.length + 1 }, () => new Array<number>(after.length + 1).fill(0));
  const bestAt = (i: number, j: number): number => best[i]?.[j] ?? 0;
  const pairedAt = (i: number, j: number): number => {
    const weight = similar[i]?.[j] ?? 0;
    return weight === 0 ? 0 : weight + bestAt(i + 1, j + 1);
  };
  for (let i = before.length - 1; i >= 0; i--) {
    const row = best[i] ?? [];
    for (let j = after.length - 1; j >= 0; j--) {
      row[j] = Math.max(bestAt(i + 1, j), bestAt(i, j + 1), pairedAt(i, j));
    }
  }
  const pairs: Pair[] = [];
  let [i, j] = [0, 0];
  while (i < before.length || j < after.length) {
    if (i < before.length && j < after.length && pairedAt(i, j) === bestAt(i, j) && bestAt(i, j) > 0) {
      pairs.push([i++, j++]);
    } else if (i < before.length && (j === after.length || bestAt(i + 1, j) === bestAt(i, j))) {
      pairs.push([i++, undefined]);
    } else {
      pairs.push([undefined, j++]);
    }
  }
  return pairs;
}

/** Zero for layers of different kinds, else one more than the number of fields that are equal. */
function similarity(before: Layer, after: Layer): number {
  if (before.layer !== after.layer) return 0;
  const fields = new Map<string, unknown>(Object.entries(after));
  return 1 + Object.entries(before).filter(([name, value]) => isEqual(value, fields.get(name))).length;
}

function isEqual(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (a instanceof Uint8Array && b instanceof Uint8Array) return Buffer.compare(a, b) === 0;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  const [left, right] = [Object.entries(a), new Map<string, unknown>(Object.entries(b))];
  return left.length === right.size && left.every(([name, value]) => isEqual(value, right.get(name)));
}
