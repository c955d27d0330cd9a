import type { SwitchControl } from "../control/switch-control.ts";
import { ControlError } from "../state/control-error.ts";
import { type Method, method } from "./method.ts";
import { standardSignatures as signatures } from "./signatures.ts";
import type { TableState } from "../state/table-state.ts";
import { unsigned } from "./counter-value.ts";
import { entryToWire, keyFromWire, outcomeToWire } from "./entries.ts";
import { ratesFromWire, ratesToWire } from "./rates.ts";
import { tableEntry } from "./types.ts";

/** Methods on tables. */
export function tableMethods(control: SwitchControl): Record<string, Method> {
  const found = (name: string): TableState | undefined => {
    try {
      return control.table(name);
    } catch (error) {
      if (error instanceof ControlError) return undefined;
      throw error;
    }
  };
  return {
    bm_mt_get_num_entries: method(signatures.bm_mt_get_num_entries, ({ table }) => BigInt(control.table(table).size)),
    bm_mt_clear_entries: method(signatures.bm_mt_clear_entries, ({ table, resetDefault }) => {
      const state = control.table(table);
      state.clear();
      if (resetDefault) state.resetDefault();
      return undefined;
    }),
    bm_mt_add_entry: method(signatures.bm_mt_add_entry, ({ table, key, action, data, options }) =>
      control.table(table).add(keyFromWire(key), action, data, options.priority ?? 0, control.now),
    ),
    bm_mt_set_default_action: method(signatures.bm_mt_set_default_action, ({ table, action, data }) => {
      control.table(table).setDefault(action, data);
      return undefined;
    }),
    bm_mt_reset_default_entry: method(signatures.bm_mt_reset_default_entry, ({ table }) => {
      const state = control.table(table);
      if (state.table.kind !== "simple") throw new ControlError("table", "WRONG_TABLE_TYPE");
      state.resetDefault();
      return undefined;
    }),
    bm_mt_delete_entry: method(signatures.bm_mt_delete_entry, ({ table, handle }) => {
      const state = control.table(table);
      if (state.table.kind !== "simple") throw new ControlError("table", "WRONG_TABLE_TYPE");
      state.delete(handle);
      return undefined;
    }),
    bm_mt_modify_entry: method(signatures.bm_mt_modify_entry, ({ table, handle, action, data }) => {
      control.table(table).modify(handle, action, data);
      return undefined;
    }),
    bm_mt_set_entry_ttl: method(signatures.bm_mt_set_entry_ttl, ({ table, handle, timeoutMs }) => {
      control.table(table).setTimeout(handle, timeoutMs, control.now);
      return undefined;
    }),
    bm_mt_read_counter: method(signatures.bm_mt_read_counter, ({ table, handle }) =>
      control.table(table).readCounter(handle),
    ),
    bm_mt_write_counter: method(signatures.bm_mt_write_counter, ({ table, handle, value }) => {
      control.table(table).writeCounter(handle, unsigned(value));
      return undefined;
    }),
    bm_mt_reset_counters: method(signatures.bm_mt_reset_counters, ({ table }) => {
      control.table(table).resetCounters();
      return undefined;
    }),
    bm_mt_get_meter_rates: method(signatures.bm_mt_get_meter_rates, ({ table, handle }) =>
      ratesToWire(control.table(table).meterRates(handle)),
    ),
    bm_mt_set_meter_rates: method(signatures.bm_mt_set_meter_rates, ({ table, handle, rates }) => {
      control.table(table).setMeterRates(handle, ratesFromWire(rates), control.now);
      return undefined;
    }),
    // Reading from a table that is not there gives nothing, as the reference does.
    bm_mt_get_entries: method(signatures.bm_mt_get_entries, ({ table }) => {
      const state = found(table);
      return state === undefined ? [] : [...state.entries()].map((entry) => entryToWire(state, entry, control.now));
    }),
    bm_mt_get_entry: method(signatures.bm_mt_get_entry, ({ table, handle }) => {
      const state = found(table);
      return state === undefined ? tableEntry.zero() : entryToWire(state, state.entry(handle), control.now);
    }),
    bm_mt_get_default_entry: method(signatures.bm_mt_get_default_entry, ({ table }) =>
      outcomeToWire(found(table)?.defaultOutcome),
    ),
    bm_mt_get_entry_from_key: method(signatures.bm_mt_get_entry_from_key, ({ table, key, options }) => {
      const state = found(table);
      if (state === undefined) return tableEntry.zero();
      if (key.length === 0) return { ...tableEntry.zero(), action: outcomeToWire(state.defaultOutcome) };
      return entryToWire(state, state.find(keyFromWire(key), options.priority ?? 0), control.now);
    }),
  };
}

/** Methods on tables whose entries lead to members and groups. */
export function indirectMethods(control: SwitchControl): Record<string, Method> {
  const indirect = (name: string): TableState => {
    const state = control.table(name);
    if (state.table.kind === "simple") throw new ControlError("table", "WRONG_TABLE_TYPE");
    return state;
  };
  return {
    bm_mt_indirect_add_entry: method(signatures.bm_mt_indirect_add_entry, ({ table, key, target, options }) =>
      control.table(table).addIndirect("member", keyFromWire(key), target, options.priority ?? 0, control.now),
    ),
    bm_mt_indirect_ws_add_entry: method(signatures.bm_mt_indirect_ws_add_entry, ({ table, key, target, options }) =>
      control.table(table).addIndirect("group", keyFromWire(key), target, options.priority ?? 0, control.now),
    ),
    bm_mt_indirect_modify_entry: method(signatures.bm_mt_indirect_modify_entry, ({ table, handle, target }) => {
      control.table(table).modifyIndirect("member", handle, target);
      return undefined;
    }),
    bm_mt_indirect_ws_modify_entry: method(signatures.bm_mt_indirect_ws_modify_entry, ({ table, handle, target }) => {
      control.table(table).modifyIndirect("group", handle, target);
      return undefined;
    }),
    bm_mt_indirect_delete_entry: method(signatures.bm_mt_indirect_delete_entry, ({ table, handle }) => {
      indirect(table).delete(handle);
      return undefined;
    }),
    bm_mt_indirect_set_entry_ttl: method(signatures.bm_mt_indirect_set_entry_ttl, ({ table, handle, timeoutMs }) => {
      indirect(table).setTimeout(handle, timeoutMs, control.now);
      return undefined;
    }),
    bm_mt_indirect_set_default_member: method(signatures.bm_mt_indirect_set_default_member, ({ table, target }) => {
      control.table(table).setDefaultIndirect("member", target);
      return undefined;
    }),
    bm_mt_indirect_ws_set_default_group: method(signatures.bm_mt_indirect_ws_set_default_group, ({ table, target }) => {
      control.table(table).setDefaultIndirect("group", target);
      return undefined;
    }),
    bm_mt_indirect_reset_default_entry: method(signatures.bm_mt_indirect_reset_default_entry, ({ table }) => {
      indirect(table).resetDefault();
      return undefined;
    }),
  };
}
