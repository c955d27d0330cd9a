import type { RowChange, RowStore } from "./row-store.ts";
import { type Row, rowIdentity, sameOutcome, type TableName, tableNames } from "./tables.ts";

/** What the tables of a switch hold, as it says; a row that nobody here could have made is no Row and not among them. */
export type HeldRows = ReadonlyMap<TableName, readonly Row[]>;

const indexTables: readonly (readonly [TableName, TableName])[] = [
  ["ingress.router.v4_idx.rtr", "ingress.router.v4_route.rtr"],
  ["ingress.router.v6_idx.rtr", "ingress.router.v6_route.rtr"],
];

/**
 * Operations, in order, after which a switch holds what the intent wants, whatever it holds now. A prefix some of whose
 * slots hold something else leads nowhere until they are right: at no moment a packet goes where nobody wanted it.
 */
export function rowDifference(held: HeldRows, wanted: RowStore): readonly RowChange[] {
  const first: RowChange[] = [];
  const comes: RowChange[] = [];
  const goes: RowChange[] = [];
  const present = new Map(tableNames.map((table) => [table, byIdentity(held.get(table) ?? [])]));
  for (const [index, targets] of indexTables) {
    const stale = staleSlots(present.get(targets), wanted.rows(targets));
    for (const [identity, row] of present.get(index) ?? []) {
      const [start = 0n, count = 0n] = row.data;
      if (!someSlot(start, count, stale)) continue;
      first.push({ table: index, identity, before: row, after: undefined });
      present.get(index)?.delete(identity);
    }
  }
  for (const table of tableNames) {
    const rows = present.get(table) ?? new Map<string, Row>();
    for (const [identity, row] of wanted.rows(table)) {
      const before = rows.get(identity);
      if (before === undefined || !sameOutcome(before, row)) comes.push({ table, identity, before, after: row });
    }
    for (const [identity, row] of rows) {
      if (!wanted.rows(table).has(identity)) goes.push({ table, identity, before: row, after: undefined });
    }
  }
  // What leads goes before what it leads to, and comes after it; what goes makes room. Of prefixes, shorter ones go first
  // and come last: none takes packets that belong to a longer one.
  return [...shortFirst(first), ...shortFirst(goes.toReversed()), ...shortFirst(comes.toReversed()).toReversed()];
}

/** The same order of tables; within a table of prefixes the shorter ones first. */
function shortFirst(changes: readonly RowChange[]): readonly RowChange[] {
  const groups = Map.groupBy(changes, ({ table }) => table);
  return [...groups.values()].flatMap((group) => group.sort((a, b) => prefixLength(a) - prefixLength(b)));
}

function prefixLength({ before, after }: RowChange): number {
  const [part] = (after ?? before)?.key ?? [];
  return part?.kind === "lpm" ? part.length : 0;
}

function byIdentity(rows: readonly Row[]): Map<string, Row> {
  return new Map(rows.map((row) => [rowIdentity(row), row]));
}

/** Slots that hold something now, and something else, or nothing, later. */
function staleSlots(held: ReadonlyMap<string, Row> | undefined, wanted: ReadonlyMap<string, Row>): ReadonlySet<bigint> {
  const slots = new Set<bigint>();
  for (const [identity, row] of held ?? []) {
    const after = wanted.get(identity);
    const [part] = row.key;
    if ((after === undefined || !sameOutcome(after, row)) && part?.kind === "exact") slots.add(part.value);
  }
  return slots;
}

function someSlot(start: bigint, count: bigint, slots: ReadonlySet<bigint>): boolean {
  for (let slot = start; slot < start + count; slot += 1n) if (slots.has(slot)) return true;
  return false;
}
