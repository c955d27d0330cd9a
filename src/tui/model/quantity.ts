/** What is shown for something that is not known: never a zero. */
export const unknown = "–";

/** A number in four or five characters: `0`, `12`, `1.2k`, `340k`, `5.1M`. */
export function shortNumber(value: number | undefined): string {
  if (value === undefined || !Number.isFinite(value)) return unknown;
  for (const [unit, size] of [
    ["G", 1e9],
    ["M", 1e6],
    ["k", 1e3],
  ] as const) {
    if (value >= size * 0.9995) {
      const scaled = value / size;
      return `${scaled >= 99.95 ? String(Math.round(scaled)) : String(Number(scaled.toFixed(1)))}${unit}`;
    }
  }
  if (value > 0 && value < 0.95) return value < 0.05 ? "<0.1" : value.toFixed(1);
  return String(Math.round(value));
}

/** Bits per second. */
export function bitsText(value: number | undefined): string {
  return value === undefined ? unknown : `${shortNumber(value)}bit/s`;
}

/** Bytes in binary units. */
export function bytesText(value: number | undefined): string {
  if (value === undefined) return unknown;
  for (const [unit, size] of [
    ["GiB", 1024 ** 3],
    ["MiB", 1024 ** 2],
    ["KiB", 1024],
  ] as const) {
    if (value >= size) return `${Number((value / size).toFixed(1))} ${unit}`;
  }
  return `${Math.round(value)} B`;
}

/** A share as per cent. */
export function shareText(value: number | undefined): string {
  if (value === undefined) return unknown;
  const percent = value * 100;
  return `${percent === 0 || percent >= 10 ? String(Math.round(percent)) : percent < 0.1 ? "<0.1" : percent.toFixed(1)}%`;
}

/** A duration as people say it: `0.3 s`, `12 s`, `3 min 5 s`, `2 h 4 min`. */
export function durationText(milliseconds: number | undefined): string {
  if (milliseconds === undefined) return unknown;
  const seconds = Math.max(0, milliseconds) / 1000;
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  if (seconds < 60) return `${Math.round(seconds)} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${Math.floor(seconds % 60)} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** `1 node`, `3 nodes`. */
export function countText(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

const bars = "▁▂▃▄▅▆▇█";

/** The last values as a graph of one line, each by its share of the greatest. Without values, nothing. */
export function sparkline(values: readonly number[], width: number): string {
  const shown = values.slice(-width);
  const greatest = Math.max(...shown, 1);
  return shown
    .map((value) => (value === 0 ? " " : (bars[Math.min(7, Math.floor((value / greatest) * 8))] ?? "█")))
    .join("");
}
