import { createHash } from "node:crypto";
import type { FilePlan, Plan } from "../../topology/index.ts";
import type { RackNode } from "../fabric.ts";

const rackKey = "/etc/kestrel/ddmd-rack.key";
const interRackKey = "/etc/kestrel/ddmd-racks.key";

/** Where ddmd finds its keys: every router has its rack's, switches also the one that the racks share. */
export function signingKeyPaths(role: RackNode["role"]): {
  readonly rackKey: string;
  readonly interRackKey?: string;
} {
  return role === "switch" ? { rackKey, interRackKey } : { rackKey };
}

/** The keys of a node of a plan with signed routing. They follow from the seed, as all of a testbed does: they guard nothing else. */
export function signingKeys({ seed, stack }: Plan, { role, rack }: RackNode): readonly FilePlan[] {
  if (!stack.signed) return [];
  const key = (path: string, name: string): FilePlan => ({
    path,
    mode: 0o600,
    content: `${createHash("sha256").update(`ddm key of ${name}, seed ${seed}`).digest("hex")}\n`,
  });
  const own = key(rackKey, `rack ${rack}`);
  return role === "switch" ? [own, key(interRackKey, "all racks")] : [own];
}
