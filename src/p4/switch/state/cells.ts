import { ControlError } from "./control-error.ts";
import { readWords, wordCount, writeWords } from "./key.ts";

/** Packets and bytes, each a 64-bit unsigned number. */
export interface CounterValue {
  readonly packets: bigint;
  readonly bytes: bigint;
}

/** Counters of packets and bytes. Words of a cell: packets low, packets high, bytes low, bytes high. */
export class CounterCells {
  #words: Uint32Array;
  #size: number;

  constructor(size: number) {
    this.#size = size;
    this.#words = new Uint32Array(size * 4);
  }

  get size(): number {
    return this.#size;
  }

  /** Make room for `size` cells. */
  grow(size: number): void {
    if (size <= this.#size) return;
    const words = new Uint32Array(size * 4);
    words.set(this.#words);
    this.#words = words;
    this.#size = size;
  }

  /** One packet of `bytes`; `index` must be within. */
  count(index: number, bytes: number): void {
    const words = this.#words;
    const at = index * 4;
    const packets = ((words[at] ?? 0) + 1) >>> 0;
    words[at] = packets;
    if (packets === 0) words[at + 1] = (words[at + 1] ?? 0) + 1;
    const total = (words[at + 2] ?? 0) + bytes;
    words[at + 2] = total;
    if (total > 0xffff_ffff) words[at + 3] = (words[at + 3] ?? 0) + 1;
  }

  read(index: number): CounterValue {
    const [a = 0, b = 0, c = 0, d = 0] = this.#words.subarray(index * 4, index * 4 + 4);
    return { packets: (BigInt(b) << 32n) | BigInt(a), bytes: (BigInt(d) << 32n) | BigInt(c) };
  }

  write(index: number, { packets, bytes }: CounterValue): void {
    for (const [at, value] of [packets, bytes].entries()) {
      this.#words[index * 4 + at * 2] = Number(value & 0xffff_ffffn);
      this.#words[index * 4 + at * 2 + 1] = Number((value >> 32n) & 0xffff_ffffn);
    }
  }

  clear(index?: number): void {
    if (index === undefined) this.#words.fill(0);
    else this.#words.fill(0, index * 4, index * 4 + 4);
  }
}

/** Unsigned cells of one width, in words, most significant first. */
export class RegisterCells {
  readonly width: number;
  readonly size: number;
  readonly wordsPerCell: number;
  readonly words: Uint32Array;

  constructor(size: number, width: number) {
    this.size = size;
    this.width = width;
    this.wordsPerCell = wordCount(width);
    this.words = new Uint32Array(size * this.wordsPerCell);
  }

  read(index: number): bigint {
    return readWords(this.words, index * this.wordsPerCell, this.wordsPerCell);
  }

  write(index: number, value: bigint): void {
    writeWords(BigInt.asUintN(this.width, value), this.words, index * this.wordsPerCell, this.wordsPerCell);
  }

  clear(): void {
    this.words.fill(0);
  }
}

/** One rate of a meter. */
export interface MeterRate {
  /** Packets or bytes per microsecond. */
  readonly unitsPerMicrosecond: number;
  /** Packets or bytes; negative: no limit. */
  readonly burst: number;
}

const rateAt = 0;
const burstAt = 1;
const tokensAt = 2;
const filledAt = 3;
const numbersPerRate = 4;

/** Token-bucket meters (two-rate three-colour with two rates). */
export class MeterCells {
  readonly #rateCount: number;
  readonly #inBytes: boolean;
  #numbers: Float64Array;
  /** Whether rates were set. */
  #configured: Uint8Array;

  constructor(size: number, rateCount: number, unit: "packets" | "bytes") {
    this.#rateCount = rateCount;
    this.#inBytes = unit === "bytes";
    this.#numbers = new Float64Array(size * rateCount * numbersPerRate);
    this.#configured = new Uint8Array(size);
  }

  get size(): number {
    return this.#configured.length;
  }

  grow(size: number): void {
    if (size <= this.size) return;
    const numbers = new Float64Array(size * this.#rateCount * numbersPerRate);
    numbers.set(this.#numbers);
    const configured = new Uint8Array(size);
    configured.set(this.#configured);
    this.#numbers = numbers;
    this.#configured = configured;
  }

  /**
   * Colour of a packet at `now` (microseconds): 0 within all rates, n above rate n, counted from 1. The highest rate is
   * asked first; a packet above a rate takes nothing from it nor from lower ones.
   */
  execute(index: number, bytes: number, now: number): number {
    if (this.#configured[index] !== 1) return 0;
    const numbers = this.#numbers;
    const units = this.#inBytes ? bytes : 1;
    for (let rate = this.#rateCount - 1; rate >= 0; rate -= 1) {
      const at = (index * this.#rateCount + rate) * numbersPerRate;
      const gained = (now - (numbers[at + filledAt] ?? 0)) * (numbers[at + rateAt] ?? 0);
      const tokens = Math.min(numbers[at + burstAt] ?? 0, (numbers[at + tokensAt] ?? 0) + gained);
      numbers[at + filledAt] = now;
      if (tokens < units) {
        numbers[at + tokensAt] = tokens;
        return rate + 1;
      }
      numbers[at + tokensAt] = tokens - units;
    }
    return 0;
  }

  /** Rates in ascending order, as many as the meter has. Buckets start full at `now` (microseconds). */
  setRates(index: number, rates: readonly MeterRate[], now: number): void {
    this.checkRates(rates);
    for (const [rate, { unitsPerMicrosecond, burst }] of rates.entries()) {
      const size = burst < 0 ? Number.MAX_VALUE : burst;
      this.#numbers.set([unitsPerMicrosecond, size, size, now], (index * this.#rateCount + rate) * numbersPerRate);
    }
    this.#configured[index] = 1;
  }

  /** Throws BAD_RATES_LIST or INVALID_INFO_RATE_VALUE. */
  checkRates(rates: readonly MeterRate[]): void {
    if (rates.length !== this.#rateCount) throw new ControlError("meter", "BAD_RATES_LIST");
    for (const [at, { unitsPerMicrosecond }] of rates.entries()) {
      const lower = rates[at - 1];
      if (lower !== undefined && lower.unitsPerMicrosecond > unitsPerMicrosecond) {
        throw new ControlError("meter", "INVALID_INFO_RATE_VALUE");
      }
    }
  }

  /** Rates as they were set; none if they were not. */
  rates(index: number): readonly MeterRate[] {
    if (this.#configured[index] !== 1) return [];
    return Array.from({ length: this.#rateCount }, (_, rate) => {
      const at = (index * this.#rateCount + rate) * numbersPerRate;
      const burst = this.#numbers[at + burstAt] ?? 0;
      return {
        unitsPerMicrosecond: this.#numbers[at + rateAt] ?? 0,
        burst: burst === Number.MAX_VALUE ? -1 : burst,
      };
    });
  }

  clear(index?: number): void {
    if (index === undefined) this.#configured.fill(0);
    else this.#configured[index] = 0;
  }
}
