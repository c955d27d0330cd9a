import type { DnsRecord } from "../../../packet/index.ts";
import { isPrivateReverse, isWithin, servedZone, vpcZone } from "./names.ts";

/** The VPC that a guest asks from. */
export interface GuestVpc {
  readonly vni: number;
  /** As the guest knows the names of its VPC: `VPC.PROJECT.internal`. */
  readonly domain: string;
}

/** What becomes of a name that a guest asks for. */
export type GuestName =
  /** The servers know it, by this name. */
  | { readonly kind: "ask"; readonly name: string }
  /** It is not there: names of other VPCs are nobody's but their own. */
  | { readonly kind: "absent" }
  /** It is a name of the outside, which the servers do not know: the guest's next name server may. */
  | { readonly kind: "outside" };

/** How the servers know a name that a guest asks for. Of a private address the name is looked for in the guest's VPC. */
export function guestName(asked: string, { vni, domain }: GuestVpc): GuestName {
  const name = asked.toLowerCase();
  if (isWithin(name, domain)) return { kind: "ask", name: `${name.slice(0, -domain.length)}${vpcZone(vni)}` };
  if (isPrivateReverse(name)) return { kind: "ask", name: `${name}.${vpcZone(vni)}` };
  return { kind: isWithin(name, servedZone) ? "absent" : "outside" };
}

/** Records of a server as the guest shall see them, under the name that it asked for. */
export function guestRecords(records: readonly DnsRecord[], asked: string, { vni, domain }: GuestVpc): DnsRecord[] {
  const zone = vpcZone(vni);
  return records.map((record) => {
    if (record.type === "OPT") return record;
    const named = { ...record, name: asked };
    if (named.type !== "PTR" || !isWithin(named.target, zone)) return named;
    return { ...named, target: `${named.target.slice(0, -zone.length)}${domain}` };
  });
}
