import type { Transform } from "../layer/transform.ts";
import { UnifiedFlow, type LayerFlow } from "./flow.ts";
import { dataWord, KeyTable } from "./key-table.ts";
import { NumberedTransforms } from "./numbered-transforms.ts";

/*
 * Data of a record: last hit, bytes and hits as 64-bit numbers, then epoch, port, hash, the slot of the TCP flow and the
 * number of the transform.
 */
const bytesWord = dataWord + 2;
const hitsWord = dataWord + 4;
const epochWord = dataWord + 6;
const portWord = dataWord + 7;
const hashWord = dataWord + 8;
const tcpWord = dataWord + 9;
const transformWord = dataWord + 10;
const dataWords = 11;

/** What a composed transform is stored with. */
export interface UnifiedSpec {
  readonly transform: Transform;
  readonly parents: readonly LayerFlow[];
  readonly epoch: number;
  /** What NAT makes of the guest's port or echo id, -1: nothing. */
  readonly port: number;
  /** Of the flow as it is encapsulated. */
  readonly hash: number;
  readonly length: number;
  readonly now: number;
}

/** The unified flow table of one direction. */
export class UnifiedTable extends KeyTable<UnifiedFlow> {
  readonly isIn: boolean;
  /** Flows share their transforms: there are few, and a hit finds its own in the cache. */
  readonly #transforms = new NumberedTransforms();

  constructor(isIn: boolean, limit: number, seed: number) {
    super(limit, seed, dataWords);
    this.isIn = isIn;
  }

  /** Store a transform and count the packet that it was made for. The table is not full and has no such key. */
  add(key: Int32Array, spec: UnifiedSpec): UnifiedFlow {
    const slot = this.reserve(key);
    const flow = new UnifiedFlow(this, slot, spec.parents);
    this.setValue(slot, flow);
    const at = slot * this.stride;
    this.words[at + transformWord] = this.#transforms.use(spec.transform);
    this.words[at + epochWord] = spec.epoch;
    this.words[at + portWord] = spec.port;
    this.words[at + hashWord] = spec.hash;
    this.words[at + tcpWord] = -1;
    this.hit(slot, spec.length, spec.now);
    return flow;
  }

  /** Count a packet. */
  hit(slot: number, length: number, now: number): void {
    const { doubles } = this;
    const at = (slot * this.stride) >> 1;
    doubles[at + (dataWord >> 1)] = now;
    doubles[at + (bytesWord >> 1)] = (doubles[at + (bytesWord >> 1)] ?? 0) + length;
    doubles[at + (hitsWord >> 1)] = (doubles[at + (hitsWord >> 1)] ?? 0) + 1;
  }

  transformAt(slot: number): Transform {
    return this.#transforms.get(this.words[slot * this.stride + transformWord] ?? 0);
  }

  override remove(slot: number): void {
    this.#transforms.release(this.words[slot * this.stride + transformWord] ?? 0);
    super.remove(slot);
  }

  lastHit(slot: number): number {
    return this.doubles[(slot * this.stride + dataWord) >> 1] ?? 0;
  }

  bytes(slot: number): number {
    return this.doubles[(slot * this.stride + bytesWord) >> 1] ?? 0;
  }

  hits(slot: number): number {
    return this.doubles[(slot * this.stride + hitsWord) >> 1] ?? 0;
  }

  epoch(slot: number): number {
    return this.words[slot * this.stride + epochWord] ?? 0;
  }

  port(slot: number): number {
    return this.words[slot * this.stride + portWord] ?? -1;
  }

  hash(slot: number): number {
    return this.words[slot * this.stride + hashWord] ?? 0;
  }

  /** Slot of the flow's TCP state, -1 without. */
  tcpSlot(slot: number): number {
    return this.words[slot * this.stride + tcpWord] ?? -1;
  }

  setTcpSlot(slot: number, tcp: number): void {
    this.words[slot * this.stride + tcpWord] = tcp;
  }
}
