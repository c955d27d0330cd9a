import { z } from "zod";

/**
 * What nexus wants of a sled: the body of `PUT /v1/desired-state` at the sled's agent. It is the whole state; what is not
 * in it shall not be. Its ports are those of OPTE (`PortConfiguration`, `FirewallRule`, `RouterEntry`), in snake case.
 */

const text = z.string();

/** The external addresses and the network of one family of a port. */
export const familyState = z.strictObject({
  subnet: text,
  private_ip: text,
  gateway_ip: text,
  /** A block of an address's ports that the guest's flows leave with. */
  snat: z.strictObject({ address: text, first: z.int(), last: z.int() }).nullable(),
  ephemeral: text.nullable(),
  floating: z.array(text),
  /** Prefixes that belong to the guest: from outside of the rack, without NAT. */
  attached_subnets: z.array(z.strictObject({ subnet: text, is_external: z.boolean() })),
  /** Prefixes that the guest forwards for, both ways. */
  transit_ips: z.array(text),
});
export type FamilyState = z.output<typeof familyState>;

/** A rule of a port's firewall; `vni`: hosts of that VPC. No ports: all. */
export const firewallRuleState = z.strictObject({
  direction: z.enum(["in", "out"]),
  action: z.enum(["allow", "deny"]),
  priority: z.int().min(0).max(65_535),
  hosts: z.discriminatedUnion("kind", [
    z.strictObject({ kind: z.literal("any") }),
    z.strictObject({ kind: z.literal("ip"), address: text }),
    z.strictObject({ kind: z.literal("subnet"), prefix: text }),
    z.strictObject({ kind: z.literal("vni"), vni: z.int() }),
  ]),
  protocol: z.strictObject({
    kind: z.enum(["any", "tcp", "udp", "icmp", "icmp6"]),
    type: z.int().min(0).max(255).optional(),
    codes: z.strictObject({ low: z.int(), high: z.int() }).optional(),
  }),
  ports: z.array(z.strictObject({ low: z.int(), high: z.int() })),
});
export type FirewallRuleState = z.output<typeof firewallRuleState>;

/** A route of a port; `target` in OPTE's words: `drop`, `ig=UUID`, `ip4=A`, `ip6=A`, `sub4=P`, `sub6=P`. */
export const routeState = z.strictObject({ destination: text, target: text, class: z.enum(["system", "custom"]) });
export type RouteState = z.output<typeof routeState>;

/** A port of OPTE. */
export const portState = z.strictObject({
  /** That of the network interface. */
  id: text,
  name: text,
  owner: z.strictObject({ kind: z.enum(["instance", "probe"]), id: text }),
  /** Names, for people. */
  project: text,
  vpc: text,
  /** Order of the NICs within their owner. */
  slot: z.int(),
  is_primary: z.boolean(),
  guest_mac: text,
  gateway_mac: text,
  vni: z.int(),
  mtu: z.int(),
  ipv4: familyState.nullable(),
  ipv6: familyState.nullable(),
  dhcp: z.strictObject({
    hostname: text.nullable(),
    domain: text.nullable(),
    search_list: z.array(text),
    dns4: z.array(text),
    dns6: z.array(text),
  }),
  /** Addresses of the VPC that the sled's agent answers DNS at, in the guest's subnet; none where there are no name servers. */
  name_servers: z.array(text),
  /** Which internet gateways each external address leaves through. */
  internet_gateways: z.record(text, z.array(text)),
  firewall_rules: z.array(firewallRuleState),
  routes: z.array(routeState),
});
export type PortState = z.output<typeof portState>;

/** An instance on the sled. Another incarnation than the one that runs: begin anew. */
export const instanceState = z.strictObject({
  id: text,
  name: text,
  hostname: text,
  kind: z.enum(["light", "vm"]),
  ncpus: z.int(),
  /** Bytes. */
  memory: z.int(),
  run: z.enum(["running", "stopped"]),
  incarnation: z.int(),
});

/** Where the guests of a VPC are (V2P). */
export const mappingState = z.strictObject({
  vni: z.int(),
  guests: z.array(z.strictObject({ ip: text, mac: text, underlay_ip: text })),
});
export type MappingState = z.output<typeof mappingState>;

/**
 * Which tunnel endpoints lead to a prefix outside of the rack (V2B), by static routes of the uplinks. The agent adds what
 * the underlay's routing learns.
 */
export const boundaryState = z.strictObject({ prefix: text, endpoints: z.array(text) });

/** All of it. */
export const sledState = z.strictObject({
  sled_id: text,
  /** Grows with each change; an agent refuses an older one than it has. */
  generation: z.int().min(1),
  underlay_ip: text,
  instances: z.array(instanceState),
  ports: z.array(portState),
  /** Of all VPCs that have a port here. */
  mappings: z.array(mappingState),
  boundary: z.array(boundaryState),
});
export type SledState = z.output<typeof sledState>;

/**
 * What an agent answers to a desired state, and to `GET /v1/report`. `generation` is that of the state that is in effect; 0
 * if none is.
 */
export const sledReport = z.object({
  generation: z.int().min(0),
  instances: z.array(
    z.object({
      id: text,
      incarnation: z.int(),
      state: z.enum(["starting", "running", "stopping", "stopped", "failed"]),
    }),
  ),
  /** What could not be done yet, in words. */
  faults: z.array(text).default([]),
  /** What is nearly used up, in words. */
  alerts: z.array(text).default([]),
});
export type SledReport = z.output<typeof sledReport>;
