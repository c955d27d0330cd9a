import { build, type Packet, parse } from "../../../src/packet/index.ts";
import type { Delivery } from "../../../src/stack/opte/engine/host/datapath.ts";
import { Opte } from "../../../src/stack/opte/engine/host/opte.ts";
import { IpAddress, IpPrefix, MacAddress } from "../../../src/stack/opte/engine/parse/address.ts";
import { Frame } from "../../../src/stack/opte/engine/parse/frame.ts";
import type { VpcPort } from "../../../src/stack/opte/engine/vpc/vpc-port.ts";
import { firewallRule, portConfiguration, routerEntry } from "../../../src/stack/nexus/sled-interface/opte-port.ts";
import type { PortState, SledState } from "../../../src/stack/nexus/sled-interface/sled-state.ts";

const limits = { uft: 64, tcp: 64, firewall: 64, nat: 64 };

/** A real packet engine with the ports and mappings of a desired state, and what leaves it. */
export class OpteSled {
  readonly underlayIp: string;
  readonly underlay: Packet[] = [];
  /** By the owner's instance name. */
  readonly guests: { readonly instance: string; readonly packet: Packet }[] = [];
  readonly #opte: Opte;
  readonly #ports = new Map<string, { readonly port: VpcPort; readonly state: PortState }>();
  readonly #frame = new Frame(10_000);

  constructor(state: SledState) {
    this.underlayIp = state.underlay_ip;
    this.#opte = new Opte({
      seed: 1,
      outlet: {
        underlay: ({ contents }) => this.underlay.push(parse(contents.slice())),
        guest: (instance, { contents }) => this.guests.push({ instance, packet: parse(contents.slice()) }),
      },
    });
    for (const { vni, guests } of state.mappings) {
      for (const { ip, mac, underlay_ip } of guests) {
        this.#opte.setV2p(vni, IpAddress.parse(ip), MacAddress.parse(mac), IpAddress.parse(underlay_ip));
      }
    }
    for (const { prefix, endpoints } of state.boundary) {
      this.#opte.v2b.set(
        IpPrefix.parse(prefix),
        endpoints.map((endpoint) => IpAddress.parse(endpoint)),
      );
    }
    const names = new Map(state.instances.map(({ id, name }) => [id, name]));
    for (const portState of state.ports) {
      const name = names.get(portState.owner.id) ?? portState.id;
      const configuration = portConfiguration(portState, state.underlay_ip);
      const port = this.#opte.createPort(name, configuration, limits);
      for (const route of portState.routes) port.addRouterEntry(routerEntry(route));
      port.setFirewallRules(portState.firewall_rules.map(firewallRule));
      const { ipv4, ipv6 } = configuration;
      port.setExternalIps({ ipv4, ipv6, gateways: portState.internet_gateways });
      port.port.start();
      this.#ports.set(name, { port, state: portState });
    }
  }

  get instances(): readonly string[] {
    return [...this.#ports.keys()];
  }

  portState(instance: string): PortState {
    return this.#port(instance).state;
  }

  /** Have an instance send a packet. */
  send(instance: string, packet: Packet): Delivery {
    this.#frame.load(build(packet));
    return this.#opte.fromGuest(this.#port(instance).port, this.#frame, 1000);
  }

  /** Have a packet come over the underlay. */
  receive(packet: Packet): Delivery {
    this.#frame.load(build(packet));
    return this.#opte.fromUnderlay(this.#frame, 1000);
  }

  #port(instance: string): { readonly port: VpcPort; readonly state: PortState } {
    const found = this.#ports.get(instance);
    if (found === undefined) throw new Error(`no port of ${instance}`);
    return found;
  }
}
