import type { TableState } from "../state/table-state.ts";

/** Entries of one table that were not hit for longer than their timeout. */
export interface AgeingNotification {
  readonly kind: "ageing";
  readonly tableId: number;
  readonly bufferId: number;
  readonly handles: readonly number[];
}

const sweepInterval = 1_000_000;

/** Looks through tables once a second for idle entries. They are told again at every second sweep, and never removed. */
export class Ageing {
  readonly #tables: readonly TableState[];
  readonly #notify: (notification: AgeingNotification) => void;
  /** Handles told at the sweep before, by table. */
  readonly #told = new Map<TableState, ReadonlySet<number>>();
  #bufferId = 0;
  #nextSweep: number;

  constructor(tables: readonly TableState[], notify: (notification: AgeingNotification) => void, now: number) {
    this.#tables = tables.filter(({ table }) => table.supportTimeout);
    this.#notify = notify;
    this.#nextSweep = this.#tables.length === 0 ? Infinity : now + sweepInterval;
  }

  /** When the next sweep is due, microseconds. */
  get deadline(): number {
    return this.#nextSweep;
  }

  advance(now: number): void {
    if (now < this.#nextSweep) return;
    this.#nextSweep = now + sweepInterval;
    for (const table of this.#tables) {
      const before = this.#told.get(table);
      const handles: number[] = [];
      for (const { handle, timeoutMs, lastHit } of table.entries()) {
        if (timeoutMs > 0 && now - lastHit >= timeoutMs * 1000 && before?.has(handle) !== true) handles.push(handle);
      }
      this.#told.set(table, new Set(handles));
      if (handles.length === 0) continue;
      this.#notify({ kind: "ageing", tableId: table.table.id, bufferId: this.#bufferId, handles });
      this.#bufferId += 1;
    }
  }
}
