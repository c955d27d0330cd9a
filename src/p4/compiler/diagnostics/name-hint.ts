import { closest, distance } from "fastest-levenshtein";

const mostListed = 12;

/** What to say about a name that is not there: the one that was meant, or those that are; nothing where there are none. */
export function nameHint(name: string, candidates: Iterable<string>): string | undefined {
  const known = [...candidates];
  if (known.length === 0) return undefined;
  const lowered = name.toLowerCase();
  const byLowered = new Map(known.toSorted().map((candidate) => [candidate.toLowerCase(), candidate]));
  const nearest = closest(lowered, [...byLowered.keys()]);
  if (distance(lowered, nearest) <= Math.max(1, Math.floor(name.length / 2))) {
    return `did you mean ${JSON.stringify(byLowered.get(nearest))}?`;
  }
  const more = known.length > mostListed ? `, … (${known.length} in all)` : "";
  return `known here: ${known.slice(0, mostListed).join(", ")}${more}`;
}
