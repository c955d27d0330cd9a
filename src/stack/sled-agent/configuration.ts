import { isIPv6 } from "node:net";
import { z } from "zod";

const port = z.int().min(0).max(65_535);
const path = z.string().startsWith("/");

/** What sled-agent reads from `/etc/kestrel/sled-agent.json`. */
export const sledAgentConfiguration = z.strictObject({
  /** Where nexus finds it: the sled's address of the underlay. */
  listen: z.strictObject({ host: z.string().default("::1"), port: port.default(12_221) }).prefault({}),
  /** The sled's address of the underlay; a desired state for another sled is refused. */
  underlay: z.string().refine(isIPv6, "expected an IPv6 address"),
  /** opted's admin API. */
  opted: path.default("/run/kestrel/opted.sock"),
  /** Where ddmd tells which ways out of the rack it has learnt; without it there are those that nexus says. */
  ddmd: z.strictObject({ host: z.string().default("::1"), port }).optional(),
  /** Who is asked for names (docs/directory.md): the one that answered last first. */
  nameServers: z.array(z.strictObject({ address: z.string().refine(isIPv6), port: port.default(53) })).default([]),
  /** Where the desired state outlasts a restart. */
  dataDirectory: path.default("/data/sled-agent"),
  /** A directory for each light instance that runs; it must be gone when the machine has been off. */
  instanceDirectory: path.default("/run/kestrel/instances"),
  /** The program that instances are (instance-init). */
  instanceInit: path.default("/opt/kestrel/instance-init"),
});

/** A configuration of sled-agent with every default filled in. */
export type SledAgentConfiguration = z.output<typeof sledAgentConfiguration>;
