import { z } from "@hono/zod-openapi";
import { probeLine } from "../probe-event.ts";
import * as state from "../sled-state.ts";

/** The answers of opted's API that are not what it was told (sled-state.ts). */

export { probeLine };

const external = z.strictObject({
  ephemeral: z.string().nullable(),
  floating: z.array(z.string()),
  snat: z.string().nullable(),
});

/** A port in the list. */
export const portValue = z.strictObject({
  name: z.string(),
  mac: z.string(),
  vni: z.int(),
  ipv4: external.extend({ address: z.string() }).nullable(),
  ipv6: external.extend({ address: z.string() }).nullable(),
  state: z.enum(["ready", "running", "paused", "restored"]),
  epoch: z.int(),
  /** Where its guest is attached, and whether that interface is there. */
  interface: z.string(),
  attached: z.boolean(),
});

export const layerValue = z.strictObject({
  name: z.string(),
  rulesIn: z.int(),
  rulesOut: z.int(),
  defaultIn: z.string(),
  defaultOut: z.string(),
  flows: z.int(),
});

const flowId = z.strictObject({
  protocol: z.int(),
  family: z.int(),
  source: z.string(),
  destination: z.string(),
  sourcePort: z.int(),
  destinationPort: z.int(),
  icmp: z.strictObject({ type: z.int(), code: z.int(), id: z.int() }).optional(),
});

const layerSide = z.strictObject({
  flows: z.array(z.strictObject({ flow: flowId, hits: z.int(), action: z.string() })),
  rules: z.array(
    z.strictObject({
      id: z.int(),
      priority: z.int(),
      hits: z.int(),
      predicates: z.array(z.string()),
      action: z.string(),
    }),
  ),
  defaultAction: z.string(),
  defaultHits: z.int(),
});

/** Flows and rules of a layer. */
export const layerDump = z.strictObject({ in: layerSide, out: layerSide });

const uftSide = z.strictObject({
  limit: z.int(),
  flows: z.array(z.strictObject({ flow: flowId, hits: z.int(), bytes: z.number(), transforms: z.string() })),
});

export const uftDump = z.strictObject({ in: uftSide, out: uftSide });

export const tcpFlow = z.strictObject({
  flow: z.string(),
  state: z.string(),
  hits: z.int(),
  segmentsIn: z.int(),
  segmentsOut: z.int(),
  bytesIn: z.number(),
  bytesOut: z.number(),
});

/** Counters and gauges by name: `in_uft_hit`, `route_cache_miss`, … */
export const counters = z.record(z.string(), z.number());

/** Counters of a port and, by name, of its layers. */
export const portCounters = z.strictObject({
  port: counters,
  layers: z.record(z.string(), counters),
  routeCache: counters,
});

/** Links of the underlay. */
export const underlayLink = z.strictObject({ link: z.string(), mtu: z.int(), mac: z.string() });

const traffic = z.strictObject({ bytes: z.number(), packets: z.int(), errors: z.int(), dropped: z.int() });

/** What an interface carried; `port`: whose guest is behind it. */
export const linkCounters = z.strictObject({
  link: z.string(),
  port: z.string().nullable(),
  received: traffic,
  sent: traffic,
});

/** Something of a port that is nearly used up. */
export const nearLimit = z.strictObject({ port: z.string(), resource: z.string(), limit: z.int() });

/** A guest's frame to a service, base64. */
export const agentFrame = z.strictObject({
  port: z.string(),
  service: z.enum(["dns", "metadata"]),
  frame: z.base64(),
  /** Of the UDP datagram in the frame; null if it has none. */
  udp: z.strictObject({ destinationPort: z.int(), data: z.base64() }).nullable(),
});

export const portParameters = z.object({ port: state.portName });
export type PortValue = z.output<typeof portValue>;
export type LayerDump = z.output<typeof layerDump>;
export type UftDump = z.output<typeof uftDump>;
export type FlowValue = z.output<typeof flowId>;
