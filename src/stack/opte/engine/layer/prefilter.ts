import type { Packet } from "../parse/packet.ts";
import type { Predicate } from "./predicate.ts";

/** Words of one rule: mask and value of the first key word, of source and of destination; lowest and highest port. */
const stride = 8;
const anyPort = -1;

/**
 * Rules out at a few comparisons each the rules that a packet cannot match, by protocol, first address words and
 * destination port, so that a thousand rules cost microseconds. What it lets through has still to be tested.
 */
export class Prefilter {
  readonly #words: Int32Array;
  readonly #count: number;

  constructor(rules: readonly (readonly Predicate[])[]) {
    this.#count = rules.length;
    this.#words = new Int32Array(rules.length * stride);
    for (const [i, predicates] of rules.entries()) {
      const row = this.#words.subarray(i * stride, (i + 1) * stride);
      row[6] = anyPort;
      row[7] = 0xffff;
      for (const predicate of predicates) narrow(row, predicate);
    }
  }

  /** The first rule from `from` on that may match, or -1. */
  next(packet: Packet, from: number): number {
    const words = this.#words;
    const { key, destinationPort } = packet;
    const first = key[0] ?? 0;
    const source = key[1] ?? 0;
    const destination = key[5] ?? 0;
    for (let rule = from, at = from * stride; rule < this.#count; rule++, at += stride) {
      if (
        (first & (words[at] ?? 0)) === words[at + 1] &&
        (source & (words[at + 2] ?? 0)) === words[at + 3] &&
        (destination & (words[at + 4] ?? 0)) === words[at + 5] &&
        destinationPort >= (words[at + 6] ?? 0) &&
        destinationPort <= (words[at + 7] ?? 0)
      ) {
        return rule;
      }
    }
    return -1;
  }
}

/** Take a condition of a rule into its row. Two conditions on one field that exclude each other only cost time. */
function narrow(row: Int32Array, predicate: Predicate): void {
  const { kind } = predicate;
  if (kind === "destination-port") {
    row[6] = Math.max(row[6] ?? 0, Math.min(...predicate.values.map(({ low }) => low)));
    row[7] = Math.min(row[7] ?? 0, Math.max(...predicate.values.map(({ high }) => high)));
  } else if (kind === "ether-type") {
    const family = predicate.values.length === 1 ? families.get(predicate.values[0] ?? 0) : undefined;
    if (family !== undefined) require(row, 0, 0xff00, family << 8);
  } else if (kind === "protocol") {
    const [value] = predicate.values;
    if (predicate.values.length === 1 && value !== undefined) require(row, 0, 0xff, value);
  } else if (kind === "source" || kind === "destination") {
    const [prefix] = predicate.values;
    if (predicate.values.length !== 1 || prefix === undefined) return;
    require(row, 0, 0xff00, prefix.family << 8);
    require(row, kind === "source" ? 2 : 4, prefix.mask[0] ?? 0, prefix.address.words[0] ?? 0);
  }
}

/** IP versions by EtherType. */
const families = new Map([
  [0x0800, 4],
  [0x86dd, 6],
]);

function require(row: Int32Array, at: number, mask: number, value: number): void {
  const before = row[at] ?? 0;
  // A bit that another condition of the rule already decided stays decided.
  const added = mask & ~before;
  row[at] = before | added;
  row[at + 1] = ((row[at + 1] ?? 0) & before) | (value & added);
}
