import type { ActionParameter, Program, Table } from "../switch/format/program.ts";
import { hasPriorities, type KeyPart } from "../switch/state/key.ts";
import { commands } from "./commands.ts";
import type { Line } from "./line.ts";
import { named } from "./names.ts";
import type { ActionText, NamedValue, Statement, Word } from "./statement.ts";
import type { Step } from "./step.ts";
import { BadValue, keyPart, leftOut, number } from "./value.ts";

/** Handles of the entries that a test has given names, by name. */
export type Labels = Map<string, { readonly table: string; readonly handle: number }>;

/** Statements that change the switch. */
export type Configuring = Extract<Statement, { kind: "add" | "setDefault" | "remove" | "command" }>;

/** A higher priority wins in a test, a lower one in the switch. */
const highestPriority = 10_000;

/** What a statement does, with everything that it names found in the program. `labels` are filled as it is done. */
export function bound(statement: Configuring, program: Program, labels: Labels, line: Line): Step {
  switch (statement.kind) {
    case "command": {
      const step = commands[statement.name.text]?.(line, program);
      line.end();
      if (step === undefined) throw new Error(`no command ${statement.name.text}`);
      return step;
    }
    case "remove": {
      const { text, span } = statement.label;
      return ({ control }) => {
        const entry = labels.get(text) ?? line.fail(span, `no entry was called "${text}" so far`);
        control.table(entry.table).delete(entry.handle);
        labels.delete(text);
      };
    }
    case "setDefault": {
      const table = named(program.tables, statement.table, "table", line);
      const { action, data } = actionCall(table, statement.action, line);
      return ({ control }) => {
        control.table(table.name).setDefault(action, data);
      };
    }
    case "add": {
      const table = named(program.tables, statement.table, "table", line);
      const key = entryKey(table, statement.keys, line);
      const { action, data } = actionCall(table, statement.action, line);
      const priority = hasPriorities(table) ? highestPriority - (statement.priority ?? 0) : -1;
      const { label } = statement;
      return ({ control }) => {
        const handle = control.table(table.name).add(key, action, data, priority, control.now);
        if (label !== undefined) labels.set(label.text, { table: table.name, handle });
      };
    }
  }
}

function entryKey(table: Table, values: readonly NamedValue[], line: Line): readonly KeyPart[] {
  const given = new Map(
    values.map(({ name, value }) => [named(table.keys, name, `key of ${table.name}`, line), value]),
  );
  return table.keys.map((key) => {
    const word = given.get(key);
    return word === undefined ? leftOut(key) : line.value(word, (text) => keyPart(key, text));
  });
}

function actionCall(
  table: Table,
  { name, values }: ActionText,
  line: Line,
): { readonly action: string; readonly data: readonly bigint[] } {
  const action = named(table.actions, name, `action of ${table.name}`, line);
  const given = new Map<ActionParameter, Word>();
  for (const { name: parameter, value } of values) {
    given.set(named(action.parameters, parameter, `parameter of ${action.name}`, line), value);
  }
  const data = action.parameters.map((parameter) => {
    const word = given.get(parameter);
    if (word === undefined) return line.fail(name.span, `${action.name} needs a value for ${parameter.name}`);
    return line.value(word, (text) => fitting(text, parameter.width));
  });
  return { action: action.name, data };
}

function fitting(text: string, width: number): bigint {
  const value = number(text);
  if (BigInt.asUintN(width, value) !== value) throw new BadValue(`a number of at most ${width} bits`);
  return value;
}
