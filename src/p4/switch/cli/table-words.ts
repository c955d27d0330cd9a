import type { Table } from "../format/program.ts";
import { hasPriorities } from "../state/key.ts";
import { matchToWire } from "../thrift/entries.ts";
import { find } from "./catalogue.ts";
import { CliError } from "./cli-error.ts";
import type { CliContext, Reply } from "./command.ts";
import { keyPartOf } from "./values.ts";
import { decimal, type Words } from "./words.ts";

/** The table that the next word names. */
export function tableOf(words: Words, { catalogue }: CliContext): Table {
  return find(catalogue, "tables", words.take("a table"));
}

/** A key in the form it goes over the wire. */
export function keyOf(table: Table, texts: readonly string[]): ReturnType<typeof matchToWire>[] {
  if (texts.length !== table.keys.length) {
    throw new CliError(
      `table ${table.name} needs ${table.keys.length} key fields, found ${texts.length}`,
      "Invalid match key",
    );
  }
  return table.keys.map((key, at) => matchToWire(keyPartOf(key, texts[at] ?? ""), key));
}

/** Words of a key up to `=>`, and those behind it. */
export function splitAtArrow(words: Words): readonly [key: readonly string[], rest: readonly string[]] {
  const all = words.rest();
  const at = all.indexOf("=>");
  if (at < 0) throw new CliError("expected => between the key and what is behind it");
  return [all.slice(0, at), all.slice(at + 1)];
}

/** The priority is the last word where the table has priorities, and must not be there otherwise. */
export function splitPriority(table: Table, words: readonly string[]): readonly [readonly string[], number] {
  if (!hasPriorities(table)) return [words, 0];
  const last = words.at(-1);
  if (last === undefined) throw new CliError("Table is ternary or range, but no priority was given");
  return [words.slice(0, -1), decimal(last, "a priority")];
}

/** What is said of a new entry. */
export function added(handle: number): Reply {
  return { text: `Entry has been added with handle ${handle >>> 0}`, value: { handle: handle >>> 0 } };
}

/** Throws where the table has no profile, or its profile no selector. */
export function requireIndirect(table: Table, withSelector: boolean): void {
  if (table.profile === undefined)
    throw new CliError(`Cannot run this command on a table without action profile: ${table.name}`);
  if (withSelector && table.profile.selector === undefined) {
    throw new CliError(`Cannot run this command on a table whose action profile has no selector: ${table.name}`);
  }
}
