import { ownerOfKey } from "../../stack/sled-agent/engine/light-guest.ts";
import type { Testbed } from "../../testbed/index.ts";
import { fabricOf, sledsOf } from "../fabric.ts";
import { machineNames } from "./pool.ts";
import { SledMachines } from "./sled-machines.ts";

/**
 * The node that an instance of kind `vm` is; undefined for a light one.
 *
 * @param sled the node of its sled
 * @param id its identifier
 */
export async function machineOfInstance(testbed: Testbed, sled: string, id: string): Promise<string | undefined> {
  const owner = sledsOf(fabricOf(testbed.plan)).find(({ node }) => node.name === sled);
  if (owner === undefined || machineNames(testbed.plan).length === 0) return undefined;
  const { machines } = await SledMachines.of(testbed, owner).list();
  return machines.find(({ key, phase }) => ownerOfKey(key) === id && phase === "here")?.machine ?? undefined;
}
