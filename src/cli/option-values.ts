import { KestrelError } from "../error/kestrel-error.ts";

/** A value of the command line that is not what it should be. */
export function wrongValue(subject: string, expected: string, found: string, hint?: string): KestrelError {
  return new KestrelError({
    kind: "input",
    step: "read the command line",
    subject,
    expected,
    found: JSON.stringify(found),
    hint,
  });
}

/** A whole number from `least` to `most`. Throws KestrelError (input). */
export function wholeNumber(text: string, subject: string, least: number, most = Number.MAX_SAFE_INTEGER): number {
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (value >= least && value <= most) return value;
  const range = most === Number.MAX_SAFE_INTEGER ? `of at least ${least}` : `from ${least} to ${most}`;
  throw wrongValue(subject, `a whole number ${range}`, text);
}

/** A TCP port. Throws KestrelError (input). */
export function portNumber(text: string, subject: string): number {
  return wholeNumber(text, subject, 1, 65_535);
}

/** A number of seconds, fractions allowed, as milliseconds. Throws KestrelError (input). */
export function secondsAsMilliseconds(text: string, subject: string): number {
  if (!/^\d+(\.\d+)?$/.test(text)) throw wrongValue(subject, "a number of seconds, such as 2 or 0.5", text);
  return Math.round(Number(text) * 1000);
}

/** `KEY=VALUE` pairs as a record; a later one wins. Throws KestrelError (input). */
export function keyValues(pairs: readonly string[], subject: string): Record<string, string> {
  return Object.fromEntries(
    pairs.map((pair) => {
      const at = pair.indexOf("=");
      if (at < 1) throw wrongValue(subject, "KEY=VALUE", pair);
      return [pair.slice(0, at), pair.slice(at + 1)];
    }),
  );
}
