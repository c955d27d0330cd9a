import { discoveryPrefix, hostAddress } from "./addressing.ts";
import type { Fabric, RackNode } from "./fabric.ts";

/** Name servers that racks have, so that one may be lost. */
const nameServerCount = 2;

/** A name server: which sled it is on, and the prefix that is its own wherever that is. */
export interface NameServerPlan {
  readonly name: string;
  readonly owner: RackNode;
  readonly prefix: string;
  /** `::1` of the prefix. */
  readonly address: string;
}

/** The name servers of a fabric: on sleds of as many racks as there are, the first ones of each. */
export function nameServersOf({ racks }: Pick<Fabric, "racks">): readonly NameServerPlan[] {
  const sleds = racks
    .flatMap((rack) => rack.sleds)
    .toSorted((one, other) => one.index - other.index || one.rack - other.rack);
  return sleds.slice(0, nameServerCount).map((owner, index) => {
    const prefix = discoveryPrefix(index);
    return { name: `dns${index}`, owner, prefix, address: hostAddress(prefix) };
  });
}

/** The name server of a sled; undefined if it has none. */
export function nameServerOn(fabric: Pick<Fabric, "racks">, { node }: RackNode): NameServerPlan | undefined {
  return nameServersOf(fabric).find(({ owner }) => owner.node === node);
}
