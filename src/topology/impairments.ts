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

/** What a direction does other than a clean one, for people: `delay 10 ms, loss 1%`. Empty for a clean one. */
export function describeImpairments(settings: DirectionSettings): string {
  const parts: string[] = [];
  const share = (name: string, probability: number): void => {
    if (probability > 0) parts.push(`${name} ${Number((probability * 100).toPrecision(6))}%`);
  };
  if (settings.cut) parts.push("cut");
  if (settings.delayMicroseconds > 0) parts.push(`delay ${formatMicroseconds(settings.delayMicroseconds)}`);
  if (settings.jitterMicroseconds > 0) parts.push(`jitter ${formatMicroseconds(settings.jitterMicroseconds)}`);
  share("loss", settings.loss);
  share("duplicate", settings.duplicate);
  share("reorder", settings.reorder);
  share("corrupt", settings.corrupt);
  if (settings.rateBitsPerSecond !== null) parts.push(`rate ${formatBitsPerSecond(settings.rateBitsPerSecond)}`);
  if (settings.mtuBytes !== null) parts.push(`mtu ${settings.mtuBytes}`);
  if (settings.queueBytes !== cleanDirection.queueBytes) parts.push(`queue ${settings.queueBytes / 1024} KiB`);
  return parts.join(", ");
}
