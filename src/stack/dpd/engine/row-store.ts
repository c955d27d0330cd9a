import type { Journal } from "./journal.ts";
import { Refusal } from "./refusal.ts";
import { type Row, rowIdentity, sameOutcome, type TableName, tableNames, tableShape } from "./tables.ts";

/** One operation on a table: a row comes (no `before`), changes (both) or goes (no `after`). Turned round it is taken back. */
export interface RowChange {
  readonly table: TableName;
  readonly identity: string;
  readonly before: Row | undefined;
  readonly after: Row | undefined;
}

/** What the tables of the switch shall hold, and in which order they get there. */
export class RowStore {
  readonly #tables = new Map<TableName, Map<string, Row>>(tableNames.map((name) => [name, new Map<string, Row>()]));
  readonly #journal: Journal;
  /** Rows that an earlier run of dpd made and nobody has wanted yet, by table and identity. */
  readonly #unclaimed = new Map<string, Row>();
  #changes: RowChange[] = [];

  constructor(journal: Journal) {
    this.#journal = journal;
  }

  /** Rows of a table, by their identity. */
  rows(table: TableName): ReadonlyMap<string, Row> {
    return this.#table(table);
  }

  /** The switch holds this row of an earlier run: it stays until {@link releaseUnclaimed}, unless it is wanted before. */
  adopt(row: Row): void {
    const identity = rowIdentity(row);
    if (this.#table(row.table).has(identity)) return;
    this.#apply(row.table, identity, row);
    this.#unclaimed.set(`${row.table} ${identity}`, row);
  }

  /** Let all go that was adopted and not wanted since: what leads before what it leads to, shorter prefixes first. */
  releaseUnclaimed(): void {
    const rows = [...this.#unclaimed.values()].sort(
      (a, b) => tableNames.indexOf(b.table) - tableNames.indexOf(a.table) || prefixLength(a) - prefixLength(b),
    );
    for (const row of rows) this.remove(row);
  }

  /** Let a row be there, in place of what has its key. Throws a {@link Refusal} (full). */
  put(row: Row): void {
    const identity = rowIdentity(row);
    const rows = this.#table(row.table);
    const before = rows.get(identity);
    this.#claim(row.table, identity);
    if (before !== undefined && sameOutcome(before, row)) return;
    const { capacity } = tableShape(row.table);
    if (before === undefined && rows.size >= capacity) {
      throw new Refusal("full", `table ${row.table} is full: it holds ${capacity} rows`);
    }
    this.#change({ table: row.table, identity, before, after: row });
  }

  /** Let the row with this key go; nothing happens if there is none. */
  remove(row: Pick<Row, "table" | "key" | "priority">): void {
    const identity = rowIdentity(row);
    const before = this.#table(row.table).get(identity);
    if (before === undefined) return;
    this.#claim(row.table, identity);
    this.#change({ table: row.table, identity, before, after: undefined });
  }

  #claim(table: TableName, identity: string): void {
    const key = `${table} ${identity}`;
    const row = this.#unclaimed.get(key);
    if (row === undefined) return;
    this.#unclaimed.delete(key);
    this.#journal.record(() => this.#unclaimed.set(key, row));
  }

  /** Operations since the last call, in order. */
  takeChanges(): readonly RowChange[] {
    const changes = this.#changes;
    this.#changes = [];
    return changes;
  }

  #change(change: RowChange): void {
    this.#apply(change.table, change.identity, change.after);
    this.#changes.push(change);
    this.#journal.record(() => {
      this.#apply(change.table, change.identity, change.before);
    });
  }

  #apply(table: TableName, identity: string, row: Row | undefined): void {
    if (row === undefined) this.#table(table).delete(identity);
    else this.#table(table).set(identity, row);
  }

  #table(name: TableName): Map<string, Row> {
    const rows = this.#tables.get(name);
    if (rows === undefined) throw new Error(`no table ${name}`);
    return rows;
  }
}

function prefixLength({ key: [part] }: Row): number {
  return part?.kind === "lpm" ? part.length : 0;
}
