import { z } from "zod";
import { canonicalIpv4, canonicalIpv6, canonicalMac, isMulticastMac } from "../../packet/index.ts";
import { canonicalText } from "../daemon/canonical-text.ts";

/** Port ids of the switch (spec section 4.3). */
export const portIdSchema = z
  .string()
  .regex(/^(int0|(rear|qsfp)(0|[1-9]|[12]\d|3[01]))$/, "expected int0, rear0 to rear31 or qsfp0 to qsfp31");

const portSchema = z.strictObject({
  /** What the API calls the port: int0, rear0…rear31, qsfp0…qsfp31. */
  id: portIdSchema,
  /** The NIC whose carrier is the state of the port's link; it belongs to p4switch. */
  interface: z.string().min(1).max(15),
  /** The port's number in p4switch, the API's `asic_id`: 1… (0 is the processor). */
  number: z.int().min(1).max(510),
  /** The NIC's MAC address: what the link begins with, and what its link-local address is made of. */
  mac: canonicalText(canonicalMac).refine((mac) => !isMulticastMac(mac), "expected the address of one station"),
  /** The longest packet that its wire carries, from the IP header on, bytes; any unless given. Who sends longer ones is told. */
  mtu: z.int().min(1280).max(65_535).optional(),
  /**
   * The link 0 that is there from the start (and again after DELETE /all-settings); false for a port that is empty until
   * POST /ports/{id}/links. What is left out takes the port's defaults: qsfp ports are uplinks without an IPv6 link-local
   * address unless `allow_ddm_traffic`, the others are none and have one.
   */
  link: z
    .union([
      z.literal(false),
      z.strictObject({
        uplink: z.boolean().optional(),
        allow_ddm_traffic: z.boolean().default(false),
        ipv6_enabled: z.boolean().optional(),
      }),
    ])
    .default({ allow_ddm_traffic: false }),
});

/** Configuration of dpd, `/etc/kestrel/dpd.json`. */
export const dpdConfigurationSchema = z
  .strictObject({
    /** Where the API is served; port 0: any free one. */
    listen: z
      .strictObject({ host: z.string().default("::1"), port: z.int().min(0).max(65_535).default(12_224) })
      .default({ host: "::1", port: 12_224 }),
    /** The run-time interface of the switch: p4switch, or a real simple_switch. Nothing else differs between the two. */
    p4switch: z
      .strictObject({ host: z.string().default("127.0.0.1"), port: z.int().min(1).max(65_535).default(9090) })
      .default({ host: "127.0.0.1", port: 9090 }),
    /** Ports of the switch, in any order. Ids, interfaces and numbers are unique. */
    ports: z.array(portSchema).max(65),
    /** Addresses of the switch as a whole from the start, claimed on every port (the TEP `…:RRfS::1`); their tag is `dpd`. */
    loopback: z
      .strictObject({
        ipv4: z.array(canonicalText(canonicalIpv4)).default([]),
        ipv6: z.array(canonicalText(canonicalIpv6)).default([]),
      })
      .default({ ipv4: [], ipv6: [] }),
    /** What GET /switch/identifiers answers, besides what the configuration says anyway. */
    identifiers: z
      .strictObject({
        sidecar_id: z.string().default("00000000-0000-0000-0000-000000000000"),
        /** Which of the rack's two switches: 0 or 1. */
        slot: z.int().min(0).max(1).default(0),
        serial: z.string().default(""),
        model: z.string().default("kestrel"),
        revision: z.int().min(0).default(0),
      })
      .prefault({}),
    /**
     * How long what an earlier run left in the switch stays, unless it is wanted again, milliseconds; 0: it goes at once. Its
     * owners find that dpd does not know it and tell it again (ddmd within 5 s).
     */
    restart_grace_ms: z.int().min(0).max(3_600_000).default(30_000),
    /**
     * Make operations on the switch's tables fail, to see what the API's users make of it: a share of all operations, from
     * 0 to 1, drawn from `seed`. A request that one hits is answered with 418 and changes nothing. Nobody but tests sets it.
     */
    injected_faults: z
      .strictObject({
        share: z.number().min(0).max(1),
        /** The share of failures among the operations that take back what was done, so that this fails too. */
        rollback_share: z.number().min(0).max(1).default(0),
        seed: z.string().default(""),
      })
      .optional(),
  })
  .superRefine(({ ports }, context) => {
    for (const field of ["id", "interface", "number"] as const) {
      for (const [at, port] of ports.entries()) {
        if (ports.findIndex((other) => other[field] === port[field]) === at) continue;
        context.addIssue({ code: "custom", path: ["ports", at, field], message: `${port[field]} is there twice` });
      }
    }
  });

/** Configuration of dpd, read. */
export type DpdConfiguration = z.output<typeof dpdConfigurationSchema>;
/** One port of {@link DpdConfiguration}. */
export type PortConfiguration = DpdConfiguration["ports"][number];
