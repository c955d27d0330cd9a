import { cleanDirection, type DirectionSettings } from "./direction-settings.ts";
import type { ImpairmentsDeclaration } from "./schema.ts";
import {
  formatBitsPerSecond,
  formatMicroseconds,
  parseBitsPerSecond,
  parseBytes,
  parseMicroseconds,
  parseProbability,
} from "./units.ts";

/** Turn declared impairments, later ones over earlier ones, into the resolved settings of a direction. */
export function resolveImpairments(...declared: readonly ImpairmentsDeclaration[]): DirectionSettings {
  return declared.reduce<DirectionSettings>(
    (settings, one) => ({ ...settings, ...resolveDeclared(one) }),
    cleanDirection,
  );
}

/**
 * The settings that a declaration names, in resolved units: what `wire set` changes, and nothing else.
 * The declaration has passed the schema.
 */
export function resolveDeclared(declared: ImpairmentsDeclaration): Partial<DirectionSettings> {
  const { delay, jitter, loss, duplicate, reorder, corrupt, rate, mtu, queue, cut } = declared;
  return {
    ...(cut === undefined ? {} : { cut }),
    ...(queue === undefined ? {} : { queueBytes: parseBytes(queue) }),
    ...(delay === undefined ? {} : { delayMicroseconds: parseMicroseconds(delay) }),
    ...(jitter === undefined ? {} : { jitterMicroseconds: parseMicroseconds(jitter) }),
    ...(loss === undefined ? {} : { loss: parseProbability(loss) }),
    ...(duplicate === undefined ? {} : { duplicate: parseProbability(duplicate) }),
    ...(reorder === undefined ? {} : { reorder: parseProbability(reorder) }),
    ...(corrupt === undefined ? {} : { corrupt: parseProbability(corrupt) }),
    ...(rate === undefined ? {} : { rateBitsPerSecond: parseBitsPerSecond(rate) }),
    ...(mtu === undefined ? {} : { mtuBytes: Number(mtu) }),
  };
}

/** The words of `kestrel wire set` that make a clean direction do what this one does: `delay=10ms loss=1%`. Empty for a clean one. */
export function impairmentWords(settings: DirectionSettings): string {
  return describeParts(settings)
    .map(([name, value]) => (value === "" ? `${name}=true` : `${name}=${value.replaceAll(" ", "")}`))
    .join(" ");
}

/** What a direction does other than a clean one, for people: `delay 10 ms, loss 1%`. Empty for a clean one. */
export function describeImpairments(settings: DirectionSettings): string {
  return describeParts(settings)
    .map(([name, value]) => (value === "" ? name : `${name} ${value}`))
    .join(", ");
}

function describeParts(settings: DirectionSettings): readonly (readonly [name: string, value: string])[] {
  const share = (probability: number): string =>
    probability > 0 ? `${Number((probability * 100).toPrecision(6))}%` : "";
  const time = (microseconds: number): string => (microseconds > 0 ? formatMicroseconds(microseconds) : "");
  const { rateBitsPerSecond: rate, mtuBytes: mtu, queueBytes: queue } = settings;
  const valued = [
    ["delay", time(settings.delayMicroseconds)],
    ["jitter", time(settings.jitterMicroseconds)],
    ["loss", share(settings.loss)],
    ["duplicate", share(settings.duplicate)],
    ["reorder", share(settings.reorder)],
    ["corrupt", share(settings.corrupt)],
    ["rate", rate === null ? "" : formatBitsPerSecond(rate)],
    ["mtu", mtu === null ? "" : String(mtu)],
    ["queue", queue === cleanDirection.queueBytes ? "" : `${queue / 1024} KiB`],
  ] as const;
  return [...(settings.cut ? [["cut", ""] as const] : []), ...valued.filter(([, value]) => value !== "")];
}
