import { nameHint } from "../diagnostics/name-hint.ts";
import type {
  ActionDeclaration,
  ActionReference,
  Argument,
  Expression,
  TableDeclaration,
  TableEntry,
  TableKey,
  TableProperty,
} from "../syntax/ast.ts";
import { bindArguments, checkArguments } from "./arguments.ts";
import type { Context } from "./context.ts";
import { checkExpected, checkExpression } from "./expression.ts";
import { checkKeyset } from "./keyset.ts";
import { boolType, formatType, type Type } from "./types.ts";
import { Unifier } from "./unify.ts";

/** A table: keys, actions, entries and the other properties. */
export function checkTable(context: Context, table: TableDeclaration): void {
  const keys = table.keys.map((key) => checkKey(context, key));
  if (table.actions.length === 0) {
    context.error(table.name.span, `the table ${table.name.text} has no actions`, "add actions = { NoAction; }");
  }
  const seen = new Map<ActionDeclaration, ActionReference>();
  for (const reference of table.actions) {
    const action = checkActionReference(context, reference);
    if (action === undefined) continue;
    if (seen.has(action)) context.error(reference.span, `the action ${action.name.text} is listed twice`);
    seen.set(action, reference);
  }
  checkProperties(context, table);
  const selectable = table.keys.filter(({ matchKind }) => matchKind.text !== "selector");
  for (const entry of table.entries?.entries ?? []) {
    if (selectable.length === 0) context.error(entry.span, "a table without keys has no entries");
    const types = keys.filter((_, index) => table.keys[index]?.matchKind.text !== "selector");
    checkEntry(context, table, entry, types);
  }
  context.declare(table, { kind: "table", declaration: table });
}

function checkKey(context: Context, { expression, matchKind }: TableKey): Type {
  const type = checkExpression(context, expression);
  const { matchKinds } = context.semantics;
  if (!matchKinds.includes(matchKind.text))
    context.unknownName(matchKind.span, "match kind", matchKind.text, matchKinds);
  if (!["bits", "bool", "enum", "error", "new", "unknown"].includes(type.kind)) {
    context.error(
      expression.span,
      `a key is a number, a bool or a member of an enumeration, found ${formatType(type)}`,
    );
  }
  return type;
}

function checkActionReference(context: Context, reference: ActionReference): ActionDeclaration | undefined {
  const action = findAction(context, reference.name);
  if (action === undefined) return undefined;
  context.semantics.actions.set(reference, action);
  const directed = action.parameters.filter(({ direction }) => direction !== "none");
  checkBound(context, action, directed, reference.arguments, reference.span);
  return action;
}

function findAction(context: Context, path: ActionReference["name"]): ActionDeclaration | undefined {
  const scope = path.global ? context.scope.root : context.scope;
  const [declaration] = scope.find(path.name);
  if (declaration?.kind === "action") {
    context.semantics.used.add(declaration);
    context.semantics.references.set(path, declaration);
    return declaration;
  }
  if (declaration !== undefined) {
    context.error(path.span, `${path.name} is a ${declaration.kind} and no action`);
    return undefined;
  }
  const actions = [...scope.names()].filter((name) => scope.find(name)[0]?.kind === "action");
  context.unknownName(path.span, "action", path.name, actions);
  return undefined;
}

function checkBound(
  context: Context,
  action: ActionDeclaration,
  parameters: ActionDeclaration["parameters"],
  given: readonly Argument[],
  span: Expression["span"],
): void {
  const bound = bindArguments(context, parameters, given, span, action.name.text);
  checkArguments(context, new Unifier(context.semantics, []), bound, parameters);
}

/**
 * An action with the arguments of the control plane, as default_action and entries have it. Arguments for parameters with a
 * direction, which belong to the list of actions, may be repeated.
 */
function checkActionCall(
  context: Context,
  table: TableDeclaration,
  path: ActionReference["name"],
  given: readonly Argument[],
  span: Expression["span"],
): void {
  const listed = table.actions.find(({ name }) => name.name === path.name);
  const action = listed === undefined ? undefined : context.semantics.actions.get(listed);
  if (listed === undefined) {
    const names = table.actions.map(({ name }) => name.name);
    context.error(
      path.span,
      `${path.name} is not among the actions of the table ${table.name.text}`,
      nameHint(path.name, names),
    );
    return;
  }
  if (action === undefined) return;
  context.semantics.references.set(path, action);
  const own = action.parameters.filter(({ direction }) => direction === "none");
  const repeats = given.length === action.parameters.length && given.length !== own.length;
  checkBound(context, action, repeats ? action.parameters : own, given, span);
  for (const { value } of given.slice(repeats ? given.length - own.length : 0))
    context.constant(value, "an argument of an action");
}

function checkEntry(context: Context, table: TableDeclaration, entry: TableEntry, keys: readonly Type[]): void {
  checkKeyset(context, entry.keyset, keys);
  checkActionCall(context, table, entry.action.name, entry.action.arguments, entry.action.span);
  if (entry.priority !== undefined) {
    checkExpression(context, entry.priority);
    context.constant(entry.priority, "a priority");
  }
  for (const annotation of entry.annotations) {
    for (const argument of annotation.arguments) checkExpression(context, argument);
  }
}

const knownProperties: ReadonlySet<string> = new Set([
  "size",
  "default_action",
  "implementation",
  "counters",
  "meters",
  "support_timeout",
  "largest_priority_first",
  "priority_delta",
]);

function checkProperties(context: Context, table: TableDeclaration): void {
  const seen = new Set<string>();
  for (const property of table.properties) {
    const { text, span } = property.name;
    if (seen.has(text)) context.error(span, `${text} is given twice`);
    seen.add(text);
    if (!knownProperties.has(text)) {
      const hint = nameHint(text, [...knownProperties, "key", "actions", "entries"]);
      context.diagnostics.warn(span, `the property ${text} has no meaning for this target`, hint);
    }
    checkProperty(context, table, property);
  }
}

function checkProperty(context: Context, table: TableDeclaration, { name, value }: TableProperty): void {
  switch (name.text) {
    case "default_action":
      if (value.kind === "path") checkActionCall(context, table, value, [], value.span);
      else if (value.kind === "call" && value.callee.kind === "path") {
        checkActionCall(context, table, value.callee, value.arguments, value.span);
      } else context.error(value.span, "the default action is an action, with arguments where it takes some");
      return;
    case "size":
    case "priority_delta": {
      checkExpression(context, value);
      const size = context.constant(value, name.text);
      if (size !== undefined && (typeof size !== "bigint" || size < 0n))
        context.error(value.span, `${name.text} is a number`);
      return;
    }
    case "support_timeout":
    case "largest_priority_first":
      checkExpected(context, value, boolType, name.text);
      context.constant(value, name.text);
      return;
    case "implementation":
      requireExtern(context, value, ["action_profile", "action_selector"]);
      return;
    case "counters":
      requireExtern(context, value, ["direct_counter"]);
      return;
    case "meters":
      requireExtern(context, value, ["direct_meter"]);
      return;
    default:
      checkExpression(context, value);
  }
}

function requireExtern(context: Context, value: Expression, names: readonly string[]): void {
  const type = checkExpression(context, value);
  if (type.kind === "unknown") return;
  if (type.kind === "extern" && names.includes(type.declaration.name.text)) return;
  context.error(value.span, `expected an instance of ${names.join(" or ")}, found ${formatType(type)}`);
}
