import { P4Error } from "../../p4-error.ts";

/** A value of the switch's command line that is not what it should be. */
export function wrongOption(subject: string, expected: string, found: string): P4Error {
  return new P4Error({
    kind: "input",
    step: "read the command line of the switch",
    subject,
    expected,
    found: JSON.stringify(found),
  });
}

/** A whole number from `least` to `most`. Throws P4Error (input). */
export function wholeOption(text: string, subject: string, least: number, most = Number.MAX_SAFE_INTEGER): number {
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (value >= least && value <= most) return value;
  const range = most === Number.MAX_SAFE_INTEGER ? `of at least ${least}` : `from ${least} to ${most}`;
  throw wrongOption(subject, `a whole number ${range}`, text);
}

/** A number of seconds, fractions allowed, as milliseconds. Throws P4Error (input). */
export function secondsOption(text: string, subject: string): number {
  if (!/^\d+(\.\d+)?$/.test(text)) throw wrongOption(subject, "a number of seconds, such as 2 or 0.5", text);
  return Math.round(Number(text) * 1000);
}
