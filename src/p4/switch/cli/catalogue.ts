import type {
  Action,
  ActionProfile,
  Calculation,
  CounterArray,
  MeterArray,
  Program,
  RegisterArray,
  Table,
  TableKey,
  ValueSet,
} from "../format/program.ts";
import { CliError } from "./cli-error.ts";

/** What commands can name, by kind. */
export interface Catalogue {
  readonly tables: readonly Table[];
  readonly actions: readonly Action[];
  readonly profiles: readonly ActionProfile[];
  readonly counters: readonly CounterArray[];
  readonly meters: readonly MeterArray[];
  readonly registers: readonly RegisterArray[];
  readonly valueSets: readonly ValueSet[];
  readonly calculations: readonly Calculation[];
}

export type CatalogueKind = keyof Catalogue;

/** The catalogue of a switch without a program. */
export const emptyCatalogue: Catalogue = {
  tables: [],
  actions: [],
  profiles: [],
  counters: [],
  meters: [],
  registers: [],
  valueSets: [],
  calculations: [],
};

/** What a program has that commands can name. */
export function catalogueOf(program: Program): Catalogue {
  // Selectors bring calculations of their own that nobody can name.
  return { ...program, calculations: program.calculations.filter(({ id }) => id >= 0) };
}

const words: Readonly<Record<CatalogueKind, string>> = {
  tables: "table",
  actions: "action",
  profiles: "action profile",
  counters: "counter",
  meters: "meter",
  registers: "register",
  valueSets: "parse_vset",
  calculations: "calculation",
};

/** What a name means: the whole name, or the end of it behind a dot where only one ends so. */
export function find<K extends CatalogueKind>(catalogue: Catalogue, kind: K, name: string): Catalogue[K][number] {
  return findIn<Catalogue[K][number]>(catalogue[kind], words[kind], name);
}

/** One of the actions of a table or profile, by the same rule. */
export function findAction(actions: readonly Action[], name: string): Action {
  return findIn(actions, "action", name);
}

function findIn<T extends { readonly name: string }>(things: readonly T[], word: string, name: string): T {
  const whole = things.find((thing) => thing.name === name);
  if (whole !== undefined) return whole;
  const found = things.filter((thing) => thing.name.endsWith(`.${name}`));
  const [first] = found;
  const names = new Set(found.map((thing) => thing.name));
  if (first === undefined) throw new CliError(`Invalid ${word} name (${name})`);
  if (names.size > 1) throw new CliError(`Ambiguous ${word} name (${name}): ${[...names].join(", ")}`);
  return first;
}

/** Names by which things can be called: the shortest end that only one has. */
export function shortNames(things: readonly { readonly name: string }[]): readonly string[] {
  const names = [...new Set(things.map(({ name }) => name))];
  return names.map((name) => {
    const parts = name.split(".");
    for (let from = parts.length - 1; from > 0; from -= 1) {
      const end = parts.slice(from).join(".");
      const others = names.filter((other) => other === end || other.endsWith(`.${end}`));
      if (others.length === 1) return end;
    }
    return name;
  });
}

/** What a key is called in what is printed: `header.field` or `header_valid`. */
export function keyName({ target }: TableKey): string {
  return "validityOf" in target ? `${target.validityOf.name}_valid` : `${target.header.name}.${target.type.name}`;
}
