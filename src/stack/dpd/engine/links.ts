import { linkLocalOfMac } from "../../../packet/index.ts";
import { macNumber } from "./address.ts";
import type { Addresses } from "./addresses.ts";
import { type Journal, JournaledMap } from "./journal.ts";
import { Refusal } from "./refusal.ts";
import type { RowStore } from "./row-store.ts";
import type { Row } from "./tables.ts";

/** Speeds of a link, as the API names them. */
export const linkSpeeds = [
  "Speed0G",
  "Speed1G",
  "Speed10G",
  "Speed25G",
  "Speed40G",
  "Speed50G",
  "Speed100G",
  "Speed200G",
  "Speed400G",
] as const;
/** Forward error corrections, as the API names them. */
export const linkFecs = ["None", "Firecode", "RS"] as const;

/** Settings of a transceiver's equalizer. */
export interface TransmitEqualization {
  readonly pre1?: number | null | undefined;
  readonly pre2?: number | null | undefined;
  readonly main?: number | null | undefined;
  readonly post1?: number | null | undefined;
  readonly post2?: number | null | undefined;
}

/** What a link is made with. */
export interface LinkParameters {
  readonly speed: (typeof linkSpeeds)[number];
  readonly fec: (typeof linkFecs)[number] | null;
  readonly autoneg: boolean;
  readonly kr: boolean;
  readonly txEq: TransmitEqualization | null;
  /** DDM may run on it, and a qsfp port has a link-local address then. */
  readonly allowDdmTraffic: boolean;
}

/** A port of the switch: there for as long as the switch is. */
export interface SwitchPort {
  readonly id: string;
  /** Number in the switch. */
  readonly number: number;
  /** The MAC address that its links begin with. */
  readonly mac: string;
  /** The longest packet of its wire, from the IP header on, bytes; undefined: any. */
  readonly mtu?: number | undefined;
}

/** A link: what a port is when it is used. A port of this switch has one lane, so the only link is number 0. */
export interface Link extends LinkParameters {
  readonly port: SwitchPort;
  readonly linkId: number;
  readonly mac: string;
  /** Towards customers: only NAT and what is for the switch itself comes in, only what guests sent goes out from them. */
  readonly uplink: boolean;
  readonly enabled: boolean;
  /** Whether it has a link-local address. */
  readonly ipv6Enabled: boolean;
  /** Why it counts as faulted, if it does. */
  readonly fault: string | undefined;
}

/** What may be changed of a link that is there. */
export type LinkChange = Partial<Omit<Link, "port" | "linkId">>;

/** Tag of what dpd itself puts into the switch. */
export const ownTag = "dpd";

/** The links of all ports. */
export class Links {
  readonly #rows: RowStore;
  readonly #addresses: Addresses;
  readonly #ports: ReadonlyMap<string, SwitchPort>;
  readonly #links: JournaledMap<string, Link>;

  constructor(rows: RowStore, journal: Journal, addresses: Addresses, ports: readonly SwitchPort[]) {
    this.#rows = rows;
    this.#addresses = addresses;
    this.#ports = new Map(ports.map((port) => [port.id, port]));
    this.#links = new JournaledMap(journal);
  }

  get ports(): readonly SwitchPort[] {
    return [...this.#ports.values()];
  }

  /** Throws a {@link Refusal} (missing). */
  port(portId: string): SwitchPort {
    const port = this.#ports.get(portId);
    if (port === undefined) throw new Refusal("missing", `there is no port ${portId}`);
    return port;
  }

  /** All links, in the order of their ports' numbers. */
  all(): readonly Link[] {
    return [...this.#links.values()].sort((a, b) => a.port.number - b.port.number);
  }

  /** Links of a port. Throws a {@link Refusal} (missing) for an unknown port. */
  of(portId: string): readonly Link[] {
    const { id } = this.port(portId);
    const link = this.#links.get(id);
    return link === undefined ? [] : [link];
  }

  /** Throws a {@link Refusal} (missing) for an unknown port or link. */
  get(portId: string, linkId: number): Link {
    const link = this.of(portId).find((candidate) => candidate.linkId === linkId);
    if (link === undefined) throw new Refusal("missing", `port ${portId} has no link ${linkId}`);
    return link;
  }

  /** Throws a {@link Refusal}: an unknown port (missing), or one whose only lane is taken (busy). */
  create(portId: string, parameters: LinkParameters, change: LinkChange = {}): Link {
    const port = this.port(portId);
    if (this.#links.has(portId)) throw new Refusal("busy", `port ${portId} has no free lane: link 0 has it`);
    const isFront = portId.startsWith("qsfp");
    const link: Link = {
      ...parameters,
      port,
      linkId: 0,
      mac: port.mac,
      uplink: isFront,
      enabled: true,
      ipv6Enabled: !isFront || parameters.allowDdmTraffic,
      fault: undefined,
      ...change,
    };
    this.#rows.put(macRow(link));
    for (const row of mtuRows(link)) this.#rows.put(row);
    if (link.uplink) for (const row of uplinkRows(link)) this.#rows.put(row);
    if (link.ipv6Enabled) this.#addLinkLocal(link);
    this.#links.set(portId, link);
    return link;
  }

  /** Change a link; its addresses stay, apart from the link-local one, which follows the MAC address. */
  change(portId: string, linkId: number, change: LinkChange): Link {
    const before = this.get(portId, linkId);
    const after: Link = { ...before, ...change };
    this.#rows.put(macRow(after));
    if (after.uplink !== before.uplink) {
      for (const row of uplinkRows(after)) {
        if (after.uplink) this.#rows.put(row);
        else this.#rows.remove(row);
      }
    }
    if (after.ipv6Enabled !== before.ipv6Enabled || after.mac !== before.mac) {
      if (after.ipv6Enabled) this.#addLinkLocal(after);
      if (before.ipv6Enabled) this.#addresses.remove(linkLocalOf(before));
    }
    this.#links.set(portId, after);
    return after;
  }

  /** Remove a link and its addresses. Routes by way of it stay: they belong to who made them. */
  remove(portId: string, linkId: number): void {
    const link = this.get(portId, linkId);
    this.#addresses.removeWhere(({ port }) => port === link.port.number);
    for (const row of uplinkRows(link)) this.#rows.remove(row);
    for (const row of mtuRows(link)) this.#rows.remove(row);
    this.#rows.remove(macRow(link));
    this.#links.delete(portId);
  }

  #addLinkLocal(link: Link): void {
    this.#addresses.add({ address: linkLocalOf(link), tag: ownTag, port: link.port.number, withLink: true });
  }
}

/** The address that a link has on its wire, if IPv6 is enabled: of its MAC address, by modified EUI-64. */
export function linkLocalOf({ mac }: Pick<Link, "mac">): string {
  return linkLocalOfMac(mac);
}

function macRow({ port, mac }: Link): Row {
  return {
    table: "ingress.mac.mac_rewrite",
    key: [{ kind: "exact", value: BigInt(port.number) }],
    priority: -1,
    action: "ingress.mac.rewrite",
    data: [macNumber(mac)],
  };
}

function mtuRows({ port: { number, mtu } }: Link): readonly Row[] {
  if (mtu === undefined) return [];
  const key = [{ kind: "exact", value: BigInt(number) }] as const;
  return [
    { table: "ingress.router.mtu.ports", key, priority: -1, action: "ingress.router.mtu.limit", data: [BigInt(mtu)] },
  ];
}

function uplinkRows({ port }: Link): readonly Row[] {
  const key = [{ kind: "exact", value: BigInt(port.number) }] as const;
  return [
    { table: "ingress.local.uplink_ports", key, priority: -1, action: "ingress.local.set_uplink", data: [] },
    { table: "ingress.egress_filter.uplink_ports", key, priority: -1, action: "ingress.egress_filter.allow", data: [] },
  ];
}
