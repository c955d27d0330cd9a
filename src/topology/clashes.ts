import type { DocumentPath } from "../document/index.ts";
import { isLinkLocal } from "./addresses.ts";
import type { FlatNode } from "./flat-topology.ts";
import type { FaultLog } from "./fault-log.ts";
import type { NodePlan, PortPlan } from "./plan.ts";

interface Use {
  readonly owner: string;
  /** Name of the wire or segment, or of the port itself when nothing is plugged in. */
  readonly link: string;
  readonly anycast: boolean;
}

/** Report MACs that are there twice, and addresses that are there twice without being declared anycast. */
export function checkClashes(nodes: readonly NodePlan[], flat: ReadonlyMap<string, FlatNode>, log: FaultLog): void {
  const macs = new Map<string, string>();
  const addresses = new Map<string, Use[]>();
  for (const node of nodes) {
    const declared = flat.get(node.name);
    if (declared === undefined) continue;
    for (const port of node.ports) {
      const owner = `${node.name}:${port.name}`;
      const report = (path: DocumentPath, message: string, hint: string): void => {
        log.report(declared.sources, declared.declaredPath(["ports", port.name, ...path]), message, hint);
      };
      checkMac(port, owner, macs, report);
      port.addresses.forEach((text, index) => {
        const address = text.replace(/\/.*/, "");
        const entry = declared.ports.get(port.name)?.addresses?.[index];
        const use = { owner, link: linkOf(port, owner), anycast: typeof entry === "object" && entry.anycast === true };
        const uses = addresses.get(address) ?? [];
        const clash = uses.find((other) => clashes(address, use, other));
        if (clash !== undefined) {
          const message = `the address ${address} of ${owner} is also that of ${clash.owner}`;
          report(
            ["addresses", index],
            message,
            "give one of them another, or write { address: …, anycast: true } at both",
          );
        }
        addresses.set(address, [...uses, use]);
      });
    }
  }
}

function checkMac(
  { mac }: PortPlan,
  owner: string,
  macs: Map<string, string>,
  report: (path: DocumentPath, message: string, hint: string) => void,
): void {
  if ((Number.parseInt(mac.slice(0, 2), 16) & 1) === 1 || mac === "00:00:00:00:00:00") {
    report(["mac"], `expected the MAC of one port, found ${mac}`, "the first byte is even: 02:… is free for any use");
  }
  const other = macs.get(mac);
  if (other !== undefined)
    report(["mac"], `the MAC ${mac} of ${owner} is also that of ${other}`, "let one be derived: remove its mac");
  macs.set(mac, owner);
}

function clashes(address: string, a: Use, b: Use): boolean {
  if (a.link === b.link) return true;
  return !isLinkLocal(address) && !(a.anycast && b.anycast);
}

function linkOf({ attachment }: PortPlan, owner: string): string {
  if (attachment.type === "wire") return `wire ${attachment.wire}`;
  return attachment.type === "segment" ? `segment ${attachment.segment}` : `port ${owner}`;
}
