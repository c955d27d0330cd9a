import { z } from "zod";
import { parsePrefix } from "./addresses.ts";
import { resourceName } from "./schema-project.ts";
import { address, checked, gateway, portReference, wholeNumber } from "./schema-scalars.ts";

const asNumber = wholeNumber(1, 0xffff_ffff, "an AS number from 1 to 4294967295");
const prefix = checked(
  (value) => parsePrefix(value) !== undefined,
  "a prefix such as 198.51.100.0/24 or 2001:db8::/48",
);

const peerSchema = z
  .strictObject({
    address: gateway
      .optional()
      .describe("The peer's address; without it the neighbour on the link, by its link-local address."),
    asn: asNumber.optional().describe("The AS that it must be in; any other than the rack's unless given."),
    holdTime: wholeNumber(3, 65_535, "a number of seconds from 3 to 65535")
      .optional()
      .describe("Seconds of silence after which it is lost; 30 unless given."),
    bfd: z.boolean().optional().describe("Whether a BFD session says when it is lost; false unless given."),
  })
  .meta({ id: "bgp-peer" });

const uplinkSchema = z
  .strictObject({
    addresses: z.array(address).optional().describe("Addresses of the switch on the uplink, with prefix lengths."),
    peers: z.array(peerSchema).optional().describe("BGP peers on the uplink; there must be `bgp` then."),
    routes: z
      .array(
        z.strictObject({
          to: checked(
            (value) => value === "default" || parsePrefix(value) !== undefined,
            "a prefix such as 203.0.113.0/24, or default",
          ).describe("Destination prefix, or `default` (of the family of `via`)."),
          via: gateway.describe("The next hop."),
        }),
      )
      .optional()
      .describe("Static routes out of the rack."),
  })
  .meta({ id: "rack-uplink" });

/** What leads out of the racks. */
export const boundaryShape = {
  pools: z
    .record(resourceName, z.array(prefix).min(1))
    .optional()
    .describe("Pools of external addresses, by name; of each family the first by name is the default one."),
  bgp: z
    .strictObject({
      asn: asNumber.describe("The AS of the rack."),
      paths: wholeNumber(1, 32, "a number of paths from 1 to 32")
        .optional()
        .describe("How many equally good ways to a prefix are used; 1 unless given."),
    })
    .meta({ id: "bgp" })
    .optional()
    .describe("The BGP router of every switch with peers. It announces pools, floating IPs and attached subnets."),
  uplinks: z
    .record(portReference, uplinkSchema)
    .optional()
    .describe("Switch ports that lead out of the rack, such as `t1:qsfp0`."),
} as const;
