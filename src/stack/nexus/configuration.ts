import { isIP, isIPv6 } from "node:net";
import { z } from "zod";
import { type PlacedAddress, rackPrefixFaults } from "./rack-prefixes.ts";

const name = z.string().regex(/^[\w.-]{1,64}$/, "expected letters, digits, '.', '_' and '-'");
const port = z.int().min(0).max(65_535);
const underlayAddress = z.string().refine(isIPv6, "expected an IPv6 address");
const address = z.string().refine((text) => isIP(text) !== 0, "expected an IP address");

const prefix = z.string().refine((text) => {
  const [own = "", length = "", ...rest] = text.split("/");
  const family = isIP(own);
  return family !== 0 && rest.length === 0 && /^\d{1,3}$/.test(length) && Number(length) <= (family === 4 ? 32 : 128);
}, "expected an address with prefix length");

/** Where the agent listens; without it nothing is pushed. */
const agent = z.strictObject({ host: address, port }).optional();

const configurationShape = z.strictObject({
  /** Where the API listens. */
  listen: z.strictObject({ host: address.default("::1"), port }),
  /** The database; what else is needed lies beside it. */
  database: z.string().default("/var/lib/kestrel/nexus.db"),
  /** Identifiers, VNIs and MAC addresses follow from it. */
  seed: z.string(),
  /** Racks with their sleds and switches. What is left out of a later configuration is out of service. */
  racks: z.array(
    z.strictObject({
      name,
      /** All addresses of a rack are in one /56, which no other has. */
      sleds: z.array(
        z.strictObject({
          name,
          underlay: underlayAddress,
          agent,
          hardware_threads: z.int().min(1).default(128),
          /** Bytes. */
          physical_ram: z
            .int()
            .min(1)
            .default(1024 ** 4),
        }),
      ),
      switches: z.array(
        z.strictObject({
          name,
          slot: z.enum(["switch0", "switch1"]),
          /** Where sleds send what leaves the rack. */
          tunnel_endpoint: underlayAddress,
          agent,
          /** Ports that lead out of the rack. */
          uplink_ports: z.array(name).default([]),
        }),
      ),
    }),
  ),
  /** What is made when it is not there yet, once for each declaration. */
  projects: z
    .array(
      z.strictObject({
        name,
        /** Besides `default`. */
        vpcs: z.array(name).default([]),
        instances: z
          .array(
            z.strictObject({
              name,
              kind: z.enum(["light", "vm"]).default("light"),
              ncpus: z.int().min(1),
              /** Bytes. */
              memory: z.int().min(1),
              vpc: name.default("default"),
              start: z.boolean().default(true),
            }),
          )
          .default([]),
      }),
    )
    .default([]),
  /** What leads out of the racks: made when it is not there yet, once for each declaration, and before projects. */
  boundary: z
    .strictObject({
      /** Of external addresses; the first of each family is the silo's default one. */
      pools: z.array(z.strictObject({ name, prefixes: z.array(prefix).min(1) })).default([]),
      /** The BGP router of every switch that has peers. */
      bgp: z.strictObject({ asn: z.int().min(1).max(0xffff_ffff), max_paths: z.int().min(1).max(32) }).optional(),
      uplinks: z
        .array(
          z.strictObject({
            rack: name,
            slot: z.enum(["switch0", "switch1"]),
            port: name,
            /** With prefix length. */
            addresses: z.array(prefix).default([]),
            peers: z
              .array(
                z.strictObject({
                  /** The neighbour on the link without it. */
                  address: address.optional(),
                  asn: z.int().min(1).max(0xffff_ffff).optional(),
                  /** Seconds. */
                  hold_time: z.int().min(3).max(65_535).default(30),
                  bfd: z.boolean().default(false),
                }),
              )
              .default([]),
            routes: z.array(z.strictObject({ to: prefix, via: address })).default([]),
          }),
        )
        .default([]),
    })
    .prefault({}),
  /** DNS servers that guests are told, after the one of their VPC where `name_servers` are. */
  guest_dns: z.array(address).max(6).default([]),
  /** Servers that know the names of VPCs and services (docs/directory.md); without any, VPCs have no names. */
  name_servers: z.array(z.strictObject({ name, address: underlayAddress, agent })).default([]),
  /** How long an agent may take for an answer, milliseconds. */
  agent_timeout_ms: z.int().min(10).default(5000),
});

/** The configuration of nexusd, `/etc/kestrel/nexusd.json`. */
export const nexusConfigurationSchema = configurationShape.superRefine((configuration, context) => {
  for (const { path, message } of rackPrefixFaults(placedAddresses(configuration))) {
    context.addIssue({ code: "custom", path: [...path], message });
  }
});

/** The addresses of the underlay in the order in which they are written. */
function placedAddresses({ racks, name_servers }: z.output<typeof configurationShape>): readonly PlacedAddress[] {
  return [
    ...racks.flatMap(({ name: rack, sleds, switches }, at): readonly PlacedAddress[] => [
      ...sleds.map(({ underlay }, index) => ({
        ...{ rack, address: underlay, path: ["racks", at, "sleds", index, "underlay"] },
      })),
      ...switches.map(({ tunnel_endpoint: address }, index) => ({
        ...{ rack, address, path: ["racks", at, "switches", index, "tunnel_endpoint"] },
      })),
    ]),
    ...name_servers.map(({ address }, index) => ({
      ...{ rack: undefined, address, path: ["name_servers", index, "address"] },
    })),
  ];
}

export type NexusConfiguration = z.output<typeof nexusConfigurationSchema>;
