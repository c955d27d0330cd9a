import { textTable } from "../text/columns.ts";
import type { Colors } from "./terminal.ts";

/** Rows under dimmed headings; see {@link textTable}. */
export function table(rows: readonly (readonly string[])[], head: readonly string[], colors: Colors): string {
  return textTable(
    head.map((name) => colors.dim(name)),
    rows,
  );
}
