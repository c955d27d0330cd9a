import { type DefaultAction, type Direction, Layer } from "../layer/layer.ts";
import type { Walk } from "../layer/walk.ts";
import { IpPrefix } from "../parse/address.ts";
import { OpteError } from "../port/opte-error.ts";
import { Port, type PortLimits } from "../port/port.ts";
import { type ExternalIpConfiguration, type Family, type PortConfiguration, portIdentity } from "./configuration.ts";
import { type ExternalIps, externalIps, type InternetGateways, noExternalIps } from "./external-ips.ts";
import { type FirewallRule, firewallRuleSpec, firewallRules } from "./firewall.ts";
import type { AgentQueue } from "./agent-queue.ts";
import { Gatekeeper } from "./gatekeeper.ts";
import { type GatewayHole, gatewayRules } from "./gateway.ts";
import { type NatFamily, natRules } from "./nat.ts";
import { type OverlayMappings, overlayRules } from "./overlay.ts";
import { multicastRule, type RouterEntry, routerRule } from "./router.ts";

/** Tables of a port: as large as the reference's unless said. */
export interface VpcPortLimits extends Partial<PortLimits> {
  readonly firewall?: number | undefined;
  readonly nat?: number | undefined;
}

/** Flows of NAT for each family that the port has. */
const natFlowsPerFamily = 65_535;
const standardFlows = 524_288;

/** External addresses of both families; one that is absent is cleared. */
export interface ExternalIpRequest {
  readonly ipv4?: ExternalIpConfiguration | undefined;
  readonly ipv6?: ExternalIpConfiguration | undefined;
  /** Names of the internet gateways that each address leads through. */
  readonly gateways?: Readonly<Record<string, readonly string[]>> | undefined;
}

/** A port with the five layers of a VPC, and what the control plane can change of them (specification, section 1.2). */
export class VpcPort {
  readonly port: Port;
  /** Services, bandwidth caps and MTU. */
  readonly gatekeeper: Gatekeeper;
  readonly configuration: PortConfiguration;
  readonly identity: ReturnType<typeof portIdentity>;
  readonly #mappings: OverlayMappings;
  readonly #attached = new Map<string, { readonly prefix: IpPrefix; readonly isExternal: boolean }>();
  readonly #transit = new Map<string, { readonly prefix: IpPrefix; readonly in: boolean; readonly out: boolean }>();
  #external: { readonly 4: ExternalIps; readonly 6: ExternalIps } = { 4: noExternalIps, 6: noExternalIps };
  #gateways: InternetGateways = new Map();

  /** Throws {@link OpteError}, PortCreate, for a configuration that makes no sense. */
  constructor(
    name: string,
    configuration: PortConfiguration,
    mappings: OverlayMappings,
    walk: Walk,
    seed: number,
    agentQueue: AgentQueue,
    limits: VpcPortLimits = {},
  ) {
    this.configuration = configuration;
    this.identity = portIdentity(name, configuration);
    this.#mappings = mappings;
    this.#readFamilies(name, configuration);
    const nat = limits.nat ?? natFlowsPerFamily * this.families.length;
    const flows = Math.max(standardFlows, nat);
    const layer = (name: string, defaultIn: DefaultAction, defaultOut: DefaultAction, limit: number): Layer =>
      new Layer({ name, in: defaultIn, out: defaultOut, limit });
    const layers = [
      layer("gateway", "deny", "deny", 1),
      layer("firewall", "deny", "stateful allow", limits.firewall ?? flows),
      layer("router", "allow", "deny", 1),
      layer("nat", "allow", "allow", nat),
      layer("overlay", "deny", "deny", 1),
    ];
    this.port = new Port(name, layers, { uft: limits.uft ?? flows, tcp: limits.tcp ?? flows }, walk, seed);
    const context = {
      identity: this.identity,
      v2b: mappings.v2b,
      external: (version: 4 | 6) => this.#external[version],
      externalSubnet: (version: 4 | 6) =>
        this.attachedSubnets.find(({ prefix, isExternal }) => isExternal && prefix.family === version)?.prefix.address,
    };
    this.gatekeeper = new Gatekeeper(name, context, this.port.stats, agentQueue);
    this.port.gatekeeper = this.gatekeeper;
    this.port.layer("gateway").replaceRules(this.#gatewayRules());
    this.port.layer("router").replaceRules({ in: [], out: [multicastRule] });
    this.port.layer("nat").replaceRules(this.#natRules());
    this.port.layer("overlay").replaceRules(overlayRules(this.identity, mappings));
  }

  #readFamilies(name: string, configuration: PortConfiguration): void {
    try {
      this.#external = this.#readExternal(configuration);
      for (const family of [configuration.ipv4, configuration.ipv6]) {
        for (const [text, { isExternal }] of Object.entries(family?.attachedSubnets ?? {})) {
          const prefix = IpPrefix.parse(text);
          this.#attached.set(prefix.text, { prefix, isExternal });
        }
        for (const [text, allowed] of Object.entries(family?.transitIps ?? {})) {
          const prefix = IpPrefix.parse(text);
          this.#transit.set(prefix.text, { prefix, in: allowed.in, out: allowed.out });
        }
      }
    } catch (error) {
      throw new OpteError("PortCreate", "create port", name, undefined, (error as Error).message);
    }
  }

  #readExternal({ ipv4, ipv6 }: ExternalIpRequest): { readonly 4: ExternalIps; readonly 6: ExternalIps } {
    return {
      4: ipv4 === undefined ? noExternalIps : externalIps(4, ipv4, this.#external[4]),
      6: ipv6 === undefined ? noExternalIps : externalIps(6, ipv6, this.#external[6]),
    };
  }

  get name(): string {
    return this.port.name;
  }

  /** The families that the port has addresses of. */
  get families(): readonly Family[] {
    return [this.identity.ipv4, this.identity.ipv6].filter((family) => family !== undefined);
  }

  /** The external addresses of a family. */
  external(version: 4 | 6): ExternalIps {
    return this.#external[version];
  }

  get attachedSubnets(): readonly { readonly prefix: IpPrefix; readonly isExternal: boolean }[] {
    return [...this.#attached.values()];
  }

  get transitIps(): readonly GatewayHole[] {
    return [...this.#transit.values()];
  }

  get internetGateways(): InternetGateways {
    return this.#gateways;
  }

  #gatewayRules(): ReturnType<typeof gatewayRules> {
    const attached = this.attachedSubnets.map(({ prefix }) => ({ prefix, in: true, out: true }));
    const transit = this.transitIps.map((hole) => (this.#attached.has(hole.prefix.text) ? undefined : hole));
    const holes = [...attached, ...transit.filter((hole) => hole !== undefined)];
    return gatewayRules(this.identity, holes, this.#mappings.v2p);
  }

  #natRules(): ReturnType<typeof natRules> {
    const families = this.families.map((family): NatFamily => {
      const subnets = this.attachedSubnets.filter(
        ({ prefix, isExternal }) => isExternal && prefix.family === family.version,
      );
      return {
        family,
        external: this.#external[family.version],
        current: () => this.#external[family.version],
        externalSubnets: subnets.map(({ prefix }) => prefix),
      };
    });
    return natRules(families, this.#gateways);
  }

  /** Add a firewall rule; established flows go on, whatever it says. Returns its id. */
  addFirewallRule(rule: FirewallRule): number {
    return this.port.addRule("firewall", rule.direction, firewallRuleSpec(rule));
  }

  removeFirewallRule(direction: Direction, id: number): void {
    this.port.removeRule("firewall", direction, id);
  }

  /** Have these firewall rules, and look at every flow anew. */
  setFirewallRules(rules: readonly FirewallRule[]): void {
    this.port.setRules("firewall", firewallRules(rules), "hard");
  }

  addRouterEntry(entry: RouterEntry): number {
    return this.port.addRule("router", "out", routerRule(this.name, entry));
  }

  /** Remove a route. Throws {@link OpteError}, NotFound, unless there is one with this prefix, target and class. */
  deleteRouterEntry(entry: RouterEntry): void {
    this.port.requireState("delete route", "ready", "running");
    const id = this.port.findRule("router", "out", routerRule(this.name, entry));
    if (id === undefined) {
      const found = "could not delete entry -- no matching rule found";
      throw new OpteError("NotFound", "delete route", this.name, undefined, found);
    }
    this.port.removeRule("router", "out", id);
  }

  /** Have these external addresses. Flows of 1:1 addresses that stay keep theirs. */
  setExternalIps(request: ExternalIpRequest): void {
    this.port.requireState("set external IPs", "ready", "running");
    for (const [version, given] of [
      [4, request.ipv4],
      [6, request.ipv6],
    ] as const) {
      if (given !== undefined) this.#requireFamily("set external IPs", version);
    }
    try {
      this.#external = this.#readExternal(request);
    } catch (error) {
      throw new OpteError("InvalidIpCfg", "set external IPs", this.name, undefined, (error as Error).message);
    }
    this.#gateways = new Map(Object.entries(request.gateways ?? {}).map(([ip, names]) => [ip, new Set(names)]));
    this.port.setRules("nat", this.#natRules(), "soft");
  }

  /** Let the guest receive for a prefix (`in`) or send from it (`out`). */
  allowCidr(prefix: IpPrefix, direction: Direction): void {
    this.port.requireState("allow CIDR", "ready", "running");
    this.#requireFamily("allow CIDR", prefix.family);
    const before = this.#transit.get(prefix.text) ?? { prefix, in: false, out: false };
    this.#transit.set(prefix.text, { ...before, [direction]: true });
    this.port.setRules("gateway", this.#gatewayRules(), "hard");
  }

  /** The inverse. Throws {@link OpteError}, NotFound, and changes nothing, if it was not allowed. */
  removeCidr(prefix: IpPrefix, direction: Direction): void {
    this.port.requireState("remove CIDR", "ready", "running");
    this.#requireFamily("remove CIDR", prefix.family);
    const before = this.#transit.get(prefix.text);
    if (before?.[direction] !== true) {
      const found = `could not remove cidr ${prefix.text} from gateway (${direction.toUpperCase()}) -- not found`;
      throw new OpteError("NotFound", "remove CIDR", this.name, undefined, found);
    }
    const after = { ...before, [direction]: false };
    if (after.in || after.out) this.#transit.set(prefix.text, after);
    else this.#transit.delete(prefix.text);
    this.port.setRules("gateway", this.#gatewayRules(), "hard");
  }

  /** Give the guest a prefix; an external one is not translated. The same once more changes nothing. */
  attachSubnet(prefix: IpPrefix, isExternal: boolean): void {
    this.port.requireState("attach subnet", "ready", "running");
    this.#requireFamily("attach subnet", prefix.family);
    if (this.#attached.get(prefix.text)?.isExternal === isExternal) return;
    this.#attached.set(prefix.text, { prefix, isExternal });
    this.#subnetsChanged();
  }

  /** Take a prefix away. Throws {@link OpteError}, NotFound. */
  detachSubnet(prefix: IpPrefix): void {
    this.port.requireState("detach subnet", "ready", "running");
    if (!this.#attached.delete(prefix.text)) {
      throw new OpteError("NotFound", "detach subnet", this.name, "an attached subnet", prefix.text);
    }
    this.#subnetsChanged();
  }

  #subnetsChanged(): void {
    this.port.setRules("gateway", this.#gatewayRules(), "hard");
    this.port.setRules("nat", this.#natRules(), "soft");
  }

  #requireFamily(step: string, version: 4 | 6): void {
    if (this.families.some((family) => family.version === version)) return;
    throw new OpteError("InvalidIpCfg", step, this.name, "addresses of a family that the port has", `IPv${version}`);
  }
}
