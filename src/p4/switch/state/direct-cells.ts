import type { Table } from "../format/program.ts";
import { CounterCells, type CounterValue, MeterCells, type MeterRate } from "./cells.ts";
import { ControlError } from "./control-error.ts";

/** Counters and meters of a table's entries, by the slots of the entries. */
export abstract class DirectCells {
  readonly counters: CounterCells | undefined;
  readonly meters: MeterCells | undefined;

  constructor({ withCounters, meter }: Pick<Table, "withCounters" | "meter">) {
    this.counters = withCounters ? new CounterCells(0) : undefined;
    this.meters = meter === undefined ? undefined : new MeterCells(0, meter.rateCount, meter.unit);
  }

  /** An entry by the slot in its handle. Throws INVALID_HANDLE. */
  abstract entryAt(handle: number): { readonly slot: number };

  readCounter(handle: number): CounterValue {
    const counters = this.#directCounters();
    return counters.read(this.entryAt(handle).slot);
  }

  writeCounter(handle: number, value: CounterValue): void {
    const counters = this.#directCounters();
    counters.write(this.entryAt(handle).slot, value);
  }

  resetCounters(): void {
    this.#directCounters().clear();
  }

  meterRates(handle: number): readonly MeterRate[] {
    const meters = this.#directMeters();
    return meters.rates(this.entryAt(handle).slot);
  }

  /** Throws ERROR for any bad list of rates. */
  setMeterRates(handle: number, rates: readonly MeterRate[], now: number): void {
    const meters = this.#directMeters();
    const { slot } = this.entryAt(handle);
    try {
      meters.setRates(slot, rates, now);
    } catch (error) {
      if (error instanceof ControlError) throw new ControlError("table", "ERROR", error.message);
      throw error;
    }
  }

  /** Direct cells of a slot, as new. */
  protected makeRoom(slot: number): void {
    for (const cells of [this.counters, this.meters]) {
      if (cells === undefined) continue;
      if (slot >= cells.size) cells.grow(Math.max(16, cells.size * 2));
      cells.clear(slot);
    }
  }

  #directCounters(): CounterCells {
    if (this.counters === undefined) throw new ControlError("table", "COUNTERS_DISABLED");
    return this.counters;
  }

  #directMeters(): MeterCells {
    if (this.meters === undefined) throw new ControlError("table", "METERS_DISABLED");
    return this.meters;
  }
}
