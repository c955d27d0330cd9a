import { apiMac, part, portIds } from "./dpd-fixture.ts";

/** A target of a route, as the model has it. */
export interface NaiveTarget {
  readonly tag: string;
  readonly portId: string;
  readonly hop: string;
}

/** A call of the API that the model understands. */
export type Step =
  | { readonly kind: "set" | "add" | "replace"; readonly prefix: string; readonly target: NaiveTarget }
  | { readonly kind: "removeTarget"; readonly prefix: string; readonly target: NaiveTarget }
  | { readonly kind: "removeRoute"; readonly prefix: string }
  | { readonly kind: "neighbor"; readonly ip: string; readonly mac: string; readonly tag: string }
  | { readonly kind: "removeNeighbor"; readonly ip: string }
  | { readonly kind: "address" | "removeAddress"; readonly portId: string; readonly addr: string; readonly tag: string }
  | { readonly kind: "loopback" | "removeLoopback"; readonly addr: string; readonly tag: string }
  | {
      readonly kind: "nat";
      readonly external: string;
      readonly low: number;
      readonly high: number;
      readonly vni: number;
    }
  | { readonly kind: "removeNat"; readonly external: string; readonly low: number }
  | { readonly kind: "attach"; readonly subnet: string; readonly vni: number }
  | { readonly kind: "detach"; readonly subnet: string }
  | { readonly kind: "uplink"; readonly portId: string; readonly value: boolean }
  | { readonly kind: "removeLink" | "createLink"; readonly portId: string }
  | { readonly kind: "settings"; readonly portId: string; readonly addrs: readonly string[]; readonly tag: string }
  | { readonly kind: "reset"; readonly tag: string };

/** Method, path and body. */
export type Request = readonly ["GET" | "PUT" | "POST" | "DELETE", string, unknown?];

const linkBody = { speed: "Speed100G", fec: null, autoneg: false, kr: false };
const guest = (vni: number): unknown => ({ internal_ip: "fd00::9", inner_mac: apiMac("02:00:00:00:00:09"), vni });
/** The family of an address or prefix. */
export const family = (address: string): 4 | 6 => (address.includes(":") ? 6 : 4);
/** The number of a port in the switch. */
export const portNumber = (id: string): number => portIds.indexOf(id as (typeof portIds)[number]) + 1;

/** The request that a step is. */
export function requestOf(step: Step): Request {
  switch (step.kind) {
    case "set":
    case "replace":
    case "add": {
      const target = { tag: step.target.tag, port_id: step.target.portId, link_id: 0, tgt_ip: step.target.hop };
      const tagged =
        family(step.prefix) === 6 ? target : family(step.target.hop) === 4 ? { V4: target } : { V6: target };
      const body = { cidr: step.prefix, target: tagged, replace: step.kind === "replace" };
      return [step.kind === "add" ? "POST" : "PUT", `/route/ipv${family(step.prefix)}`, body];
    }
    case "removeTarget":
      return [
        "DELETE",
        `/route/ipv${family(step.prefix)}/${part(step.prefix)}/${step.target.portId}/0/${part(step.target.hop)}`,
      ];
    case "removeRoute":
      return ["DELETE", `/route/ipv${family(step.prefix)}/${part(step.prefix)}`];
    case "neighbor":
      return ["POST", family(step.ip) === 4 ? "/arp" : "/ndp", { tag: step.tag, ip: step.ip, mac: apiMac(step.mac) }];
    case "removeNeighbor":
      return ["DELETE", `${family(step.ip) === 4 ? "/arp" : "/ndp"}/${part(step.ip)}`];
    case "address":
      return ["POST", `/ports/${step.portId}/links/0/ipv${family(step.addr)}`, { tag: step.tag, addr: step.addr }];
    case "removeAddress":
      return ["DELETE", `/ports/${step.portId}/links/0/ipv${family(step.addr)}/${part(step.addr)}`];
    case "loopback":
      return ["POST", `/loopback/ipv${family(step.addr)}`, { tag: step.tag, addr: step.addr }];
    case "removeLoopback":
      return ["DELETE", `/loopback/ipv${family(step.addr)}/${part(step.addr)}`];
    case "nat":
      return [
        "PUT",
        `/nat/ipv${family(step.external)}/${part(step.external)}/${step.low}/${step.high}`,
        guest(step.vni),
      ];
    case "removeNat":
      return ["DELETE", `/nat/ipv${family(step.external)}/${part(step.external)}/${step.low}`];
    case "attach":
      return ["PUT", `/attached_subnet/${part(step.subnet)}`, guest(step.vni)];
    case "detach":
      return ["DELETE", `/attached_subnet/${part(step.subnet)}`];
    case "uplink":
      return ["PUT", `/ports/${step.portId}/links/0/uplink`, step.value];
    case "removeLink":
      return ["DELETE", `/ports/${step.portId}/links/0`];
    case "createLink":
      return ["POST", `/ports/${step.portId}/links`, linkBody];
    case "settings":
      return [
        "POST",
        `/port/${step.portId}/settings?tag=${step.tag}`,
        { links: { 0: { params: linkBody, addrs: step.addrs } } },
      ];
    case "reset":
      return ["DELETE", `/all-settings/${step.tag}`];
  }
}

/** What the API was told, kept in the plainest way, and the status each call must have. */
export class NaiveRack {
  routes = new Map<string, readonly NaiveTarget[]>();
  neighbors = new Map<string, { readonly mac: string; readonly tag: string }>();
  /** By address; no port: of the switch as a whole. */
  addresses = new Map<string, { readonly portId?: string; readonly tag: string }>();
  nat: readonly { readonly external: string; readonly low: number; readonly high: number; readonly vni: number }[] = [];
  attached = new Map<string, number>();
  /** Ports with a link, and whether they are uplinks. */
  links = new Map<string, boolean>(portIds.map((id) => [id, id.startsWith("qsfp")]));

  clone(): NaiveRack {
    const copy = new NaiveRack();
    copy.routes = new Map(this.routes);
    copy.neighbors = new Map(this.neighbors);
    copy.addresses = new Map(this.addresses);
    copy.nat = [...this.nat];
    copy.attached = new Map(this.attached);
    copy.links = new Map(this.links);
    return copy;
  }

  /** Do a step. Returns the status that it has; where that is no success nothing has changed. */
  apply(step: Step): number {
    switch (step.kind) {
      case "set":
      case "replace":
      case "add":
        return this.#route(step);
      case "removeTarget": {
        const targets = this.routes.get(step.prefix) ?? [];
        const candidates = targets.filter(({ hop }) => hop === step.target.hop);
        const gone = candidates.find(({ portId }) => portId === step.target.portId) ?? candidates[0];
        if (gone === undefined) return 404;
        this.#setTargets(
          step.prefix,
          targets.filter((target) => target !== gone),
        );
        return 204;
      }
      case "removeRoute":
        return this.routes.delete(step.prefix) ? 204 : 404;
      case "neighbor":
        this.neighbors.set(step.ip, { mac: step.mac, tag: step.tag });
        return 204;
      case "removeNeighbor":
        return this.neighbors.delete(step.ip) ? 204 : 404;
      case "address":
        if (!this.links.has(step.portId)) return 404;
        if (this.addresses.has(step.addr)) return 409;
        this.addresses.set(step.addr, { portId: step.portId, tag: step.tag });
        return 204;
      case "removeAddress":
        if (!this.links.has(step.portId) || this.addresses.get(step.addr)?.portId !== step.portId) return 404;
        this.addresses.delete(step.addr);
        return 204;
      case "loopback": {
        const existing = this.addresses.get(step.addr);
        if (existing?.portId !== undefined) return 409;
        if (existing === undefined) this.addresses.set(step.addr, { tag: step.tag });
        return 204;
      }
      case "removeLoopback":
        if (this.addresses.get(step.addr)?.portId === undefined) this.addresses.delete(step.addr);
        return 204;
      case "nat": {
        if (step.low > step.high) return 400;
        const { kind: _, ...entry } = step;
        const others = this.nat.filter(
          ({ external, low, high }) => external === step.external && low <= step.high && step.low <= high,
        );
        if (others.length === 0) this.nat = [...this.nat, entry];
        else if (JSON.stringify(others) !== JSON.stringify([entry])) return 409;
        return 204;
      }
      case "removeNat":
        this.nat = this.nat.filter(({ external, low }) => external !== step.external || low !== step.low);
        return 204;
      case "attach": {
        const vni = this.attached.get(step.subnet);
        if (vni !== undefined && vni !== step.vni) return 409;
        this.attached.set(step.subnet, step.vni);
        return 204;
      }
      case "detach":
        this.attached.delete(step.subnet);
        return 204;
      case "uplink":
        if (!this.links.has(step.portId)) return 404;
        this.links.set(step.portId, step.value);
        return 204;
      case "removeLink":
        if (!this.links.delete(step.portId)) return 404;
        this.#removeAddresses(({ portId }) => portId === step.portId);
        return 204;
      case "createLink":
        if (this.links.has(step.portId)) return 503;
        this.links.set(step.portId, step.portId.startsWith("qsfp"));
        return 201;
      case "settings":
        return this.#settings(step);
      case "reset":
        for (const [prefix, targets] of this.routes) {
          this.#setTargets(
            prefix,
            targets.filter(({ tag }) => tag !== step.tag),
          );
        }
        for (const [ip, { tag }] of this.neighbors) if (tag === step.tag) this.neighbors.delete(ip);
        this.#removeAddresses(({ tag }) => tag === step.tag);
        return 204;
    }
  }

  #route({ kind, prefix, target }: Extract<Step, { kind: "set" | "add" | "replace" }>): number {
    if (!this.links.has(target.portId)) return 404;
    const targets = this.routes.get(prefix) ?? [];
    const same = targets.find(({ hop, portId }) => hop === target.hop && portId === target.portId);
    if (kind === "add") {
      if (same === undefined) this.#setTargets(prefix, [...targets, target]);
    } else if (same === undefined || targets.length > 1) {
      if (targets.length > 0 && kind === "set") return 409;
      this.#setTargets(prefix, [same ?? target]);
    }
    return 204;
  }

  #settings({ portId, addrs, tag }: Extract<Step, { kind: "settings" }>): number {
    const own = [...this.addresses].filter(([, of]) => of.portId === portId && of.tag === tag).map(([addr]) => addr);
    if (addrs.some((addr) => this.addresses.has(addr) && !own.includes(addr))) return 409;
    if (!this.links.has(portId)) this.links.set(portId, portId.startsWith("qsfp"));
    for (const addr of own) if (!addrs.includes(addr)) this.addresses.delete(addr);
    for (const addr of addrs) this.addresses.set(addr, { portId, tag });
    return 200;
  }

  #setTargets(prefix: string, targets: readonly NaiveTarget[]): void {
    if (targets.length === 0) this.routes.delete(prefix);
    else this.routes.set(prefix, targets);
  }

  #removeAddresses(which: (of: { readonly portId?: string; readonly tag: string }) => boolean): void {
    for (const [addr, of] of this.addresses) if (which(of)) this.addresses.delete(addr);
  }
}
