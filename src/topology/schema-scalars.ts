import { z } from "zod";
import { canonicalAddress, parsePrefix } from "./addresses.ts";
import { hasExpression } from "./expression.ts";
import { durationPattern, percentPattern, ratePattern, sizePattern } from "./units.ts";

/**
 * The notations of single values. Any text may hold `${…}`; what it comes to is checked again, by the same schema, once
 * it is evaluated. Titles name the notation in faults, in editors and in the reference.
 */

const expression = /\$\{/;

/** Text in a notation; `expected` says which, in faults, in editors and in the reference. */
export function text(pattern: RegExp, expected: string) {
  const error = `expected ${expected}`;
  const either = new RegExp(`(?:${pattern.source})|${expression.source}`, "u");
  return z.string({ error }).regex(either, { error }).meta({ title: expected });
}

/** A whole number, or text with an expression that comes to one. */
export function wholeNumber(least: number, most: number, expected: string) {
  const error = `expected ${expected}`;
  const number = z.int({ error }).min(least, { error }).max(most, { error });
  return z.union([number, z.string({ error }).regex(expression, { error })], { error }).meta({ title: expected });
}

/** Text that a function accepts. */
export function checked(accepts: (value: string) => boolean, expected: string) {
  const error = `expected ${expected}`;
  return z
    .string({ error })
    .refine((value) => hasExpression(value) || accepts(value), { error })
    .meta({ title: expected });
}

export const nodeName = text(
  /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/,
  'a name of at most 63 lower-case letters, digits and "-" (it is a hostname)',
);
// The kernel keeps `all` and `default` for itself among interface names, and `lo` is there already.
export const portName = text(
  /^(?!(?:lo|all|default)$)[A-Za-z][A-Za-z0-9_.-]{0,14}$/,
  'a port name of at most 15 letters, digits, "_", "." and "-" that begins with a letter (not lo, all, default)',
);
export const parameterName = z.string().regex(/^[A-Za-z_]\w*$/, { error: "expected a name of letters, digits and _" });
export const portReference = text(/^[^\s:]+:[^\s:]+$/, "a port such as h1:net0");

export const size = text(sizePattern, 'a size such as "256 MiB"');
export const duration = text(durationPattern, 'a duration such as "10 ms"');
const share = 'a share such as "1%", or a number from 0 to 1';
export const probability = z
  .union(
    [
      z
        .number()
        .min(0, { error: `expected ${share}` })
        .max(1, { error: `expected ${share}` }),
      text(percentPattern, share),
    ],
    { error: `expected ${share}` },
  )
  .meta({ title: 'a share such as "1%"' });
export const mtu = wholeNumber(68, 65_535, "a number of bytes from 68 to 65535");
export const count = wholeNumber(0, 4096, "a whole number from 0 to 4096").describe(
  "Repeat this entry so many times; ${i} is 0, 1, … in each.",
);
export const address = checked(
  (value) => parsePrefix(value) !== undefined,
  "an address with prefix length such as 10.0.0.1/24 or fd00::1/64",
);
export const gateway = checked(
  (value) => canonicalAddress(value) !== undefined,
  "an address such as 10.0.0.1 or fd00::1",
);

export const rate = text(ratePattern, 'a rate such as "10 mbit"');
export const endPair = z
  .tuple([portReference, portReference], { error: "expected two ports: [h1:net0, h2:net0]" })
  .meta({ title: "two ports such as [h1:net0, h2:net0]" });
