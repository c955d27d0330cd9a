import type { ProbeRow, ProjectRow } from "../engine/rows.ts";
import type { Store } from "../store/store.ts";
import { ensureSnat } from "./external-ips.ts";
import { createInterface, subnetByNames } from "./interfaces.ts";
import { requireFreeName } from "./lookup.ts";
import { choosePool, freeAddress, type PoolChoice } from "./pools.ts";
import { notFound } from "./refusals.ts";

/** What is said of a new probe. */
export interface ProbeCreate {
  readonly name: string;
  readonly description: string;
  readonly sled: string;
  readonly pool_selector?: PoolChoice | undefined;
}

/**
 * Make a probe on a sled: a NIC in the project's default subnet, with an external address of the pool that it asks for, or
 * one that it shares.
 */
export function createProbe(
  store: Store,
  project: ProjectRow,
  { sled, pool_selector: choice, ...naming }: ProbeCreate,
): ProbeRow {
  const { probes, sleds } = store.tables;
  requireFreeName(probes, "probe", { project_id: project.id, name: naming.name });
  if (sleds.find({ id: sled, is_present: true }) === undefined) throw notFound("sled", "sled", sled);
  const probe = probes.insert({ ...store.newIdentity(naming), project_id: project.id, sled });
  const subnet = subnetByNames(store, project.id, "default", "default");
  const stack = { ip: { type: "auto" } } as const;
  const nic = createInterface(
    store,
    { instance_id: null, probe_id: probe.id },
    { name: "net0", description: `The network interface of probe ${probe.name}`, subnet, v4: stack, v6: stack },
  );
  const owner = { project_id: project.id, instance_id: null, probe_id: probe.id };
  if (choice === undefined) {
    ensureSnat(store, owner, nic);
    return probe;
  }
  const pool = choosePool(store, choice, "pool_selector");
  store.tables.externalIps.insert({
    ...store.newIdentity({ name: "ephemeral", description: "" }),
    kind: "ephemeral",
    ip: freeAddress(store, pool, "pool_selector"),
    ip_pool_id: pool.id,
    ...owner,
    first_port: 0,
    last_port: 65_535,
  });
  return probe;
}

/** Its NIC and addresses go with it. */
export function deleteProbe({ tables }: Store, { id }: ProbeRow): void {
  tables.externalIps.delete({ probe_id: id });
  tables.interfaces.delete({ probe_id: id });
  tables.probes.delete({ id });
}
