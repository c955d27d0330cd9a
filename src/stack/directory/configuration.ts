import { isIP } from "node:net";
import { z } from "zod";

const port = z.int().min(0).max(65_535);
const address = z.string().refine((text) => isIP(text) !== 0, "expected an IP address");

/** What dnsd reads from `/etc/kestrel/dnsd.json`. */
export const dnsdConfiguration = z.strictObject({
  /** Where names are asked for, over UDP: the server's own address of the underlay. */
  listen: z.strictObject({ address, port: port.default(53) }),
  /** Where nexus tells it what to know. */
  admin: z.strictObject({ host: address.default("::1"), port: port.default(12_231) }).prefault({}),
  /** Where what it knows outlasts a restart. */
  dataDirectory: z.string().startsWith("/").default("/data/dnsd"),
});

/** A configuration of dnsd with every default filled in. */
export type DnsdConfiguration = z.output<typeof dnsdConfiguration>;
