import { distance } from "fastest-levenshtein";

/**
 * The candidate that a person most likely meant by `name`: the one with the smallest edit distance, when that is small
 * against the length of the name. Ties go to the first in alphabetical order.
 */
export function nearestName(name: string, candidates: Iterable<string>): string | undefined {
  const limit = Math.max(1, Math.floor(name.length / 2));
  let best: { candidate: string; edits: number } | undefined;
  for (const candidate of [...candidates].toSorted()) {
    const edits = distance(name.toLowerCase(), candidate.toLowerCase());
    if (edits <= limit && (best === undefined || edits < best.edits)) best = { candidate, edits };
  }
  return best?.candidate;
}

/**
 * What to tell about an unknown name: the nearest candidate, or all of them when they are few.
 * `undefined` when there is nothing useful to say.
 */
export function nameHint(name: string, candidates: Iterable<string>): string | undefined {
  const known = [...candidates];
  const nearest = nearestName(name, known);
  if (nearest !== undefined) return `did you mean ${JSON.stringify(nearest)}?`;
  if (known.length === 0) return undefined;
  const shown = known.slice(0, 12).join(", ");
  return `known here: ${shown}${known.length > 12 ? `, … (${known.length} in all)` : ""}`;
}
