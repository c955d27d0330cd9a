import { z } from "@hono/zod-openapi";
import {
  canonicalIpv4,
  canonicalIpv6,
  formatMac,
  isMulticastIpv4,
  isMulticastIpv6,
  parseMac,
  parsePrefix,
} from "../../../packet/index.ts";
import { canonicalText } from "../../daemon/canonical-text.ts";
import { portIdSchema } from "../configuration.ts";
import { canonicalPrefix } from "../engine/address.ts";

function familyPrefix(family: 4 | 6): (text: string) => string {
  return (text) => {
    if (parsePrefix(text).family !== family) throw new Error(`expected an IPv${family} prefix, found "${text}"`);
    return canonicalPrefix(text);
  };
}

/** Not a group's address. */
const unicast = "expected an address of one station, found one of a group";

/** An IPv4 address. */
export const ipv4 = canonicalText(canonicalIpv4).openapi({ type: "string", format: "ipv4" });
/** An IPv6 address. */
export const ipv6 = canonicalText(canonicalIpv6).openapi({ type: "string", format: "ipv6" });
/** An IPv4 address of a station. */
export const unicastIpv4 = ipv4.refine((address) => !isMulticastIpv4(address), unicast);
/** An IPv6 address of a station. */
export const unicastIpv6 = ipv6.refine((address) => !isMulticastIpv6(address), unicast);
/** An address of a station. */
export const unicastAddress = canonicalText((text) => (text.includes(":") ? canonicalIpv6(text) : canonicalIpv4(text)))
  .refine((address) => !(address.includes(":") ? isMulticastIpv6(address) : isMulticastIpv4(address)), unicast)
  .openapi({ type: "string", format: "ip" });
/** An IPv4 prefix; host bits are cleared. */
export const ipv4Prefix = canonicalText(familyPrefix(4)).openapi({ type: "string", example: "10.0.0.0/8" });
/** An IPv6 prefix; host bits are cleared. */
export const ipv6Prefix = canonicalText(familyPrefix(6)).openapi({ type: "string", example: "fd00:1::/64" });
/** A prefix; host bits are cleared. */
export const anyPrefix = canonicalText(canonicalPrefix).openapi({ type: "string", example: "fd00:1::/64" });

/** A MAC address the way this API has them, `{a: [0, 0, 0, 0, 0, 0]}`. */
export const mac = z
  .object({ a: z.array(z.int().min(0).max(255)).length(6) })
  .transform(({ a }) => formatMac(Uint8Array.from(a)))
  .openapi({
    type: "object",
    required: ["a"],
    properties: {
      a: { type: "array", minItems: 6, maxItems: 6, items: { type: "integer", minimum: 0, maximum: 255 } },
    },
  });
/** A MAC address in an answer. */
export const macAnswer = z.object({ a: z.array(z.int()) });

/** A MAC address as it is answered. */
export function macValue(text: string): z.input<typeof macAnswer> {
  return { a: [...parseMac(text)] };
}

/** Who owns an object. */
export const tag = z.string().max(256);
/** The owner's tag in a query. */
export const tagQuery = z.object({ tag: tag.optional() });

/** A whole number in a path. */
function numberInPath(maximum: number): z.ZodPipe<z.ZodString, z.ZodTransform<number, string>> {
  return z
    .string()
    .regex(/^\d{1,9}$/, "expected a number")
    .transform((text, context) => {
      const number = Number(text);
      if (number <= maximum) return number;
      context.addIssue({ code: "custom", message: `expected at most ${maximum}` });
      return z.NEVER;
    });
}

/** Parts of paths. */
export const pathPart = {
  port_id: z.string().max(64),
  link_id: numberInPath(255).openapi({ type: "integer", minimum: 0, maximum: 255 }),
  layer4_port: numberInPath(65_535).openapi({ type: "integer", minimum: 0, maximum: 65_535 }),
} as const;

/** A port in a body; whether the switch has it is found out later. */
export const portId = portIdSchema;
/** A link in a body. */
export const linkId = z.int().min(0).max(255);
