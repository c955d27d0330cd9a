import { type Packet, tcpFlag } from "../parse/packet.ts";
import { TcpFlow } from "./flow.ts";
import { dataWord, KeyTable } from "./key-table.ts";
import { guestHasFinished } from "./tcp-state.ts";

/*
 * Data of a record: as 64-bit numbers last segment, place in the age list, bytes in and out, hits, segments in and out;
 * then the state, and the sequence number behind the last byte that the guest sent, its FIN not counted.
 */
const lastHitWord = dataWord;
const listedWord = dataWord + 2;
const bytesInWord = dataWord + 4;
const bytesOutWord = dataWord + 6;
const hitsWord = dataWord + 8;
const segmentsInWord = dataWord + 10;
const segmentsOutWord = dataWord + 12;
const stateWord = dataWord + 14;
const sequenceWord = dataWord + 15;
const dataWords = 16;

/** Counters of a TCP flow. */
export interface TcpCounters {
  readonly hits: number;
  readonly segmentsIn: number;
  readonly segmentsOut: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
}

/** The table of TCP connections. */
export class TcpTable extends KeyTable<TcpFlow> {
  constructor(limit: number, seed: number) {
    super(limit, seed, dataWords);
  }

  /** Begin a flow. The table is not full and has no such key. */
  add(key: Int32Array, state: number, now: number): TcpFlow {
    const slot = this.reserve(key);
    const flow = new TcpFlow(this, slot);
    this.setValue(slot, flow);
    this.words[slot * this.stride + stateWord] = state;
    this.doubles[(slot * this.stride + lastHitWord) >> 1] = now;
    return flow;
  }

  /** Note a segment; the state is already the new one. `length`: of the frame, in bytes. */
  count(slot: number, isIn: boolean, view: DataView, packet: Packet, length: number, now: number): void {
    const at = slot * this.stride;
    this.doubles[(at + lastHitWord) >> 1] = now;
    this.#add(at + hitsWord, 1);
    this.#add(at + (isIn ? segmentsInWord : segmentsOutWord), 1);
    this.#add(at + (isIn ? bytesInWord : bytesOutWord), length);
    // Behind its FIN the guest sends only acknowledgements, which have a number more.
    if (!isIn && (!guestHasFinished(this.words[at + stateWord] ?? 0) || packet.tcpFlags & tcpFlag.fin)) {
      this.words[at + sequenceWord] = view.getInt32(packet.ulpAt + 4) + packet.ipEnd - packet.payloadAt;
    }
  }

  #add(word: number, amount: number): void {
    this.doubles[word >> 1] = (this.doubles[word >> 1] ?? 0) + amount;
  }

  state(slot: number): number {
    return this.words[slot * this.stride + stateWord] ?? 0;
  }

  setState(slot: number, state: number): void {
    this.words[slot * this.stride + stateWord] = state;
  }

  guestSequence(slot: number): number {
    return this.words[slot * this.stride + sequenceWord] ?? 0;
  }

  setGuestSequence(slot: number, sequence: number): void {
    this.words[slot * this.stride + sequenceWord] = sequence;
  }

  lastHit(slot: number): number {
    return this.doubles[(slot * this.stride + lastHitWord) >> 1] ?? 0;
  }

  /** When the flow last moved to the young end of its age list. */
  listedAt(slot: number): number {
    return this.doubles[(slot * this.stride + listedWord) >> 1] ?? 0;
  }

  setListedAt(slot: number, now: number): void {
    this.doubles[(slot * this.stride + listedWord) >> 1] = now;
  }

  counters(slot: number): TcpCounters {
    const value = (word: number): number => this.doubles[(slot * this.stride + word) >> 1] ?? 0;
    return {
      hits: value(hitsWord),
      segmentsIn: value(segmentsInWord),
      segmentsOut: value(segmentsOutWord),
      bytesIn: value(bytesInWord),
      bytesOut: value(bytesOutWord),
    };
  }
}
