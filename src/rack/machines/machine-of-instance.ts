import type { Testbed } from "../../testbed/index.ts";
import { hostAddress } from "../addressing.ts";
import { fabricOf, nodesOf } from "../fabric.ts";
import { machineNames } from "./pool.ts";
import { SledMachines } from "./sled-machines.ts";

/**
 * The node that an instance of kind `vm` is; undefined for a light one.
 *
 * @param sled the node of its sled
 * @param id its identifier
 */
export async function machineOfInstance(testbed: Testbed, sled: string, id: string): Promise<string | undefined> {
  const owner = nodesOf(fabricOf(testbed.plan)).find(({ node }) => node.name === sled);
  if (owner === undefined || machineNames(testbed.plan).length === 0) return undefined;
  const agent = new SledMachines(() => testbed.node(sled).guest(), hostAddress(owner.prefix));
  const { machines } = await agent.list();
  return machines.find(({ key, phase }) => key.startsWith(`${id}.`) && phase === "here")?.machine ?? undefined;
}
