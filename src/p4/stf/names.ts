import type { Line } from "./line.ts";
import type { Word } from "./statement.ts";

/**
 * The thing that a word names: by its whole name, or by the end of it behind a dot where only one ends so. Things may
 * share a name; then it is the first.
 */
export function named<T extends { readonly name: string }>(
  things: readonly T[],
  { text, span }: Word,
  what: string,
  line: Line,
): T {
  const whole = things.find(({ name }) => name === text);
  if (whole !== undefined) return whole;
  const found = things.filter(({ name }) => name.endsWith(`.${text}`));
  const names = [...new Set(found.map(({ name }) => name))];
  if (names.length > 1) line.fail(span, `"${text}" may be any of ${names.join(", ")}`, "write more of its name");
  const [first] = found;
  if (first !== undefined) return first;
  const known = [...new Set(things.map(({ name }) => name))];
  const hint = known.length === 0 ? `the program has no ${what}` : `there is ${known.join(", ")}`;
  return line.fail(span, `there is no ${what} "${text}"`, hint);
}
