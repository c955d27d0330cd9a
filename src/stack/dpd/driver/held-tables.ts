import { ControlError, type ThriftClient } from "../../../p4/switch/index.ts";
import type { HeldRows } from "../engine/row-difference.ts";
import type { RowChange } from "../engine/row-store.ts";
import { type Row, rowIdentity, type TableName, tableNames } from "../engine/tables.ts";
import { SwitchFault } from "./switch-fault.ts";
import { dataToWire, rowFromWire, rowToWire } from "./wire-rows.ts";

/** Decides which operations fail on purpose; throws a {@link SwitchFault} for those. */
export type FaultInjection = (change: RowChange, during: "change" | "rollback") => void;

/** Operations that are sent before the answers to them are waited for. */
const sentAtOnce = 256;

/** The tables of one switch on one connection, and the handles of their entries. */
export class HeldTables {
  readonly #client: ThriftClient;
  readonly #handles = new Map<TableName, Map<string, number>>(tableNames.map((name) => [name, new Map()]));

  constructor(client: ThriftClient) {
    this.#client = client;
  }

  /** How many rows the switch holds. */
  async count(): Promise<number> {
    const counts = await Promise.all(
      tableNames.map((table) => this.#client.call("bm_mt_get_num_entries", { cxt: 0, table })),
    );
    return counts.reduce((sum, count) => sum + Number(count), 0);
  }

  /** What the switch holds, and with it the handles that operations need. */
  async readAll(): Promise<HeldRows> {
    return new Map(
      await Promise.all(tableNames.map(async (table) => [table, await this.read(table, this.#of(table))] as const)),
    );
  }

  /** Rows of one table as the switch holds them. */
  async read(table: TableName, handles = new Map<string, number>()): Promise<readonly Row[]> {
    const entries = await this.#client.call("bm_mt_get_entries", { cxt: 0, table });
    handles.clear();
    return entries.map((entry) => {
      const { row, handle } = rowFromWire(table, entry);
      handles.set(rowIdentity(row), handle);
      return row;
    });
  }

  /**
   * Do operations in order, or none: when one fails, what was done is taken back, last first. They are sent without waiting
   * for answers, which the switch gives in order. So one that the switch refuses, because its tables are not what they were
   * thought to be, does not keep those behind it from being done for a moment; one that a fault is injected into does.
   *
   * @throws SwitchFault, or the error of a connection that is gone, in which case anything may have been done
   */
  async apply(changes: readonly RowChange[], inject: FaultInjection = () => undefined): Promise<void> {
    const done: RowChange[] = [];
    let at = 0;
    while (at < changes.length) {
      const sent: RowChange[] = [];
      const answers: Promise<void>[] = [];
      const added = new Set<string>();
      let fault: Error | undefined;
      for (; at < changes.length && sent.length < sentAtOnce; at += 1) {
        const change = changes[at];
        if (change === undefined) break;
        const name = `${change.table} ${change.identity}`;
        // Its handle is in an answer that is still to come.
        if (change.before !== undefined && added.has(name)) break;
        if (change.before === undefined) added.add(name);
        try {
          inject(change, "change");
        } catch (error) {
          fault = asError(error);
          break;
        }
        sent.push(change);
        answers.push(this.#one(change));
      }
      const results = await Promise.allSettled(answers);
      done.push(...sent.filter((_, index) => results[index]?.status === "fulfilled"));
      const refusal = results.find((result) => result.status === "rejected");
      if (refusal !== undefined) fault = asError(refusal.reason);
      if (fault === undefined) continue;
      if (!(fault instanceof SwitchFault)) throw fault;
      await this.#takeBack(done, fault, inject);
      throw fault;
    }
  }

  async #takeBack(done: readonly RowChange[], reason: SwitchFault, inject: FaultInjection): Promise<void> {
    for (const { table, identity, before, after } of done.toReversed()) {
      const reverse = { table, identity, before: after, after: before };
      try {
        inject(reverse, "rollback");
        await this.#one(reverse);
      } catch (error) {
        if (!(error instanceof SwitchFault)) throw error;
        throw new SwitchFault("rollback", `${reason.message}; taking back what was done failed: ${error.message}`);
      }
    }
  }

  async #one({ table, identity, before, after }: RowChange): Promise<void> {
    const handles = this.#of(table);
    const handle = handles.get(identity) ?? -1;
    try {
      if (after === undefined) {
        await this.#client.call("bm_mt_delete_entry", { cxt: 0, table, handle });
        handles.delete(identity);
      } else if (before === undefined) {
        handles.set(identity, await this.#client.call("bm_mt_add_entry", rowToWire(after)));
      } else {
        const data = dataToWire(after.data);
        await this.#client.call("bm_mt_modify_entry", { cxt: 0, table, handle, action: after.action, data });
      }
    } catch (error) {
      if (!(error instanceof ControlError)) throw error;
      const what = after === undefined ? "delete" : before === undefined ? "add" : "change";
      const kind = error.code === "TABLE_FULL" ? "full" : "refused";
      throw new SwitchFault(kind, `the switch refused to ${what} a row of ${table}: ${error.code}`);
    }
  }

  #of(table: TableName): Map<string, number> {
    const handles = this.#handles.get(table);
    if (handles === undefined) throw new Error(`no table ${table}`);
    return handles;
  }
}

function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown));
}
