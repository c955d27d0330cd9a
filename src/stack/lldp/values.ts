import { z } from "@hono/zod-openapi";
import type { LldpPortStatus } from "./engine/lldp-engine.ts";
import type { LldpNeighbour } from "./engine/neighbours.ts";

/** A neighbour as the API tells it; ages in milliseconds, absent texts are null. */
export const neighborValue = z
  .object({
    interface: z.string(),
    chassis_id: z.object({ subtype: z.string(), id: z.string() }),
    port_id: z.object({ subtype: z.string(), id: z.string() }),
    ttl: z.int().openapi({ description: "seconds, as the neighbour said" }),
    port_description: z.string().nullable(),
    system_name: z.string().nullable(),
    system_description: z.string().nullable(),
    capabilities: z.object({ supported: z.array(z.string()), enabled: z.array(z.string()) }),
    management_addresses: z.array(z.string()),
    known_ms: z.int(),
    heard_ms: z.int(),
    expires_ms: z.int(),
  })
  .openapi("Neighbor");

/** An interface as the API tells it. */
export const interfaceValue = z
  .object({
    name: z.string(),
    mac: z.string(),
    is_up: z.boolean(),
    neighbors: z.int(),
    counters: z.object({
      frames_out: z.int(),
      frames_in: z.int(),
      frames_discarded: z.int(),
      tlvs_unrecognized: z.int(),
      ageouts: z.int(),
      too_many_neighbors: z.int(),
    }),
  })
  .openapi("Interface");

/** The system as the API tells it. */
export const systemValue = z
  .object({
    chassis_id: z.object({ subtype: z.string(), id: z.string() }),
    system_name: z.string(),
    system_description: z.string(),
    capabilities: z.array(z.string()),
  })
  .openapi("System");

/** What the API says of a neighbour at `now`. */
export function neighborOf(name: string, neighbour: LldpNeighbour, now: number): z.output<typeof neighborValue> {
  const { information, firstSeenMs, lastSeenMs, expiresMs } = neighbour;
  return {
    interface: name,
    chassis_id: { subtype: information.chassisSubtype, id: information.chassisId },
    port_id: { subtype: information.portSubtype, id: information.portId },
    ttl: information.timeToLive,
    port_description: information.portDescription ?? null,
    system_name: information.systemName ?? null,
    system_description: information.systemDescription ?? null,
    capabilities: {
      supported: [...information.capabilitiesSupported],
      enabled: [...information.capabilitiesEnabled],
    },
    management_addresses: [...information.managementAddresses],
    known_ms: Math.floor(now - firstSeenMs),
    heard_ms: Math.floor(now - lastSeenMs),
    expires_ms: Math.ceil(expiresMs - now),
  };
}

/** What the API says of an interface. */
export function interfaceOf({
  name,
  mac,
  isUp,
  counters,
  neighbours,
}: LldpPortStatus): z.output<typeof interfaceValue> {
  return {
    name,
    mac,
    is_up: isUp,
    neighbors: neighbours.length,
    counters: {
      frames_out: counters.framesOut,
      frames_in: counters.framesIn,
      frames_discarded: counters.framesDiscarded,
      tlvs_unrecognized: counters.tlvsUnrecognized,
      ageouts: counters.ageouts,
      too_many_neighbors: counters.tooManyNeighbours,
    },
  };
}
