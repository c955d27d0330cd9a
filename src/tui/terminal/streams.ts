import type { Readable, Writable } from "node:stream";

/** The terminal that the user interface is on. */
export interface TerminalStreams {
  readonly stdin: Readable & { readonly isTTY?: boolean; setRawMode?(raw: boolean): unknown };
  readonly stdout: Writable & {
    readonly isTTY?: boolean;
    readonly columns?: number;
    readonly rows?: number;
    readonly fd?: number;
  };
  readonly stderr: Writable;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** Size of the terminal in characters; the classic one where it is not known. */
export function sizeOf({ columns, rows }: TerminalStreams["stdout"]): {
  readonly columns: number;
  readonly rows: number;
} {
  return {
    columns: columns === undefined || columns === 0 ? 80 : columns,
    rows: rows === undefined || rows === 0 ? 24 : rows,
  };
}

/** What the terminal can show, as its environment says (https://no-color.org; locale(7)). */
export function paletteOf(environment: TerminalStreams["environment"]): {
  readonly color: boolean;
  readonly unicode: boolean;
} {
  const isSet = (name: string): boolean => (environment[name] ?? "") !== "";
  const locale = [environment["LC_ALL"], environment["LC_CTYPE"], environment["LANG"]].find(
    (value) => value !== undefined && value !== "",
  );
  const term = environment["TERM"] ?? "";
  return {
    color: !isSet("NO_COLOR") && !/-m$|^vt\d/.test(term),
    // Where no locale is set at all, as in containers, terminals are UTF-8 nowadays; the Linux console's font has no signs.
    unicode: term !== "linux" && (locale === undefined || /utf-?8/i.test(locale)),
  };
}
