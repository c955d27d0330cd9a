import type { PortState, SledState } from "../../../src/stack/nexus/sled-interface/sled-state.ts";

/** A desired state with one light instance, `web`, that runs. */
export function desired(generation: number, change: Partial<SledState> = {}): SledState {
  return {
    sled_id: "sled0",
    generation,
    underlay_ip: "fd00:1122:3344:101::1",
    instances: [instance("i1")],
    ports: [port("11111111-2222-3333-4444-555555555555", "i1")],
    mappings: [{ vni: 100, guests: [{ ip: "172.30.0.5", mac: "a8:40:25:f0:00:01", underlay_ip: "fd00::1" }] }],
    boundary: [{ prefix: "0.0.0.0/0", endpoints: ["fd00:1122:3344:1f0::1"] }],
    ...change,
  };
}

export function instance(
  id: string,
  change: Partial<SledState["instances"][number]> = {},
): SledState["instances"][number] {
  const rest = { kind: "light", ncpus: 1, memory: 1, run: "running", incarnation: 1 } as const;
  return { id, name: "web", hostname: "web", ...rest, ...change };
}

export function port(id: string, owner: string, change: Partial<PortState> = {}): PortState {
  return {
    id,
    name: "net0",
    owner: { kind: "instance", id: owner },
    project: "shop",
    vpc: "default",
    slot: 0,
    is_primary: true,
    guest_mac: "a8:40:25:f0:00:01",
    gateway_mac: "a8:40:25:ff:77:77",
    vni: 100,
    mtu: 1500,
    ipv4: {
      subnet: "172.30.0.0/22",
      private_ip: "172.30.0.5",
      gateway_ip: "172.30.0.1",
      snat: null,
      ephemeral: null,
      floating: ["203.0.113.7"],
      attached_subnets: [],
      transit_ips: [],
    },
    ipv6: null,
    dhcp: { hostname: "web", domain: null, search_list: [], dns4: [], dns6: [] },
    name_servers: [],
    internet_gateways: { "203.0.113.7": ["g1"] },
    firewall_rules: [
      {
        direction: "in",
        action: "allow",
        priority: 65_534,
        hosts: { kind: "vni", vni: 100 },
        protocol: { kind: "any" },
        ports: [],
      },
    ],
    routes: [{ destination: "172.30.0.0/22", target: "sub4=172.30.0.0/22", class: "system" }],
    ...change,
  };
}
