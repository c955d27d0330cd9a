import { z } from "zod";

const seconds = (least: number, most: number, usual: number): z.ZodDefault<z.ZodInt> =>
  z.int().min(least).max(most).default(usual);

/** What lldpd reads from `/etc/kestrel/lldpd.json`. */
export const lldpConfiguration = z.strictObject({
  /** What this system is called, in chassis id and system name; the host name unless given. */
  systemName: z.string().min(1).max(255).optional(),
  systemDescription: z.string().min(1).max(255).default("Kestrel"),
  /** Whether the system forwards packets between its ports (capability Router). */
  router: z.boolean().default(false),
  /** Names of the interfaces to speak on; `*` at the end stands for any rest. They may come and go. */
  interfaces: z.array(z.string().regex(/^[^\s/*]{0,15}\*?$/, "expected an interface name, or its begin and *")),
  /** Where lldpd's API listens: a loopback address. */
  listen: z.strictObject({ host: z.string(), port: z.int().min(0).max(65_535) }).default({ host: "::1", port: 12_230 }),
  /** Timers of IEEE 802.1AB, section 9.2.5; seconds, but for the counts `holdMultiplier`, `fastCount` and `creditLimit`. */
  timers: z
    .strictObject({
      transmitInterval: seconds(1, 3600, 30),
      holdMultiplier: seconds(1, 100, 4),
      fastInterval: seconds(1, 3600, 1),
      fastCount: seconds(1, 8, 4),
      creditLimit: seconds(1, 10, 5),
      reinitializeDelay: seconds(1, 10, 2),
    })
    .prefault({}),
});

/** A configuration of lldpd with every default filled in. */
export type LldpConfiguration = z.output<typeof lldpConfiguration>;
