import { isIPv6 } from "node:net";
import { z } from "zod";

const port = z.int().min(0).max(65_535);
const path = z.string().startsWith("/");
const api = (own: number) => z.strictObject({ host: z.string().default("::1"), port: port.default(own) }).prefault({});

/** What mgd reads from `/etc/kestrel/mgd.json`. */
export const mgdConfiguration = z.strictObject({
  /** Where nexus finds it: the switch's address of the underlay. */
  listen: api(12_222),
  /** Where people and tools of the switch find it. */
  admin: api(4676),
  /** The switch's address of the underlay: where sleds send what leaves the rack. */
  tunnelEndpoint: z.string().refine(isIPv6, "expected an IPv6 address"),
  /** dpd's API. */
  dpd: api(12_224),
  /** ddmd's admin API. */
  ddmd: api(8000),
  /** Where FRR's daemons have their vty sockets. */
  frrDirectory: path.default("/run/frr"),
  /** Where the desired state outlasts a restart. */
  dataDirectory: path.default("/data/mgd"),
});

/** A configuration of mgd with every default filled in. */
export type MgdConfiguration = z.output<typeof mgdConfiguration>;
