import type { Expression, TableDeclaration, TableEntry } from "../syntax/ast.ts";
import { lowerValue } from "./expression.ts";
import { elementsOf, evaluateKeyset, keyMatch, type KeySet } from "./keyset.ts";
import { type Frame, typeOf } from "./lowering.ts";
import type { KeyMatch, LoweredEntry, LoweredKey } from "./operation.ts";
import { actionUse, type TableAction } from "./table.ts";
import { knownValue } from "./value.ts";

/** The entries that a program gives a table. */
export function lowerEntries(
  frame: Frame,
  table: TableDeclaration,
  keys: readonly LoweredKey[],
  kinds: readonly string[],
  actions: readonly TableAction[],
): readonly LoweredEntry[] {
  const { entries = [] } = table.entries ?? {};
  const expressions = table.keys
    .filter(({ matchKind }) => matchKind.text !== "selector")
    .map(({ expression }) => expression);
  const priorities = prioritiesOf(frame, table, entries);
  return entries.flatMap((entry, index) => {
    const matches = lowerKeyset(frame, entry.keyset, keys, kinds, expressions);
    const given = entry.action.arguments.map(({ value }) => value);
    const use = actionUse(frame, actions, entry.action.name, given);
    if (matches === undefined || use === undefined) return [];
    return [{ keys: matches, use, priority: priorities[index] ?? index + 1, span: entry.span }];
  });
}

function lowerKeyset(
  frame: Frame,
  keyset: Expression,
  keys: readonly LoweredKey[],
  kinds: readonly string[],
  expressions: readonly Expression[],
): readonly KeyMatch[] | undefined {
  const elements = elementsOf(keyset, keys.length);
  const matches: KeyMatch[] = [];
  for (const [index, key] of keys.entries()) {
    const element = elements?.[index] ?? keyset;
    const expression = expressions[index];
    if (expression === undefined) return undefined;
    const set: KeySet =
      elements === undefined ? { kind: "any" } : evaluateKeyset(frame, element, typeOf(frame, expression));
    const kind = kinds[index] ?? "exact";
    const match = keyMatch(set, kind, key.width);
    if (match === undefined) {
      const hint =
        kind === "lpm" && set.kind === "mask" ? "the mask of an lpm key is ones followed by zeros" : undefined;
      frame.lowering.error(element.span, `an ${kind} key cannot be matched with ${describeSet(set)}`, hint);
      return undefined;
    }
    matches.push(match);
  }
  return matches;
}

function describeSet({ kind }: KeySet): string {
  if (kind === "any") return "anything";
  return kind === "value" ? "a value" : `a ${kind}`;
}

/**
 * The priorities of BMv2, where the smallest number wins: those of `@priority`; else the entries in their order, put into
 * the order of their `priority =` where they have some.
 */
function prioritiesOf(frame: Frame, table: TableDeclaration, entries: readonly TableEntry[]): readonly number[] {
  const known = (expression: Expression | undefined): number | undefined => {
    const value = expression === undefined ? undefined : knownValue(lowerValue(frame, expression));
    return value === undefined ? undefined : Number(value);
  };
  const annotated = entries.map(({ annotations }) =>
    known(annotations.find(({ name }) => name === "priority")?.arguments[0]),
  );
  if (annotated.some((priority) => priority !== undefined))
    return annotated.map((priority, index) => priority ?? index + 1);
  if (entries.every(({ priority }) => priority === undefined)) return entries.map((_, index) => index + 1);
  const property = (name: string): Expression | undefined =>
    table.properties.find((each) => each.name.text === name)?.value;
  const largestFirst = known(property("largest_priority_first")) !== 0;
  const step = known(property("priority_delta")) ?? 1;
  let previous = largestFirst ? (entries.length - 1) * step + 1 + step : 1 - step;
  const own = entries.map(({ priority }) => {
    previous = known(priority) ?? previous + (largestFirst ? -step : step);
    return previous;
  });
  const order = own.map((priority, index) => ({ priority, index }));
  order.sort((a, b) => (largestFirst ? b.priority - a.priority : a.priority - b.priority) || a.index - b.index);
  const ranks = new Map(order.map(({ index }, rank) => [index, rank + 1]));
  return entries.map((_, index) => ranks.get(index) ?? index + 1);
}
