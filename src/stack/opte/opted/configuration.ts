import { z } from "zod";

/** What opted reads from `/etc/kestrel/opted.json`. */
export const optedConfiguration = z.strictObject({
  /** UNIX socket of the admin API; its directory is made for root alone where it is not there. */
  socket: z.string().startsWith("/").default("/run/kestrel/opted.sock"),
  /** Where ports, mappings and flows outlast a restart. */
  dataDirectory: z.string().startsWith("/").default("/data/opted"),
  /** What the hashes of flow tables follow from: the node's, not known to guests. */
  seed: z.string(),
  /** Interfaces of the underlay to begin with, where none were set before; each sled has one to each switch. */
  underlay: z.tuple([z.string(), z.string()]).optional(),
  /** Milliseconds between saves of all flows, which are all that a restart without a warning forgets; 0 for none. */
  snapshotInterval: z.int().min(0).max(3_600_000).default(10_000),
  /** Flows of a port beyond which they are saved at an orderly end alone: writing more would hold up packets. */
  snapshotFlows: z.int().min(0).default(20_000),
});

/** A configuration of opted with every default filled in. */
export type OptedConfiguration = z.output<typeof optedConfiguration>;
