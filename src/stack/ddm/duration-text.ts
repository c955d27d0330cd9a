/** A time span for people, its three greatest units: "1m 30s 250ms", "3h 12m 5s". */
export function durationText({ secs, nanos }: { readonly secs: number; readonly nanos: number }): string {
  const parts = [
    [Math.floor(secs / 86_400), "d"],
    [Math.floor(secs / 3600) % 24, "h"],
    [Math.floor(secs / 60) % 60, "m"],
    [secs % 60, "s"],
    [Math.floor(nanos / 1e6), "ms"],
  ] as const;
  const first = parts.findIndex(([count]) => count > 0);
  if (first === -1) return "0ms";
  return parts
    .slice(first, first + 3)
    .filter(([count]) => count > 0)
    .map(([count, unit]) => `${count}${unit}`)
    .join(" ");
}
