import { z } from "@hono/zod-openapi";
import { canonicalIpv4, canonicalIpv6, formatPrefix, parsePrefix } from "../../../packet/index.ts";
import { canonicalText } from "../../daemon/canonical-text.ts";
import { limits } from "../engine/limits.ts";
import { isId } from "../resources/lookup.ts";

const namePattern = /^[a-z](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?$/;

/** A name: a lower-case letter, then letters, digits and `-`, at most 63, not ending with `-`, no UUID. */
export const name = z
  .string()
  .regex(namePattern, "expected a lower-case letter, then up to 62 letters, digits and '-', not ending with '-'")
  .refine((text) => !isId(text), "a name cannot be a UUID")
  .openapi("Name");

/** An identifier. */
export const id = z.uuid().toLowerCase().openapi({ type: "string", format: "uuid" });

/** A name or an identifier. */
export const nameOrId = z
  .string()
  .refine((text) => isId(text) || namePattern.test(text), "expected a name or a UUID")
  .openapi("NameOrId");

/** Text about a resource. */
export const description = z.string().max(limits.descriptionLength);

/** What is said of a new named resource. */
export const identityCreate = { name, description };

/** What of it can be changed; null leaves it as it is. */
export const identityUpdate = { name: name.nullish(), description: description.nullish() };

/** A moment. */
const time = z.string().openapi({ format: "date-time" });

/** What every named resource tells of itself. */
export const identity = {
  id: z.string().openapi({ format: "uuid" }),
  name: z.string(),
  description: z.string(),
  time_created: time,
  time_modified: time,
};
export { time };

/** An IPv4 address. */
export const ipv4 = canonicalText(canonicalIpv4).openapi({ type: "string", format: "ipv4" });
/** An IPv6 address. */
export const ipv6 = canonicalText(canonicalIpv6).openapi({ type: "string", format: "ipv6" });
/** An address of either family. */
export const ip = canonicalText((text) => (text.includes(":") ? canonicalIpv6(text) : canonicalIpv4(text))).openapi({
  type: "string",
  format: "ip",
});

function strictPrefix(family?: 4 | 6): (text: string) => string {
  return (text) => {
    const prefix = parsePrefix(text);
    if (family !== undefined && prefix.family !== family) {
      throw new Error(`expected an IPv${family} prefix, found "${text}"`);
    }
    return formatPrefix(prefix);
  };
}

/** An IPv4 prefix; host bits are cleared. */
export const ipv4Net = canonicalText(strictPrefix(4)).openapi({ type: "string", example: "172.30.0.0/22" });
/** An IPv6 prefix; host bits are cleared. */
export const ipv6Net = canonicalText(strictPrefix(6)).openapi({ type: "string", example: "fd00:1::/64" });
/** A prefix of either family; host bits are cleared. */
export const ipNet = canonicalText(strictPrefix()).openapi({ type: "string", example: "10.0.0.0/8" });

/** An address with its prefix length, host bits kept. */
export const interfaceAddress = canonicalText((text) => {
  const { length } = parsePrefix(text);
  const [address = ""] = text.split("/");
  return `${address.includes(":") ? canonicalIpv6(address) : canonicalIpv4(address)}/${length}`;
}).openapi({ type: "string", example: "10.0.0.1/24" });

/** IPv4 or IPv6. */
export const ipVersion = z.enum(["v4", "v6"]);

/** The two switches of a rack. */
export const switchSlot = z.enum(["switch0", "switch1"]);

/** Where to take an address or prefix from. */
export const poolSelector = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("explicit"), pool: nameOrId }),
  z.strictObject({ type: z.literal("auto"), ip_version: ipVersion.nullish() }),
]);
export type PoolSelector = z.output<typeof poolSelector>;

/** Where to look when nothing is said. */
export const anyPool: PoolSelector = { type: "auto" };

/** A number in a query or path. */
export function wholeNumber(minimum: number, maximum: number): z.ZodPipe<z.ZodString, z.ZodTransform<number, string>> {
  return z
    .string()
    .transform((text, context) => {
      const number = /^\d{1,12}$/.test(text) ? Number(text) : Number.NaN;
      if (number >= minimum && number <= maximum) return number;
      context.addIssue({ code: "custom", message: `expected a number from ${minimum} to ${maximum}, found "${text}"` });
      return z.NEVER;
    })
    .openapi({ type: "integer", minimum, maximum });
}

/** True or false in a query. */
export const flag = z
  .enum(["true", "false"])
  .transform((text) => text === "true")
  .openapi({ type: "boolean" });

/** The query of what belongs to a project. */
export const inProject = z.strictObject({ project: nameOrId });
/** The query of what a project's name may be needed for. */
export const maybeInProject = z.strictObject({ project: nameOrId.optional() });
/** The query of what belongs to a VPC. */
export const inVpc = z.strictObject({ project: nameOrId.optional(), vpc: nameOrId });
/** The query of what a VPC's name may be needed for. */
export const maybeInVpc = z.strictObject({ project: nameOrId.optional(), vpc: nameOrId.optional() });
