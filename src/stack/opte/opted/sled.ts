import { monotonicMs } from "../../daemon/clock.ts";
import type { NextHop } from "../engine/host/multicast.ts";
import type { Opte } from "../engine/host/opte.ts";
import type { Direction } from "../engine/layer/layer.ts";
import type { Rule } from "../engine/layer/rule-set.ts";
import type { IpAddress } from "../engine/parse/address.ts";
import { OpteError } from "../engine/port/opte-error.ts";
import { type PortSnapshot, restorePort } from "../engine/vpc/port-snapshot.ts";
import { type PortRuleNumbers, restoreRuleNumbers } from "../engine/vpc/rule-numbers.ts";
import type { ExternalIpRequest, VpcPort } from "../engine/vpc/vpc-port.ts";
import type { Forwarder } from "./forwarder.ts";
import {
  type Filter,
  readAddress,
  readFilter,
  readMac,
  readPrefix,
  readRoute,
  readRule,
  routeKey,
} from "./read-values.ts";
import type { Attachment, Bandwidth, RouterEntryText, Services, SledPort } from "./sled-state.ts";

/** A firewall rule as it was told, and the id that the engine gave it. */
interface RuleRecord {
  readonly id: number;
  readonly direction: Direction;
  readonly text: string;
}

/** What was told about a port that its engine does not keep in that form. */
export interface PortRecord {
  readonly port: VpcPort;
  readonly attachment: Attachment;
  routes: readonly RouterEntryText[];
  firewall: readonly RuleRecord[];
  gateways: Readonly<Record<string, readonly string[]>>;
  external: ExternalIpRequest;
  services: Services | undefined;
  bandwidth: Bandwidth | undefined;
}

/** What can be done to a sled: each call changes the engine and what is remembered of it, or throws and changes nothing. */
export class Sled {
  readonly forwarder: Forwarder;
  readonly #records = new Map<string, PortRecord>();
  #underlay: readonly [string, string] | undefined = undefined;

  constructor(forwarder: Forwarder) {
    this.forwarder = forwarder;
  }

  get opte(): Opte {
    return this.forwarder.opte;
  }

  get records(): readonly PortRecord[] {
    return [...this.#records.values()];
  }

  /** Throws OpteError, PortNotFound. */
  record(name: string): PortRecord {
    const record = this.#records.get(name);
    // For the engine's own words about it.
    return record ?? { ...emptyRecord, port: this.opte.port(name), attachment: { kind: "veth" } };
  }

  get underlay(): readonly [string, string] | undefined {
    return this.#underlay;
  }

  /** Have the underlay's two links; on a sled with one switch they are the same. */
  async setUnderlay(links: readonly [string, string]): Promise<void> {
    if (this.#underlay !== undefined) {
      throw new OpteError("UnderlayExists", "set underlay", links.join(), undefined, "underlay already initialized");
    }
    await this.forwarder.underlay.open(links);
    this.#underlay = links;
  }

  clearUnderlay(): void {
    const refuse = (code: "UnderlayMissing" | "UnderlayBusy", found: string): never => {
      throw new OpteError(code, "clear underlay", "underlay", undefined, found);
    };
    if (this.#underlay === undefined) refuse("UnderlayMissing", "underlay not yet initialized");
    if (this.#records.size > 0) refuse("UnderlayBusy", "underlay in use by attached ports");
    this.forwarder.underlay.close();
    this.#underlay = undefined;
  }

  /** Create a port, bring its connections into it, attach its guest, and start it. */
  async createPort({ name, attachment, configuration, ...more }: SledPort, start = true): Promise<PortRecord> {
    if (this.#underlay === undefined) {
      throw new OpteError("UnderlayNotInitialized", "create port", name, undefined, "underlay not initialized");
    }
    const port = this.opte.createPort(name, configuration);
    const record: PortRecord = { ...emptyRecord, port, attachment, external: externalOf(configuration) };
    try {
      this.#records.set(name, record);
      this.forwarder.addPort(port);
      for (const route of more.routes) this.addRoute(name, route);
      if (more.firewall.length > 0) this.setFirewallRules(name, more.firewall);
      if (Object.keys(more.gateways).length > 0) {
        this.setExternalIps(name, { ...record.external, gateways: more.gateways });
      }
      if (more.services !== undefined) this.setServices(name, more.services);
      if (more.bandwidth !== undefined) this.setBandwidth(name, more.bandwidth);
      const { guestMac: mac, mtu = 1500 } = configuration;
      if (more.flows !== undefined) restorePort(port, more.flows as unknown as PortSnapshot, monotonicMs());
      await this.forwarder.guests.attach({ port: name, attachment, mac, mtu });
    } catch (error) {
      this.#forget(name);
      throw error;
    }
    if (start) port.port.start();
    return record;
  }

  async deletePort(name: string): Promise<void> {
    this.opte.port(name);
    this.#forget(name);
    await this.forwarder.guests.detach(name);
  }

  #forget(name: string): void {
    this.opte.deletePort(name);
    this.forwarder.removePort(name);
    this.#records.delete(name);
  }

  addFirewallRule(name: string, text: string): number {
    const record = this.record(name);
    const rule = readRule(text);
    const id = record.port.addFirewallRule(rule);
    record.firewall = [...record.firewall, { id, direction: rule.direction, text }];
    return id;
  }

  removeFirewallRule(name: string, direction: Direction, id: number): void {
    const record = this.record(name);
    record.port.removeFirewallRule(direction, id);
    record.firewall = record.firewall.filter((rule) => rule.id !== id || rule.direction !== direction);
  }

  setFirewallRules(name: string, texts: readonly string[]): void {
    const record = this.record(name);
    const rules = texts.map(readRule);
    record.port.setFirewallRules(rules);
    const ids = { in: idsOf(record.port, "in"), out: idsOf(record.port, "out") };
    record.firewall = rules.map(({ direction }, at) => ({
      id: ids[direction].shift() ?? -1,
      direction,
      text: texts[at] ?? "",
    }));
  }

  /** Rules have the ids and counters again that they had in an earlier run. */
  restoreRuleNumbers(name: string, numbers: PortRuleNumbers): void {
    const record = this.record(name);
    const { port } = record;
    const taken = new Map(directions.map((direction) => [direction, rulesOf(port, direction)]));
    restoreRuleNumbers(port, numbers);
    // A rule has kept its place.
    record.firewall = record.firewall.map((rule) => {
      const at = taken.get(rule.direction)?.findIndex(({ id }) => id === rule.id) ?? -1;
      return { ...rule, id: rulesOf(port, rule.direction)[at]?.id ?? rule.id };
    });
  }

  addRoute(name: string, route: RouterEntryText): void {
    const record = this.record(name);
    record.port.addRouterEntry(readRoute(name, route));
    record.routes = [...record.routes, route];
  }

  deleteRoute(name: string, route: RouterEntryText): void {
    const record = this.record(name);
    record.port.deleteRouterEntry(readRoute(name, route));
    const at = record.routes.findIndex((each) => routeKey(each) === routeKey(route));
    record.routes = record.routes.filter((_, i) => i !== at);
  }

  setExternalIps(name: string, request: ExternalIpRequest): void {
    const record = this.record(name);
    record.port.setExternalIps(request);
    record.external = request;
    record.gateways = request.gateways ?? {};
  }

  allowCidr(name: string, prefix: string, direction: Direction): void {
    this.record(name).port.allowCidr(readPrefix("allow CIDR", prefix), direction);
  }

  removeCidr(name: string, prefix: string, direction: Direction): void {
    this.record(name).port.removeCidr(readPrefix("remove CIDR", prefix), direction);
  }

  attachSubnet(name: string, prefix: string, isExternal: boolean): void {
    this.record(name).port.attachSubnet(readPrefix("attach subnet", prefix), isExternal);
  }

  detachSubnet(name: string, prefix: string): void {
    this.record(name).port.detachSubnet(readPrefix("detach subnet", prefix));
  }

  setServices(name: string, services: Services | undefined): void {
    const record = this.record(name);
    const addresses = (texts: readonly string[]): IpAddress[] => texts.map((text) => readAddress("set services", text));
    const read = services && {
      dns: addresses(services.dns),
      metadata: addresses(services.metadata),
      framesPerSecond: services.framesPerSecond,
    };
    record.port.gatekeeper.setServices(read, monotonicMs());
    record.services = services;
  }

  setBandwidth(name: string, caps: Bandwidth): void {
    const record = this.record(name);
    record.port.gatekeeper.setBandwidth(caps, monotonicMs());
    record.bandwidth = caps.in === undefined && caps.out === undefined ? undefined : caps;
  }

  setV2p(vni: number, ip: string, mac: string, underlay: string): void {
    const where = readAddress("set V2P", underlay, 6);
    this.opte.setV2p(vni, readAddress("set V2P", ip), readMac("set V2P", mac), where);
  }

  clearV2p(vni: number, ip: string): void {
    if (this.opte.v2p.delete(vni, readAddress("clear V2P", ip))) return;
    throw new OpteError("NotFound", "clear V2P", ip, undefined, `no mapping of ${ip} in VPC ${vni}`);
  }

  setV2b(prefix: string, endpoints: readonly string[]): void {
    const read = endpoints.map((text) => readAddress("set V2B", text, 6));
    this.opte.v2b.set(readPrefix("set V2B", prefix), read);
  }

  clearV2b(prefix: string, endpoints: readonly string[]): void {
    const read = endpoints.map((text) => readAddress("clear V2B", text, 6));
    this.opte.v2b.delete(readPrefix("clear V2B", prefix), read);
  }

  setM2p(group: string, underlay: string): void {
    this.opte.setM2p(readAddress("set M2P", group), readAddress("set M2P", underlay, 6));
  }

  clearM2p(group: string): void {
    if (this.opte.clearM2p(readAddress("clear M2P", group))) return;
    throw new OpteError("NotFound", "clear M2P", group, undefined, `no mapping of ${group}`);
  }

  setForwarding(underlay: string, nextHop: Omit<NextHop, "address" | "filter">, address: string, filter: Filter): void {
    const hop = { ...nextHop, address: readAddress("set multicast forwarding", address), filter: readFilter(filter) };
    this.opte.setForwarding(readAddress("set multicast forwarding", underlay), hop);
  }

  clearForwarding(underlay: string): void {
    this.opte.clearForwarding(readAddress("clear multicast forwarding", underlay));
  }

  subscribe(port: string, group: string, filter: Filter): void {
    this.opte.subscribe(port, readAddress("subscribe", group), readFilter(filter));
  }

  unsubscribe(port: string, group: string): void {
    this.opte.unsubscribe(port, readAddress("unsubscribe", group));
  }

  unsubscribeAll(group: string): void {
    this.opte.unsubscribeAll(readAddress("unsubscribe", group));
  }
}

const emptyRecord = {
  routes: [],
  firewall: [],
  gateways: {},
  external: {},
  services: undefined,
  bandwidth: undefined,
} as const;

function externalOf({ ipv4, ipv6 }: SledPort["configuration"]): ExternalIpRequest {
  const of = ({ snat, ephemeral, floating }: NonNullable<typeof ipv4>): NonNullable<ExternalIpRequest["ipv4"]> => ({
    ...(snat === undefined ? {} : { snat }),
    ...(ephemeral === undefined ? {} : { ephemeral }),
    ...(floating === undefined ? {} : { floating }),
  });
  return { ...(ipv4 === undefined ? {} : { ipv4: of(ipv4) }), ...(ipv6 === undefined ? {} : { ipv6: of(ipv6) }) };
}

const directions = ["in", "out"] as const;

function rulesOf({ port }: VpcPort, direction: Direction): readonly Rule[] {
  return port.layer("firewall").side(direction).rules.rules;
}

function idsOf(port: VpcPort, direction: Direction): number[] {
  return rulesOf(port, direction)
    .map(({ id }) => id)
    .toSorted((a, b) => a - b);
}
