import type { FieldVerdict, FramePattern } from "./pattern.ts";

/** Each part of a comparison on a line: what was found, and what was expected where that is something else. */
export function verdictLines(verdicts: readonly FieldVerdict[]): readonly string[] {
  const width = Math.max(0, ...verdicts.map(({ field }) => field.length));
  return verdicts.map(({ field, matches, expected, found }) =>
    matches
      ? `  ✓ ${field.padEnd(width)}  ${formatValue(found)}`
      : `  ✗ ${field.padEnd(width)}  expected ${formatValue(expected)}, found ${formatValue(found)}`,
  );
}

/** A pattern on one line: `from h1:net0, ipv6 {dst: fd00:2::2, hopLimit: 64}, icmpv6`. */
export function formatPattern(pattern: FramePattern): string {
  if (typeof pattern === "function") return formatValue(pattern);
  const parts = Object.entries(pattern).flatMap(([name, value]: [string, unknown]) => {
    if (value === undefined) return [];
    if (name === "from" || name === "to" || name === "fate") return [`${name} ${formatValue(value)}`];
    if (value === false) return [`no ${name}`];
    if (name === "inner") return [`inside: ${formatPattern(value as FramePattern)}`];
    const layers: readonly unknown[] = Array.isArray(value) ? value : [value];
    return layers.map((fields) => (isEmpty(fields) ? name : `${name} ${formatValue(fields)}`));
  });
  return parts.length === 0 ? "any frame" : parts.join(", ");
}

/** A value of a field, or what is asked of it, as a person reads it. */
export function formatValue(value: unknown): string {
  if (typeof value === "function")
    return value.name === "" ? "a value for which the function holds" : `${value.name}()`;
  if (value instanceof Uint8Array) return value.length === 0 ? "no bytes" : Buffer.from(value).toString("hex");
  if (value instanceof RegExp) return value.toString();
  if (Array.isArray(value)) return `[${value.map(formatValue).join(", ")}]`;
  if (typeof value === "bigint") return value.toString();
  if (typeof value === "object" && value !== null) {
    return `{${Object.entries(value)
      .map(([key, each]) => `${key}: ${formatValue(each)}`)
      .join(", ")}}`;
  }
  if (value === undefined) return "none";
  return typeof value === "string" ? value : JSON.stringify(value);
}

function isEmpty(value: unknown): boolean {
  return typeof value === "object" && value !== null && Object.keys(value).length === 0;
}
