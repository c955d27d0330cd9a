import type { DnsRecord } from "../../../packet/index.ts";
import type { DirectoryState } from "../../nexus/sled-interface/directory-state.ts";
import { reverseName, servedZone, servicesZone, vpcZone } from "./names.ts";

/** Seconds that an answer is true for, and that an absence is: short, since a name is to be had at once. */
export const ttls = { answer: 5, absence: 1 } as const;

/** What is known about a name. */
export interface Known {
  readonly rcode: "no-error" | "name-error";
  readonly records: readonly DnsRecord[];
}

const nothing: Known = { rcode: "no-error", records: [] };
const absent: Known = { rcode: "name-error", records: [] };

/** The names of all VPCs and services. Pure: the same state, the same answers. */
export class Directory {
  readonly #records = new Map<string, DnsRecord[]>();
  /** Names that there are, those without records of their own included (RFC 8020). */
  readonly #names = new Set<string>([servedZone]);

  constructor({ vpcs, services }: Pick<DirectoryState, "vpcs" | "services">) {
    for (const { vni, hosts } of vpcs) {
      const zone = vpcZone(vni);
      this.#addName(zone);
      for (const { name, subnet, addresses } of hosts) {
        for (const address of addresses) {
          this.#addAddress(`${name}.${zone}`, address);
          this.#addAddress(`${name}.${subnet}.${zone}`, address);
          const pointer = {
            ...common(`${reverseName(address)}.${zone}`),
            type: "PTR",
            target: `${name}.${zone}`,
          } as const;
          this.#add(pointer);
        }
      }
    }
    for (const { name, protocol, instances } of services) {
      for (const { host, address, port } of instances) {
        const target = `${host}.${servicesZone}`;
        this.#addAddress(target, address);
        const place = { priority: 0, weight: 0, port, target };
        this.#add({ ...common(`_${name}._${protocol}.${servicesZone}`), type: "SRV", ...place });
      }
    }
  }

  /** What there is of a type under a name, whatever its case; the records are named as was asked. */
  lookup(name: string, type: string): Known {
    const key = name.toLowerCase();
    if (!this.#names.has(key)) return absent;
    const records = (this.#records.get(key) ?? []).filter((record) => record.type === type || type === "ANY");
    return records.length === 0 ? nothing : { rcode: "no-error", records: records.map((each) => ({ ...each, name })) };
  }

  #addAddress(name: string, address: string): void {
    const type = address.includes(":") ? "AAAA" : "A";
    const known = this.#records.get(name) ?? [];
    if (known.some((record) => record.type === type && "address" in record && record.address === address)) return;
    this.#add({ ...common(name), type, address });
  }

  #add(record: DnsRecord & { readonly name: string }): void {
    this.#addName(record.name);
    const known = this.#records.get(record.name);
    if (known === undefined) this.#records.set(record.name, [record]);
    else known.push(record);
  }

  #addName(name: string): void {
    for (let rest = name; !this.#names.has(rest); rest = rest.slice(rest.indexOf(".") + 1)) this.#names.add(rest);
  }
}

function common(name: string): { readonly name: string; readonly class: "IN"; readonly ttl: number } {
  return { name, class: "IN", ttl: ttls.answer };
}
