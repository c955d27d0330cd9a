/** How times are written in a report. */

/** `850 ms`, `1.84 s`, `2 min 5 s`. */
export function duration(milliseconds: number): string {
  if (milliseconds < 1000) return `${Math.round(milliseconds)} ms`;
  if (milliseconds < 60_000) return `${(milliseconds / 1000).toFixed(2)} s`;
  const seconds = Math.round(milliseconds / 1000);
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

/** `+1.234 s` since an origin, both in milliseconds. */
export function since(origin: number, at: number): string {
  const elapsed = at - origin;
  return `${elapsed < 0 ? "−" : "+"}${(Math.abs(elapsed) / 1000).toFixed(4)}`;
}

/** `2026-11-27 19:04:04 UTC`. */
export function moment(at: number): string {
  return `${new Date(at).toISOString().slice(0, 19).replace("T", " ")} UTC`;
}
