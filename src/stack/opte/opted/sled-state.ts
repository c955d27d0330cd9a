import { z } from "@hono/zod-openapi";

/*
 * What a control plane wants of a sled, as JSON. It is what is saved, what a restart brings back, and what an agent compares
 * with what it wants; addresses and rules are text, read by the engine's own parsers.
 */

const externalIps = z.strictObject({
  snat: z.strictObject({ address: z.string(), first: z.int(), last: z.int() }).optional(),
  ephemeral: z.string().optional(),
  floating: z.array(z.string()).optional(),
});

const family = externalIps.extend({
  subnet: z.string(),
  privateIp: z.string(),
  gatewayIp: z.string(),
  attachedSubnets: z.record(z.string(), z.strictObject({ isExternal: z.boolean() })).optional(),
  transitIps: z.record(z.string(), z.strictObject({ in: z.boolean(), out: z.boolean() })).optional(),
});

const dhcp = z.strictObject({
  hostname: z.string().optional(),
  domain: z.string().optional(),
  searchList: z.array(z.string()).optional(),
  dns4: z.array(z.string()).optional(),
  dns6: z.array(z.string()).optional(),
});

/** A port's addresses and what its guest is told (`PortConfiguration` of the engine). */
export const portConfiguration = z.strictObject({
  guestMac: z.string(),
  gatewayMac: z.string(),
  vni: z.int(),
  underlayIp: z.string(),
  mtu: z.int().optional(),
  ipv4: family.optional(),
  ipv6: family.optional(),
  dhcp: dhcp.optional(),
});

const interfaceName = z.string().regex(/^[^\s/%]{1,15}$/, "expected an interface name of 1 to 15 characters");

/**
 * What a port's guest is attached by: a veth pair that opted makes, whose guest's end has the port's name and is moved into the
 * namespace `/run/netns/NAMESPACE` if there is one; or an interface that somebody else makes, a NIC to a machine, the near end
 * of a veth, a TAP device. It may come later.
 */
export const attachment = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("veth"),
    namespace: z
      .string()
      .regex(/^[^\s/]+$/)
      .optional(),
  }),
  z.strictObject({ kind: z.literal("link"), link: interfaceName }),
]);

/** A port's name: with room for the suffix of a pair's near end. */
export const portName = z.string().regex(/^[A-Za-z0-9_-]{1,13}$/, "expected 1 to 13 letters, digits, - or _");

export const routerEntry = z.strictObject({
  destination: z.string(),
  target: z.string(),
  class: z.enum(["system", "custom"]),
});

const cap = z.strictObject({ bytesPerSecond: z.number().positive(), burstBytes: z.number().positive() });
export const bandwidth = z.strictObject({ in: cap.optional(), out: cap.optional() });

export const services = z.strictObject({
  dns: z.array(z.string()).default([]),
  metadata: z.array(z.string()).default([]),
  framesPerSecond: z.number().positive().default(100),
});

/** External addresses of both families, and by address the internet gateways that it leads through. */
export const externalIpRequest = z.strictObject({
  ipv4: externalIps.optional(),
  ipv6: externalIps.optional(),
  gateways: z.record(z.string(), z.array(z.string())).optional(),
});

/** What was saved of a port's connections: `PortSnapshot` of the engine. */
export const portSnapshot = z.looseObject({ version: z.literal(1) });

export const sledPort = z.strictObject({
  name: portName,
  attachment: attachment.default({ kind: "veth" }),
  configuration: portConfiguration,
  routes: z.array(routerEntry).default([]),
  /** Each a line: `dir=in action=allow priority=10 protocol=tcp port=22`. */
  firewall: z.array(z.string()).default([]),
  gateways: z.record(z.string(), z.array(z.string())).default({}),
  services: services.optional(),
  bandwidth: bandwidth.optional(),
  /** Connections of an earlier home (`PortSnapshot`), taken over when the port is made; not saved with it. */
  flows: portSnapshot.optional(),
});

export const sourceFilter = z.strictObject({
  mode: z.enum(["include", "exclude"]),
  sources: z.array(z.string()).max(64),
});
const anySource = { mode: "exclude" as const, sources: [] };

export const v2pEntry = z.strictObject({
  vni: z.int().min(0).max(0xff_ffff),
  ip: z.string(),
  mac: z.string(),
  underlay: z.string(),
});
export const v2bEntry = z.strictObject({ prefix: z.string(), endpoints: z.array(z.string()).min(1) });
export const m2pEntry = z.strictObject({ group: z.string(), underlay: z.string() });
export const forwardingEntry = z.strictObject({
  underlay: z.string(),
  nextHop: z.string(),
  vni: z.int().default(77),
  replication: z.enum(["external", "underlay", "both"]),
  filter: sourceFilter.default(anySource),
});
export const subscription = z.strictObject({
  group: z.string(),
  port: portName,
  filter: sourceFilter.default(anySource),
});
/** Two VPCs, by VNI. */
export const peering = z.tuple([z.int().min(0).max(0xff_ffff), z.int().min(0).max(0xff_ffff)]);

/** Everything that a sled is told. */
export const sledState = z.strictObject({
  underlay: z.tuple([interfaceName, interfaceName]).nullable().default(null),
  ports: z.array(sledPort).default([]),
  v2p: z.array(v2pEntry).default([]),
  v2b: z.array(v2bEntry).default([]),
  m2p: z.array(m2pEntry).default([]),
  forwarding: z.array(forwardingEntry).default([]),
  subscriptions: z.array(subscription).default([]),
  peerings: z.array(peering).default([]),
});

const savedSide = z.strictObject({
  nextId: z.int(),
  rules: z.array(z.strictObject({ rule: z.string(), id: z.int(), hits: z.number() })),
  defaultHits: z.number(),
});

/** What outlasts a run: what the sled was told, and ids and counters of the rules that came of it, by port and layer. */
export const savedState = sledState.extend({
  ruleNumbers: z
    .record(z.string(), z.record(z.string(), z.strictObject({ in: savedSide, out: savedSide })))
    .default({}),
});

export type SavedState = z.output<typeof savedState>;
export type Attachment = z.output<typeof attachment>;
export type SledPort = z.output<typeof sledPort>;
export type SledState = z.output<typeof sledState>;
export type RouterEntryText = z.output<typeof routerEntry>;
export type Services = z.output<typeof services>;
export type Bandwidth = z.output<typeof bandwidth>;
