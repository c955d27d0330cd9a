import { z } from "zod";

/** What nexus wants of a switch: the body of `PUT /v1/desired-state` at the switch. It is the whole state. */

const text = z.string();
const slot = z.enum(["switch0", "switch1"]);

/** The guest that traffic from outside goes to: what dpd calls a NAT target. */
const guestTarget = z.strictObject({ internal_ip: text, inner_mac: text, vni: z.int() });

/** An external address with a range of its ports (dpd `PUT /nat/…`). */
export const natState = z.strictObject({
  external_ip: text,
  first_port: z.int(),
  last_port: z.int(),
  target: guestTarget,
});
export type NatState = z.output<typeof natState>;

const policy = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("no_filtering") }),
  z.strictObject({ type: z.literal("allow"), value: z.array(text) }),
]);

/** A BGP peer; times in seconds. */
export const bgpPeerState = z.strictObject({
  port_name: text,
  link_name: text,
  /** An address, or the interface's link-local neighbour. */
  addr: z.discriminatedUnion("type", [
    z.strictObject({ type: z.literal("numbered"), ip: text }),
    z.strictObject({ type: z.literal("unnumbered"), router_lifetime: z.int() }),
  ]),
  remote_asn: z.int().nullable(),
  allowed_import: policy,
  allowed_export: policy,
  communities: z.array(z.int()),
  hold_time: z.int(),
  keepalive: z.int(),
  connect_retry: z.int(),
  delay_open: z.int(),
  idle_hold_time: z.int(),
  enforce_first_as: z.boolean(),
  local_pref: z.int().nullable(),
  multi_exit_discriminator: z.int().nullable(),
  min_ttl: z.int().nullable(),
  md5_auth_key: text.nullable(),
  vlan_id: z.int().nullable(),
});
export type BgpPeerState = z.output<typeof bgpPeerState>;

/** A prefix that the rack announces, and why. */
export const announcementState = z.strictObject({
  prefix: text,
  origins: z.array(z.enum(["announce_set", "ip_pool", "floating_ip", "external_subnet"])),
});
export type AnnouncementState = z.output<typeof announcementState>;

/** A BGP router of the switch. */
export const bgpRouterState = z.strictObject({
  asn: z.int(),
  vrf: text.nullable(),
  max_paths: z.int(),
  announced: z.array(announcementState),
  peers: z.array(bgpPeerState),
});
export type BgpRouterState = z.output<typeof bgpRouterState>;

const lldp = z.strictObject({
  enabled: z.boolean(),
  link_name: text.nullable(),
  link_description: text.nullable(),
  chassis_id: text.nullable(),
  system_name: text.nullable(),
  system_description: text.nullable(),
  management_ip: text.nullable(),
});

/** An uplink. */
export const uplinkState = z.strictObject({
  port_name: text,
  geometry: z.enum(["qsfp28x1", "qsfp28x2", "sfp28x4"]),
  links: z.array(
    z.strictObject({
      link_name: text,
      mtu: z.int(),
      speed: text,
      fec: text.nullable(),
      autoneg: z.boolean(),
      tx_eq: z.record(text, z.int().nullable()).nullable(),
      lldp,
    }),
  ),
  interfaces: z.array(
    z.strictObject({
      link_name: text,
      kind: z.enum(["primary", "vlan", "loopback"]),
      vid: z.int().nullable(),
      v6_enabled: z.boolean(),
    }),
  ),
  addresses: z.array(z.strictObject({ link_name: text, address: text, vlan_id: z.int().nullable() })),
  static_routes: z.array(
    z.strictObject({
      link_name: text,
      destination: text,
      gateway: text,
      rib_priority: z.int().nullable(),
      vlan_id: z.int().nullable(),
    }),
  ),
});
export type UplinkState = z.output<typeof uplinkState>;

/** A BFD session; time in microseconds. */
export const bfdState = z.strictObject({
  remote: text,
  local: text.nullable(),
  mode: z.enum(["single_hop", "multi_hop"]),
  detection_threshold: z.int(),
  required_rx: z.int(),
});

/** All of it. */
export const switchState = z.strictObject({
  switch_id: text,
  generation: z.int().min(1),
  rack_id: text,
  switch_slot: slot,
  nat: z.array(natState),
  attached_subnets: z.array(z.strictObject({ subnet: text, target: guestTarget })),
  loopback_addresses: z.array(z.strictObject({ address: text, anycast: z.boolean() })),
  uplinks: z.array(uplinkState),
  bgp: z.array(bgpRouterState),
  bfd: z.array(bfdState),
});
export type SwitchState = z.output<typeof switchState>;

/** What a switch answers to a desired state, and to `GET /v1/report`. */
export const switchReport = z.object({
  generation: z.int().min(0),
  faults: z.array(text).default([]),
  bgp_peers: z
    .array(
      z.object({
        addr: text,
        peer_id: text,
        local_asn: z.int(),
        remote_asn: z.int(),
        state: z.enum([
          "idle",
          "connect",
          "active",
          "open_sent",
          "open_confirm",
          "connection_collision",
          "session_setup",
          "established",
        ]),
        state_duration_millis: z.int(),
      }),
    )
    .default([]),
  bgp_exported: z.array(z.object({ peer_id: text, prefix: text })).default([]),
  bgp_imported: z.array(z.object({ id: z.int(), asn: z.int(), nexthop: text, prefix: text })).default([]),
  bfd: z.array(z.object({ peer: text, state: z.enum(["admin_down", "down", "init", "up"]) })).default([]),
});
export type SwitchReport = z.output<typeof switchReport>;
