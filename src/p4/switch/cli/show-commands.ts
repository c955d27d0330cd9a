import type { Action, Table } from "../format/program.ts";
import { find, keyName } from "./catalogue.ts";
import type { Commands } from "./command.ts";

const implementation: Readonly<Record<Table["kind"], string>> = {
  simple: "None",
  indirect: "indirect",
  indirect_ws: "indirect with selector",
};

function tableText({ name, kind, profile, match, keys }: Table): string {
  const behind = profile === undefined ? implementation[kind] : `${profile.name} (${implementation[kind]})`;
  const parts = keys.map((key) => `${keyName(key)}(${key.kind}, ${key.width})`);
  return `${name.padEnd(30)} [implementation=${behind}, mk=${parts.join(",\t")}, match=${match}]`;
}

function tableJson({ name, kind, profile, match, keys, actions, maxSize }: Table): object {
  return {
    name,
    match,
    kind,
    profile: profile?.name ?? null,
    size: maxSize,
    key: keys.map((key) => ({ name: key.name, field: keyName(key), match: key.kind, width: key.width })),
    actions: actions.map((action) => action.name),
  };
}

function actionText({ name, parameters }: Action): string {
  return `${name.padEnd(30)} [${parameters.map((parameter) => `${parameter.name}(${parameter.width})`).join(",\t")}]`;
}

const actionJson = ({ name, parameters }: Action): object => ({ name, parameters });

const byName = (a: { readonly name: string }, b: { readonly name: string }): number => (a.name < b.name ? -1 : 1);

/** Actions of one name are one to people. */
function distinct(actions: readonly Action[]): readonly Action[] {
  return [...new Map(actions.map((action) => [action.name, action])).values()].toSorted(byName);
}

/** What the program has; nothing is asked of the switch. */
export const showCommands: Commands = {
  show_tables: {
    usage: "",
    summary: "all tables",
    run(words, { catalogue }) {
      words.end();
      const tables = catalogue.tables.toSorted(byName);
      return { text: tables.map(tableText).join("\n"), value: tables.map(tableJson) };
    },
  },
  show_actions: {
    usage: "",
    summary: "all actions",
    run(words, { catalogue }) {
      words.end();
      const actions = distinct(catalogue.actions);
      return { text: actions.map(actionText).join("\n"), value: actions.map(actionJson) };
    },
  },
  show_pvs: {
    usage: "",
    summary: "all parser value sets",
    run(words, { catalogue }) {
      words.end();
      const sets = catalogue.valueSets.toSorted(byName);
      return {
        text: sets.map(({ name, width }) => `${name.padEnd(30)} [width=${width}]`).join("\n"),
        value: sets.map(({ name, width }) => ({ name, width })),
      };
    },
  },
  table_info: {
    usage: "TABLE",
    summary: "one table and its actions",
    completes: ["tables"],
    run(words, { catalogue }) {
      const table = find(catalogue, "tables", words.take("a table"));
      words.end();
      const actions = distinct(table.actions).map((action) => `  ${actionText(action)}`);
      return { text: [tableText(table), "*".repeat(80), ...actions].join("\n"), value: tableJson(table) };
    },
  },
  table_show_actions: {
    usage: "TABLE",
    summary: "the actions of a table",
    completes: ["tables"],
    run(words, { catalogue }) {
      const table = find(catalogue, "tables", words.take("a table"));
      words.end();
      const actions = distinct(table.actions);
      return { text: actions.map(actionText).join("\n"), value: actions.map(actionJson) };
    },
  },
};
