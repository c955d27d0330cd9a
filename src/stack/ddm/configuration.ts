import { z } from "zod";
import { PacketError, parsePrefix, prefixContains } from "../../packet/index.ts";
import { multipathSettingsSchema } from "../multipath/configuration.ts";
import { addressText, tunnelKey, underlayKey } from "./engine/route-key.ts";
import { defaultTimers } from "./engine/settings.ts";

const prefix = z.string().transform((text, context) => {
  const key = underlayKey(text);
  if (key !== undefined) return key;
  context.addIssue({
    code: "custom",
    message: `expected an IPv6 prefix like fd00:1122:3344:101::/64, found "${text}"`,
  });
  return z.NEVER;
});

const address = z.string().transform((text, context) => {
  const canonical = addressText(text);
  if (canonical !== undefined) return canonical;
  context.addIssue({ code: "custom", message: `expected an IPv6 address, found "${text}"` });
  return z.NEVER;
});

const name = z.string().regex(/^[\w.-]{1,64}$/, "expected letters, digits, '.', '_' and '-'");
const interfaceName = z.string().regex(/^[^/\s]{1,15}$/, "expected the name of an interface");
const milliseconds = z.int().min(1).max(86_400_000);
const port = z.int().min(0).max(65_535);

const timers = z.strictObject({
  solicitInterval: milliseconds.default(defaultTimers.solicitInterval),
  expireThreshold: milliseconds.default(defaultTimers.expireThreshold),
  exchangeTimeout: milliseconds.default(defaultTimers.exchangeTimeout),
  resyncInterval: milliseconds.default(defaultTimers.resyncInterval),
  verifiedResyncInterval: milliseconds.default(defaultTimers.verifiedResyncInterval),
  restartGrace: milliseconds.default(defaultTimers.restartGrace),
});

const tunnelOrigin = z
  .strictObject({
    overlayPrefix: z.string(),
    boundaryAddress: address,
    vni: z.int().min(0).max(0xff_ffff),
    metric: z.int().min(0).max(0xffff_ffff).default(0),
  })
  .refine((origin) => tunnelKey(origin) !== undefined, { message: "expected a prefix", path: ["overlayPrefix"] });

/** The configuration of ddmd, `/etc/kestrel/ddmd.json`. */
export const ddmConfigurationSchema = z
  .strictObject({
    /** `server`: originates and imports; `transit`: passes on too. */
    kind: z.enum(["server", "transit"]),
    /** Unique in the site; what stands in paths. */
    routerId: name,
    /** What neighbours see; the router id unless given. */
    hostname: name.optional(),
    /** Where to look for neighbours; interfaces that are not there yet are waited for. */
    interfaces: z.array(interfaceName).min(1),
    /** The /56 of this router's rack; without it there is one rack, and nothing is summarised or kept inside. */
    rackPrefix: prefix.optional(),
    /** Prefixes whose parts are announced site-wide, such as that of service discovery. */
    sitePrefixes: z.array(prefix).default([]),
    /** Tunnel origins, and the prefixes of their endpoints, are told to other racks too. */
    boundaryAcrossRacks: z.boolean().default(false),
    /** Prefixes to originate, beside those that the admin API was told. */
    originate: z.array(prefix).default([]),
    /** Tunnel origins to announce, beside those that the admin API was told. */
    tunnelOrigins: z.array(tunnelOrigin).default([]),
    /** The address that the host's own packets over learned routes come from; kernel only. */
    sourceAddress: address.optional(),
    /** The interface from whose MAC address the bootstrap prefix is made: it is put on `lo` and originated. */
    bootstrapInterface: interfaceName.optional(),
    /** The switch's dpd; without it the kernel forwards. */
    dpd: z.strictObject({ host: z.string().default("::1"), port: port.default(12_224) }).optional(),
    /** Weights of paths follow their delays (docs/multipath.md); kernel only, and with `sourceAddress`. */
    multipath: multipathSettingsSchema.optional(),
    timers: timers.prefault({}),
    /** Between two comparisons of the routes with the kernel or dpd, milliseconds. */
    reconcileInterval: milliseconds.default(5000),
    admin: z.strictObject({ host: z.string().default("::1"), port: port.default(8000) }).prefault({}),
    /** What must survive a power cycle. */
    dataDirectory: z.string().default("/data/ddm"),
    /** Files with the secrets of the signed mode; with this, peers that do not sign are refused. */
    signing: z
      .strictObject({
        /** Between the routers of a rack. */
        rackKey: z.string(),
        /** Between switches of different racks. */
        interRackKey: z.string().optional(),
      })
      .optional(),
    /** What everything random follows from. */
    seed: z.string().default("0"),
  })
  .superRefine(({ multipath, dpd, sourceAddress }, context) => {
    if (multipath === undefined) return;
    const fault = (message: string): void => {
      context.addIssue({ code: "custom", message, path: ["multipath"] });
    };
    if (dpd !== undefined) fault("expected none where dpd forwards: a switch has no weights");
    else if (sourceAddress === undefined) fault("expected sourceAddress beside it: probes come from there");
  })
  .superRefine(({ rackPrefix, tunnelOrigins }, context) => {
    if (rackPrefix === undefined) return;
    const rack = attempt(() => parsePrefix(rackPrefix));
    if (rack === undefined) return;
    for (const [at, { boundaryAddress }] of tunnelOrigins.entries()) {
      if (prefixContains(rack, boundaryAddress)) continue;
      const message = `expected an endpoint inside the rack's ${rackPrefix}, found ${boundaryAddress}`;
      context.addIssue({ code: "custom", message, path: ["tunnelOrigins", at, "boundaryAddress"] });
    }
  });

/** A configuration with its defaults. */
export type DdmConfiguration = z.output<typeof ddmConfigurationSchema>;

function attempt<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof PacketError) return undefined;
    throw error;
  }
}
