import { substitute } from "../check/types.ts";
import type {
  ActionDeclaration,
  ActionReference,
  Expression,
  TableDeclaration,
  TableKey,
  TableProperty,
} from "../syntax/ast.ts";
import { annotationText } from "../syntax/parse-annotation.ts";
import { scalar } from "./data.ts";
import { Environment, type TableInstance } from "./environment.ts";
import { constructedValue } from "./block.ts";
import { lowerEntries } from "./table-entry.ts";
import { isData, lowerValue } from "./expression.ts";
import type { Frame } from "./lowering.ts";
import { controlPlaneName } from "./names.ts";
import type { ActionUse, Label, LoweredAction, LoweredKey, LoweredTable } from "./operation.ts";
import { bindParameters } from "./parameters.ts";
import { lowerStatements } from "./statement.ts";
import { constant, knownValue, shapeOf, type Value, widthOf } from "./value.ts";

/** Entries of a table that says nothing about its size. */
const usualSize = 1024;

/** An action of a table, as declared and as worked out. */
export interface TableAction {
  readonly declaration: ActionDeclaration;
  readonly lowered: LoweredAction;
}

/** Work out everything about a table. What computes its keys is emitted. */
export function lowerTable(caller: Frame, instance: TableInstance): LoweredTable {
  const { declaration } = instance;
  const frame: Frame = { ...caller, environment: instance.environment };
  const property = (name: string): TableProperty | undefined =>
    declaration.properties.find((each) => each.name.text === name);
  const keys = lowerKeys(frame, declaration);
  const actions = declaration.actions.flatMap((reference) => lowerAction(frame, reference));
  const profile = lowerProfile(frame, instance, property("implementation"), keys.selectors);
  const defaultAction = profile === undefined ? lowerDefault(frame, declaration, actions) : undefined;
  const constantEntries = declaration.entries?.constant === true;
  const size = property("size");
  const declaredSize = size === undefined ? usualSize : Number(knownValue(lowerValue(frame, size.value)) ?? 0n);
  const entries = lowerEntries(frame, declaration, keys.keys, keys.kinds, actions);
  return {
    name: instance.name,
    keys: keys.keys,
    matchType: tableMatchType(keys.keys),
    actions: actions.map(({ lowered }) => lowered),
    defaultAction,
    defaultIsConstant: property("default_action")?.constant === true,
    entries,
    entriesAreConstant: constantEntries,
    size: constantEntries ? entries.length : Math.max(declaredSize, entries.length),
    supportTimeout: isTrue(frame, property("support_timeout")),
    withCounters: attachDirect(frame, instance, property("counters")) !== undefined,
    directMeter: attachDirect(frame, instance, property("meters")),
    profile: profile?.name,
    profileKind: profile === undefined ? "simple" : profile.hasGroups ? "indirect_ws" : "indirect",
    span: declaration.span,
  };
}

function isTrue(frame: Frame, property: TableProperty | undefined): boolean {
  return property !== undefined && knownValue(lowerValue(frame, property.value)) === 1n;
}

function lowerKeys(
  frame: Frame,
  { keys, name }: TableDeclaration,
): { keys: readonly LoweredKey[]; kinds: readonly string[]; selectors: readonly Value[] } {
  const lowered: LoweredKey[] = [];
  const kinds: string[] = [];
  const selectors: Value[] = [];
  for (const key of keys) {
    const value = keyValue(frame, key);
    const kind = key.matchKind.text;
    if (kind === "selector") {
      selectors.push(value);
      continue;
    }
    const matchType = matchTypes.get(kind);
    if (matchType === undefined) {
      frame.lowering.error(
        key.matchKind.span,
        `BMv2 has no match kind ${kind}`,
        "exact, lpm, ternary, range, optional or selector",
      );
      continue;
    }
    if (matchType === "lpm" && lowered.some((other) => other.matchType === "lpm")) {
      frame.lowering.error(
        key.matchKind.span,
        `the table ${name.text} has a second lpm key`,
        "make it ternary: BMv2 takes one lpm key a table",
      );
    }
    lowered.push({ matchType, name: keyName(key), value, width: widthOf(value.shape) });
    kinds.push(kind);
  }
  return { keys: lowered, kinds, selectors };
}

const matchTypes: ReadonlyMap<string, LoweredKey["matchType"]> = new Map([
  ["exact", "exact"],
  ["lpm", "lpm"],
  ["ternary", "ternary"],
  ["optional", "ternary"],
  ["range", "range"],
]);

/** A key is a field or the validity of a header; anything else is copied into a field first. */
function keyValue(frame: Frame, { expression }: TableKey): Value {
  const value = lowerValue(frame, expression);
  if (value.kind === "valid" && value.header.kind === "instance") return value;
  if (value.kind === "constant") return frame.lowering.copy(constant(value.value, value.shape), expression.span, "key");
  return frame.lowering.asField(value, expression.span, "key");
}

/** The name in `@name`, or the text of the key. */
function keyName({ expression, annotations }: TableKey): string {
  const given = annotationText(annotations, "name");
  if (given !== undefined) return given;
  const { file, start, end } = expression.span;
  return file.text
    .slice(start, end)
    .replace(/\s+/g, " ")
    .replace(/\.isValid\(\)$/, ".$valid$");
}

/** The strongest of the match kinds decides about the table. */
function tableMatchType(keys: readonly LoweredKey[]): LoweredKey["matchType"] {
  for (const type of ["range", "ternary", "lpm"] as const) if (keys.some((key) => key.matchType === type)) return type;
  return "exact";
}

function lowerAction(frame: Frame, reference: ActionReference): readonly TableAction[] {
  const { lowering } = frame;
  const declaration = lowering.semantics.actions.get(reference);
  if (declaration === undefined) return [];
  return [{ declaration, lowered: actionBody(frame, declaration, reference) }];
}

/** An action with the control plane's parameters open and the others bound to the arguments in the list of actions. */
function actionBody(
  frame: Frame,
  declaration: ActionDeclaration,
  reference: ActionReference | undefined,
): LoweredAction {
  const { lowering } = frame;
  const owner = frame.environment.owner(declaration);
  const environment = new Environment(owner ?? rootOf(frame.environment));
  const directed = declaration.parameters.filter(({ direction }) => direction !== "none");
  const open = declaration.parameters.filter(({ direction }) => direction === "none");
  const parameters = open.map((parameter, index) => {
    const name = controlPlaneName("", parameter);
    const type = substitute(lowering.semantics.typeOfDeclaration(parameter), frame.environment.types);
    const shape = shapeOf(type);
    if (shape === undefined || shape.kind === "varbit") {
      lowering.error(parameter.span, "the control plane gives numbers and bools only");
      return { name, width: 1 };
    }
    environment.bind(parameter, scalar({ kind: "parameter", index, shape }));
    return { name, width: widthOf(shape) };
  });
  const label: Label = { name: declaration.name.text };
  const body = lowering.collect(() => {
    const bound = { arguments: reference?.arguments ?? [], parameters: directed, bindings: new Map() };
    const copies = bindParameters(frame, bound, environment, { mayAlias: true, span: declaration.span });
    const { loop: _loop, ...outer } = frame;
    const inside: Frame = {
      ...outer,
      environment,
      surroundings: "action",
      returns: { label, result: undefined },
      copyBacks: [copies],
      calls: [...frame.calls, declaration],
    };
    const statements = lowering.collect(() => {
      lowerStatements(inside, declaration.body.statements);
    });
    lowering.emit({ kind: "block", label, body: statements });
    copies();
  });
  return { name: controlPlaneName(owner?.prefix ?? "", declaration), parameters, body, span: declaration.span };
}

function rootOf(environment: Environment): Environment {
  return environment.parent === undefined ? environment : rootOf(environment.parent);
}

/** The default action; without one it is NoAction, which joins the actions where it is not among them. */
function lowerDefault(frame: Frame, table: TableDeclaration, actions: TableAction[]): ActionUse | undefined {
  const property = table.properties.find(({ name }) => name.text === "default_action");
  if (property !== undefined) {
    const { value } = property;
    if (value.kind === "call")
      return actionUse(
        frame,
        actions,
        value.callee,
        value.arguments.map((argument) => argument.value),
      );
    return actionUse(frame, actions, value, []);
  }
  const index = actions.findIndex(({ declaration }) => declaration.name.text === "NoAction");
  if (index >= 0) return { action: index, data: [] };
  const lowered: LoweredAction = { name: "NoAction", parameters: [], body: [], span: table.span };
  const declaration = actions[0]?.declaration;
  if (declaration === undefined) return undefined;
  actions.push({
    declaration: { ...declaration, name: { text: "NoAction", span: table.span }, parameters: [] },
    lowered,
  });
  return { action: actions.length - 1, data: [] };
}

/** An action of a table with the numbers that the control plane would give. */
export function actionUse(
  frame: Frame,
  actions: readonly TableAction[],
  path: Expression,
  given: readonly Expression[],
): ActionUse | undefined {
  const declaration = path.kind === "path" ? frame.lowering.semantics.references.get(path) : undefined;
  const index = actions.findIndex((action) => action.declaration === declaration);
  const action = actions[index];
  if (action === undefined) return undefined;
  const open = action.declaration.parameters.filter(({ direction }) => direction === "none");
  const own = given.slice(given.length - open.length);
  const data = open.map((parameter, at) => {
    const type = frame.lowering.semantics.typeOfDeclaration(parameter);
    const shape = shapeOf(type) ?? { kind: "integer" as const };
    const argument = own[at];
    const known = argument === undefined ? undefined : knownValue(lowerValue(frame, argument, shape));
    return shape.kind === "bits" ? BigInt.asUintN(shape.width, known ?? 0n) : (known ?? 0n);
  });
  return { action: index, data };
}

function lowerProfile(
  frame: Frame,
  instance: TableInstance,
  property: TableProperty | undefined,
  selectors: readonly Value[],
): { name: string; hasGroups: boolean } | undefined {
  if (property === undefined) return undefined;
  const { resources } = frame.lowering;
  const binding = constructedValue(frame, property.value, `${instance.name}.implementation`);
  if (isData(binding) || binding.kind !== "extern") return undefined;
  const profile = resources.profiles.find(({ name }) => name === binding.name);
  if (profile === undefined) return undefined;
  if (profile.selector !== undefined) {
    if (profile.selector.inputs.length === 0) profile.selector.inputs = selectors;
    if (selectors.length === 0) {
      frame.lowering.error(
        property.span,
        "a table with a selector needs at least one selector key",
        "add hdr.field: selector;",
      );
    }
  }
  return { name: profile.name, hasGroups: profile.selector !== undefined };
}

/** Tie a direct counter or meter to its table. */
function attachDirect(frame: Frame, instance: TableInstance, property: TableProperty | undefined): string | undefined {
  if (property === undefined) return undefined;
  const { resources } = frame.lowering;
  const binding = constructedValue(frame, property.value, `${instance.name}.${property.name.text}`);
  if (isData(binding) || binding.kind !== "extern") return undefined;
  const array =
    resources.counters.find(({ name }) => name === binding.name) ??
    resources.meters.find(({ name }) => name === binding.name);
  if (array === undefined) return undefined;
  if (array.table !== undefined && array.table !== instance.name) {
    frame.lowering.error(
      property.span,
      `${array.name} belongs to the table ${array.table} already`,
      "a direct counter or meter belongs to one table",
    );
  }
  array.table = instance.name;
  return array.name;
}
