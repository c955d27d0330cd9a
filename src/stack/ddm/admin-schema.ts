import { z } from "@hono/zod-openapi";
import type { TunnelOrigin } from "./engine/route-key.ts";

/** A prefix as the API takes it: text, or the reference's older form. */
export const netSchema = z.union([
  z.string(),
  z.object({ addr: z.string(), len: z.int() }).transform(({ addr, len }) => `${addr}/${len}`),
]);

const measuredPath = z.object({
  interface: z.string(),
  nexthop: z.string(),
  /** Smoothed, there and back; null while it is not known. */
  delay_us: z.number().nullable(),
  /** Nothing comes back on it. */
  silent: z.boolean(),
  /** Of 255; flows are shared in the proportion of the weights. */
  weight: z.int(),
  probes_sent: z.int(),
  probes_acknowledged: z.int(),
  probes_lost: z.int(),
  probes_strayed: z.int(),
});

/** What delay-driven multipath knows of a destination with several paths; this implementation's own. */
export const measuredDestinationSchema = z
  .object({ destination: z.string(), probe_address: z.string(), paths: z.array(measuredPath) })
  .openapi("MeasuredDestination");

/** A tunnel origin as the API has it. */
export const tunnelOriginSchema = z
  .object({
    overlay_prefix: z.string(),
    boundary_addr: z.string(),
    vni: z.int().min(0).max(0xff_ffff),
    metric: z.int().min(0).max(0xffff_ffff).default(0),
  })
  .openapi("TunnelOrigin");

/** A path vector, the originator first. */
export const pathVectorSchema = z.object({ destination: z.string(), path: z.array(z.string()) }).openapi("PathVector");

const duration = z.object({ secs: z.int(), nanos: z.int() });
const status = z.object({ type: z.enum(["Init", "Solicit", "Exchange", "Expired"]), duration });

/** A peer, in the answer by interface index. */
export const peerSchema = z
  .object({
    addr: z.string(),
    host: z.string(),
    /** 0 server, 1 transit. */
    kind: z.int(),
    status,
    /** The name of the interface; this implementation's own. */
    interface: z.string(),
  })
  .openapi("Peer");

/** An interface with its peer, if it has one, and its counters. */
export const interfaceSchema = z
  .object({
    name: z.string(),
    addr: z.string().nullable(),
    status,
    peer_addr: z.string().nullable(),
    peer_host: z.string().nullable(),
    peer_kind: z.int().nullable(),
    counters: z.record(z.string(), z.int()),
  })
  .openapi("Interface");

/** A tunnel origin, the neighbour that told of it, and whether OPTE is to use it (section 1.10; this implementation's own). */
export const tunnelRouteSchema = z
  .object({ origin: tunnelOriginSchema, nexthop: z.string(), effective: z.boolean() })
  .openapi("TunnelRoute");

/** What the API writes of a tunnel origin. */
export function tunnelOriginJson({
  overlayPrefix,
  boundaryAddress,
  vni,
  metric,
}: TunnelOrigin): z.output<typeof tunnelOriginSchema> {
  return { overlay_prefix: overlayPrefix, boundary_addr: boundaryAddress, vni, metric };
}

/** What the API writes of a time span. */
export function durationJson(milliseconds: number): z.output<typeof duration> {
  const secs = Math.floor(milliseconds / 1000);
  return { secs, nanos: Math.floor((milliseconds - secs * 1000) * 1e6) };
}
