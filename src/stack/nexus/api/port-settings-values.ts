import { z } from "@hono/zod-openapi";
import { identity, identityCreate, interfaceAddress, ip, ipNet, name, nameOrId } from "./values.ts";

const linkName = name;
const vlanId = z.int().min(1).max(4094).nullish();
const seconds = z.int().min(0).max(0xffff);
const word = z.int().min(0).max(0xffff_ffff);
const geometry = z.enum(["qsfp28x1", "qsfp28x2", "sfp28x4"]);
const text = z.string().max(255).nullish();

/** What a link says of itself by LLDP. */
export const lldpCreate = z.strictObject({
  enabled: z.boolean(),
  link_name: text,
  link_description: text,
  chassis_id: text,
  system_name: text,
  system_description: text,
  management_ip: ip.nullish(),
});
const tap = z.int().min(-128).max(127).nullish();
const link = z.strictObject({
  link_name: linkName,
  mtu: z.int().min(1280).max(9216),
  speed: z.enum([
    "speed0_g",
    "speed1_g",
    "speed10_g",
    "speed25_g",
    "speed40_g",
    "speed50_g",
    "speed100_g",
    "speed200_g",
    "speed400_g",
  ]),
  fec: z.enum(["firecode", "none", "rs"]).nullish(),
  autoneg: z.boolean(),
  tx_eq: z.strictObject({ main: tap, post1: tap, post2: tap, pre1: tap, pre2: tap }).nullish(),
  lldp: lldpCreate,
});
const interfaceKind = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("primary") }),
  z.strictObject({ type: z.literal("vlan"), vid: z.int().min(1).max(4094) }),
  z.strictObject({ type: z.literal("loopback") }),
]);
const policy = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("no_filtering") }),
  z.strictObject({ type: z.literal("allow"), value: z.array(ipNet).max(1024) }),
]);
const bgpPeer = z.strictObject({
  addr: z.discriminatedUnion("type", [
    z.strictObject({ type: z.literal("numbered"), ip }),
    z.strictObject({ type: z.literal("unnumbered"), router_lifetime: z.int().min(0).max(9000) }),
  ]),
  bgp_config: nameOrId,
  allowed_export: policy,
  allowed_import: policy,
  communities: z.array(word).max(64),
  connect_retry: seconds,
  delay_open: seconds,
  enforce_first_as: z.boolean(),
  hold_time: seconds.refine((time) => time === 0 || time >= 3, "expected 0 or at least 3 (RFC 4271, section 4.2)"),
  idle_hold_time: seconds,
  keepalive: seconds,
  local_pref: word.nullish(),
  md5_auth_key: z.string().max(80).nullish(),
  min_ttl: z.int().min(0).max(255).nullish(),
  multi_exit_discriminator: word.nullish(),
  remote_asn: z.int().min(1).max(0xffff_ffff).nullish(),
  vlan_id: vlanId,
});

/** What is said of new settings of a switch port. */
export const portSettingsCreate = z
  .strictObject({
    ...identityCreate,
    port_config: z.strictObject({ geometry }),
    groups: z.array(nameOrId).max(16).default([]),
    links: z.array(link).max(4),
    interfaces: z
      .array(z.strictObject({ link_name: linkName, kind: interfaceKind, v6_enabled: z.boolean() }))
      .max(256)
      .default([]),
    addresses: z
      .array(
        z.strictObject({
          link_name: linkName,
          addresses: z
            .array(z.strictObject({ address: interfaceAddress, address_lot: nameOrId, vlan_id: vlanId }))
            .max(256),
        }),
      )
      .max(4),
    routes: z
      .array(
        z.strictObject({
          link_name: linkName,
          routes: z
            .array(z.strictObject({ dst: ipNet, gw: ip, rib_priority: z.int().min(0).max(255).nullish(), vid: vlanId }))
            .max(256),
        }),
      )
      .max(4)
      .default([]),
    bgp_peers: z
      .array(z.strictObject({ link_name: linkName, peers: z.array(bgpPeer).max(64) }))
      .max(4)
      .default([]),
  })
  .openapi("SwitchPortSettingsCreate");

const settingsId = { port_settings_id: z.string() };

/** Settings as a list has them. */
export const portSettingsIdentity = z.object(identity).openapi("SwitchPortSettingsIdentity");

/** What a link says of itself, as it is shown. */
export const lldpShown = lldpCreate.extend({ id: z.string() }).openapi("LldpLinkConfig");

/** Settings as they are shown. */
export const portSettings = z
  .object({
    ...identity,
    port: z.object({ ...settingsId, geometry }),
    groups: z.array(z.object({ ...settingsId, port_settings_group_id: z.string() })),
    links: z.array(
      z.object({
        ...settingsId,
        link_name: z.string(),
        mtu: z.int(),
        speed: z.string(),
        fec: z.string().nullish(),
        autoneg: z.boolean(),
        tx_eq_config: z.record(z.string(), z.int().nullish()).nullish(),
        lldp_link_config: lldpShown.nullish(),
      }),
    ),
    interfaces: z.array(
      z.object({
        ...settingsId,
        id: z.string(),
        interface_name: z.string(),
        kind: z.object({ type: z.string(), vid: z.int().optional() }),
        v6_enabled: z.boolean(),
      }),
    ),
    addresses: z.array(
      z.object({
        ...settingsId,
        address: z.string(),
        address_lot_block_id: z.string(),
        address_lot_id: z.string(),
        address_lot_name: z.string(),
        interface_name: z.string(),
        vlan_id: z.int().nullish(),
      }),
    ),
    routes: z.array(
      z.object({
        ...settingsId,
        dst: z.string(),
        gw: z.string(),
        interface_name: z.string(),
        rib_priority: z.int().nullish(),
        vlan_id: z.int().nullish(),
      }),
    ),
    bgp_peers: z.array(z.object({ addr: z.object({ type: z.string() }), bgp_config: z.string() })),
  })
  .openapi("SwitchPortSettings");
