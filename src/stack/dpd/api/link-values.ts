import { z } from "@hono/zod-openapi";
import { type Link, linkFecs, linkLocalOf, type LinkParameters, linkSpeeds } from "../engine/links.ts";
import type { ApiContext } from "./operation.ts";
import { macAnswer, macValue } from "./values.ts";

const txEq = z.object({
  pre1: z.int().nullish(),
  pre2: z.int().nullish(),
  main: z.int().nullish(),
  post1: z.int().nullish(),
  post2: z.int().nullish(),
});

/** What a link is made with. */
export const linkCreate = z.object({
  /** The switch's ports have one lane each. */
  lane: z.int().min(0).max(7).nullish(),
  speed: z.enum(linkSpeeds),
  fec: z.enum(linkFecs).nullish(),
  autoneg: z.boolean(),
  kr: z.boolean(),
  tx_eq: txEq.nullish(),
  allow_ddm_traffic: z.boolean().default(false),
});

/** What a link was made with. */
export const linkCreateAnswer = z.object({
  lane: z.int(),
  speed: z.enum(linkSpeeds),
  fec: z.enum(linkFecs).nullable(),
  autoneg: z.boolean(),
  kr: z.boolean(),
  tx_eq: txEq.nullable(),
  allow_ddm_traffic: z.boolean(),
});

/** States of a link. */
export const linkStates = ["config_error", "up", "down", "faulted", "unknown"] as const;

/** A link as it is answered. */
export const linkAnswer = z.object({
  port_id: z.string(),
  link_id: z.int(),
  /** The port's number in p4switch. */
  asic_id: z.int(),
  link_state: z.enum(linkStates),
  enabled: z.boolean(),
  uplink: z.boolean(),
  ipv6_enabled: z.boolean(),
  link_local: z.string(),
  address: macAnswer,
  ...linkCreateAnswer.omit({ lane: true }).shape,
});

/** What tfportd makes interfaces of. */
export const tfportAnswer = z.object({
  port_id: z.string(),
  link_id: z.int(),
  asic_id: z.int(),
  mac: macAnswer,
  link_local: z.string(),
  ipv6_enabled: z.boolean(),
});

/** What the body of a new link asks for. */
export function linkParameters(body: z.output<typeof linkCreate>): LinkParameters {
  return {
    speed: body.speed,
    fec: body.fec ?? null,
    autoneg: body.autoneg,
    kr: body.kr,
    txEq: body.tx_eq ?? null,
    allowDdmTraffic: body.allow_ddm_traffic,
  };
}

/** The body that would make a link the same. */
export function linkCreateValue(link: LinkParameters): z.output<typeof linkCreateAnswer> {
  const { speed, fec, autoneg, kr, txEq: equalization, allowDdmTraffic } = link;
  return { lane: 0, speed, fec, autoneg, kr, tx_eq: equalization, allow_ddm_traffic: allowDdmTraffic };
}

/** The state of a link: what was injected, else what it was set to, else what its NIC's carrier is. */
export function linkState(link: Link, { links, configuration }: ApiContext): (typeof linkStates)[number] {
  if (link.fault !== undefined) return "faulted";
  if (!link.enabled) return "down";
  const port = configuration.ports.find(({ id }) => id === link.port.id);
  return port === undefined ? "unknown" : links.of(port.interface).state;
}

/** A link as it is answered. */
export function linkValue(link: Link, context: ApiContext): z.output<typeof linkAnswer> {
  const { lane: _, ...parameters } = linkCreateValue(link);
  return {
    port_id: link.port.id,
    link_id: link.linkId,
    asic_id: link.port.number,
    link_state: linkState(link, context),
    enabled: link.enabled,
    uplink: link.uplink,
    ipv6_enabled: link.ipv6Enabled,
    link_local: linkLocalOf(link),
    address: macValue(link.mac),
    ...parameters,
  };
}

/** What tfportd needs to know of a link. */
export function tfportValue(link: Link): z.output<typeof tfportAnswer> {
  return {
    port_id: link.port.id,
    link_id: link.linkId,
    asic_id: link.port.number,
    mac: macValue(link.mac),
    link_local: linkLocalOf(link),
    ipv6_enabled: link.ipv6Enabled,
  };
}
