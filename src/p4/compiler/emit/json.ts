import { fragmentOf, type Span } from "../diagnostics/source-file.ts";

/** Anything that JSON can hold. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** Where in the source something comes from, as BMv2's logs and assertions quote it. */
export function sourceInfo(span: Span): Json {
  const { line, column } = span.file.position(span.start);
  return { filename: span.file.name, line, column, source_fragment: fragmentOf(span) };
}

/** A number as BMv2 reads it: "0x0800", "-0x01". At least `digits` hexadecimal digits. */
export function hex(value: bigint, digits = 2): string {
  const text = (value < 0n ? -value : value).toString(16);
  return `${value < 0n ? "-" : ""}0x${text.padStart(digits, "0")}`;
}
