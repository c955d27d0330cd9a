import type { JsonPattern } from "./agent-protocol.ts";

/**
 * What a JSON document has not of a pattern, in words; undefined when it has all of it. A scalar equals itself, an object
 * has the members of the pattern and may have others, and every element of the pattern's list is in some element of the
 * document's.
 *
 * @param place - what the document is called in the words
 */
export function missingFromJson(document: unknown, pattern: JsonPattern, place = "the answer"): string | undefined {
  if (isList(pattern)) {
    if (!Array.isArray(document)) return `${place} is no list`;
    const missing = pattern.find((element) =>
      document.every((candidate: unknown) => missingFromJson(candidate, element) !== undefined),
    );
    return missing === undefined ? undefined : `${place} has no ${JSON.stringify(missing)}`;
  }
  if (typeof pattern === "object" && pattern !== null) {
    if (typeof document !== "object" || document === null) return `${place} is no object`;
    for (const [member, wanted] of Object.entries(pattern)) {
      const at = `${place === "the answer" ? "" : `${place} `}${member}`;
      if (!Object.hasOwn(document, member)) return `${place} has no ${member}`;
      const missing = missingFromJson((document as Record<string, unknown>)[member], wanted, at);
      if (missing !== undefined) return missing;
    }
    return undefined;
  }
  return document === pattern ? undefined : `${place} is ${JSON.stringify(document)}`;
}

function isList(pattern: JsonPattern): pattern is readonly JsonPattern[] {
  return Array.isArray(pattern);
}
