import type { SledRow } from "../engine/fabric-rows.ts";
import type { Store } from "../store/store.ts";
import { exhausted } from "./refusals.ts";

/** What an instance needs of a sled. */
export interface Demand {
  readonly ncpus: number;
  /** Bytes. */
  readonly memory: number;
}

/**
 * The sled for an instance: of those with room the one with the fewest instances. @throws ApiError (507) if none has room
 */
export function placeInstance(store: Store, demand: Demand, except?: string): SledRow {
  const sleds = store.tables.sleds.list({ is_present: true, provision_policy: "provisionable" });
  const candidates = sleds
    .filter(({ id }) => id !== except)
    .map((sled) => ({ sled, ...loadOf(store, sled) }))
    .filter(({ sled, ncpus, memory }) => fits(sled, { ncpus: ncpus + demand.ncpus, memory: memory + demand.memory }))
    .toSorted((one, other) => one.count - other.count || (one.sled.name < other.sled.name ? -1 : 1));
  const [best] = candidates;
  if (best === undefined) {
    throw exhausted("ncpus", `no sled has ${demand.ncpus} CPUs and ${demand.memory} bytes of memory free`);
  }
  return best.sled;
}

/** Whether a sled has room for an instance besides those that it has. */
export function hasRoom(store: Store, sled: SledRow, demand: Demand): boolean {
  const { ncpus, memory } = loadOf(store, sled);
  return fits(sled, { ncpus: ncpus + demand.ncpus, memory: memory + demand.memory });
}

function fits({ hardware_threads, physical_ram }: SledRow, { ncpus, memory }: Demand): boolean {
  return ncpus <= hardware_threads && memory <= physical_ram;
}

function loadOf({ tables }: Store, { id }: SledRow): Demand & { readonly count: number } {
  const instances = tables.instances.list({ sled_id: id });
  return {
    count: instances.length,
    ncpus: instances.reduce((sum, { ncpus }) => sum + ncpus, 0),
    memory: instances.reduce((sum, { memory }) => sum + memory, 0),
  };
}
