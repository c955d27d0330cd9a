/**
 * The units that people write, as patterns for the schema and as functions for the plan. Every function takes text
 * that its pattern has accepted, or a number already in the resolved unit.
 */

/** `256 MiB`, `1 GiB`, `64 kB`. */
export const sizePattern = /^\d+(\.\d+)? ?(B|KiB|MiB|GiB|TiB|kB|MB|GB|TB)$/;
/** `10 ms`, `250us`, `1.5 s`, `2 min`. */
export const durationPattern = /^\d+(\.\d+)? ?(ns|us|µs|ms|s|min|h)$/;
/** `1%`, `0.05 %`. */
export const percentPattern = /^(100(\.0+)?|\d{1,2}(\.\d+)?) ?%$/;
/** `10 mbit`, `1 Gbit/s`, `9600 bit/s`. */
export const ratePattern = /^\d+(\.\d+)? ?([kKmMgG]?bit)(\/s)?$/;

const bytesPerUnit: Readonly<Record<string, number>> = {
  B: 1,
  kB: 1e3,
  MB: 1e6,
  GB: 1e9,
  TB: 1e12,
  KiB: 2 ** 10,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
  TiB: 2 ** 40,
};
const microsecondsPerUnit: Readonly<Record<string, number>> = {
  ns: 1e-3,
  us: 1,
  µs: 1,
  ms: 1e3,
  s: 1e6,
  min: 60e6,
  h: 3600e6,
};
const bitsPerUnit: Readonly<Record<string, number>> = { bit: 1, kbit: 1e3, mbit: 1e6, gbit: 1e9 };

/** Bytes, rounded to a whole number. */
export function parseBytes(size: string): number {
  return Math.round(scaled(size, bytesPerUnit));
}

/** MiB, rounded up so that what was asked for fits. */
export function parseMebibytes(size: string): number {
  return Math.ceil(scaled(size, bytesPerUnit) / 2 ** 20);
}

/** Microseconds, rounded to a whole number. */
export function parseMicroseconds(duration: string): number {
  return Math.round(scaled(duration, microsecondsPerUnit));
}

/** Milliseconds, rounded up to a whole number. */
export function parseMilliseconds(duration: string): number {
  return Math.ceil(scaled(duration, microsecondsPerUnit) / 1e3);
}

/** A probability in [0, 1]. */
export function parseProbability(probability: string | number): number {
  return typeof probability === "number" ? probability : Number.parseFloat(probability) / 100;
}

/** Bits per second, rounded to a whole number. */
export function parseBitsPerSecond(rate: string): number {
  return Math.round(scaled(rate.toLowerCase().replace("/s", ""), bitsPerUnit));
}

/** `1.5 GiB`, `256 MiB`: MiB as people write them. */
export function formatMebibytes(mebibytes: number): string {
  return mebibytes >= 1024 && mebibytes % 256 === 0 ? `${mebibytes / 1024} GiB` : `${mebibytes} MiB`;
}

/** `10 ms`, `250 us`, `1.5 s`. */
export function formatMicroseconds(microseconds: number): string {
  if (microseconds >= 1e6) return `${microseconds / 1e6} s`;
  return microseconds >= 1e3 ? `${microseconds / 1e3} ms` : `${microseconds} us`;
}

/** `10 mbit/s`, `1 gbit/s`. */
export function formatBitsPerSecond(bits: number): string {
  const [unit = "bit", size = 1] = Object.entries(bitsPerUnit).findLast(([, size]) => bits >= size) ?? [];
  return `${bits / size} ${unit}/s`;
}

function scaled(text: string, units: Readonly<Record<string, number>>): number {
  const value = Number.parseFloat(text);
  const unit = text.replace(/^[\d. ]+/, "");
  const factor = units[unit];
  if (factor === undefined) throw new RangeError(`unknown unit ${JSON.stringify(unit)} in ${JSON.stringify(text)}`);
  return value * factor;
}
