import { keyWords, mirrorKey } from "../parse/flow-key.ts";
import type { LayerFlow } from "./flow.ts";
import { KeyTable } from "./key-table.ts";

/** `inSlot` of a flow whose inbound key is its outbound one mirrored: it needs no place of its own. */
const mirrored = -2;

/**
 * The decisions of one layer, found by the keys of both directions. Where nothing is translated these are each other's mirror, and the
 * flow is in one table alone.
 */
export class LayerTables {
  readonly #out: KeyTable<LayerFlow>;
  /** Of flows that are translated. */
  readonly #in: KeyTable<LayerFlow>;
  readonly #scratch = new Int32Array(keyWords);

  constructor(limit: number, seed: number) {
    this.#out = new KeyTable(limit, seed);
    this.#in = new KeyTable(limit, seed);
  }

  get size(): number {
    return this.#out.size;
  }

  /** Flows whose keys are not each other's mirror. */
  get translated(): number {
    return this.#in.size;
  }

  get isFull(): boolean {
    return this.#out.isFull;
  }

  /** The flow of a key of one direction. */
  get(isIn: boolean, key: Int32Array): LayerFlow | undefined {
    if (!isIn) return this.#out.get(key);
    const translated = this.#in.size === 0 ? undefined : this.#in.get(key);
    if (translated !== undefined) return translated;
    mirrorKey(key, this.#scratch);
    const flow = this.#out.get(this.#scratch);
    return flow?.inSlot === mirrored ? flow : undefined;
  }

  /** Put a flow in under keys that are not there; the tables are not full. */
  add(inKey: Int32Array, outKey: Int32Array, flow: LayerFlow): void {
    mirrorKey(outKey, this.#scratch);
    flow.inSlot = isSame(inKey, this.#scratch) ? mirrored : this.#in.insert(inKey, flow);
    flow.outSlot = this.#out.insert(outKey, flow);
  }

  remove({ inSlot, outSlot }: LayerFlow): void {
    if (inSlot !== mirrored) this.#in.remove(inSlot);
    this.#out.remove(outSlot);
  }

  /** A key of a flow: a copy. */
  keyOf({ inSlot, outSlot }: LayerFlow, isIn: boolean): Int32Array {
    if (!isIn) return this.#out.keyAt(outSlot);
    if (inSlot !== mirrored) return this.#in.keyAt(inSlot);
    const key = new Int32Array(keyWords);
    mirrorKey(this.#out.keyAt(outSlot), key);
    return key;
  }

  values(): Iterable<LayerFlow> {
    return this.#out.values();
  }
}

function isSame(key: Int32Array, other: Int32Array): boolean {
  for (let i = 0; i < keyWords; i++) if (key[i] !== other[i]) return false;
  return true;
}
