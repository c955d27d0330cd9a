import { takesEverything } from "../check/parser.ts";
import type { Type } from "../check/types.ts";
import type { Expression, ParserDeclaration, SelectCase, StateDeclaration } from "../syntax/ast.ts";
import { Environment } from "./environment.ts";
import { lowerExpression, valueOf } from "./expression.ts";
import { elementsOf, evaluateKeyset, type KeySet, prefixesOf } from "./keyset.ts";
import { type Frame, typeOf } from "./lowering.ts";
import type { LoweredCase, LoweredState, LoweredTransition, Operation } from "./operation.ts";
import { lowerStatement } from "./statement.ts";
import { knownValue, shapeOf, type Value, widthOf } from "./value.ts";

/** How many cases the ranges of one select may come to. */
const mostCases = 10_000;

/** Emit the states of a parser as one operation. */
export function lowerParser(frame: Frame, declaration: ParserDeclaration): void {
  const states = (declaration.body?.states ?? []).map((state) => lowerState(frame, state));
  frame.lowering.emit({ kind: "states", states });
}

function lowerState(frame: Frame, state: StateDeclaration): LoweredState {
  const inside: Frame = { ...frame, environment: new Environment(frame.environment) };
  let transition: LoweredTransition = { kind: "direct", next: "reject" };
  const operations: Operation[] = frame.lowering.collect(() => {
    for (const statement of state.statements) lowerStatement(inside, statement);
    transition = lowerTransition(inside, state);
  });
  return { name: state.name.text, operations, transition, span: state.span };
}

function lowerTransition(frame: Frame, { transition }: StateDeclaration): LoweredTransition {
  if (transition === undefined) return { kind: "direct", next: "reject" };
  if (transition.kind === "direct") return { kind: "direct", next: transition.next.text };
  const keys = transition.keys.map((key) => selectKey(frame, key));
  const types = transition.keys.map((key) => typeOf(frame, key));
  const decided = decide(frame, keys, types, transition.cases);
  if (decided !== undefined) return { kind: "direct", next: decided };
  const cases: LoweredCase[] = [];
  for (const selected of transition.cases) {
    cases.push(...lowerCase(frame, selected, keys, types));
    if (takesEverything(selected)) break;
  }
  return {
    kind: "select",
    keys: keys.map((key, index) => fieldKey(frame, key, transition.keys[index])),
    cases,
    span: transition.span,
  };
}

/** A key as BMv2 has it: a field, the last of a stack, or bits that lie ahead. */
function selectKey(frame: Frame, expression: Expression): Value {
  return valueOf(frame, lowerExpression(frame, expression), expression.span);
}

function fieldKey(frame: Frame, key: Value, expression: Expression | undefined): Value {
  if (key.kind === "field" || key.kind === "last-field" || key.kind === "lookahead" || expression === undefined)
    return key;
  return frame.lowering.copy(key, expression.span, "select");
}

/** Where a select leads whose keys are all known. */
function decide(
  frame: Frame,
  keys: readonly Value[],
  types: readonly Type[],
  cases: readonly SelectCase[],
): string | undefined {
  const known = keys.map(knownValue);
  if (known.includes(undefined)) return undefined;
  for (const { keyset, next } of cases) {
    if (valueSetOf(frame, keyset) !== undefined) return undefined;
    const elements = elementsOf(keyset, keys.length);
    const holds = keys.every((key, index) => {
      const type = types[index];
      if (elements === undefined || type === undefined) return true;
      const element = elements[index];
      const value = BigInt.asUintN(widthOf(key.shape), known[index] ?? 0n);
      return element === undefined || contains(evaluateKeyset(frame, element, type), value);
    });
    if (holds) return next.text;
  }
  return undefined;
}

function contains(set: KeySet, value: bigint): boolean {
  switch (set.kind) {
    case "any":
      return true;
    case "value":
      return value === set.value;
    case "mask":
      return (value & set.mask) === set.value;
    case "range":
      return set.low <= value && value <= set.high;
  }
}

function lowerCase(
  frame: Frame,
  selected: SelectCase,
  keys: readonly Value[],
  types: readonly Type[],
): readonly LoweredCase[] {
  const next = selected.next.text;
  if (takesEverything(selected)) return [{ match: { kind: "default" }, next }];
  const set = valueSetOf(frame, selected.keyset);
  if (set !== undefined) return [{ match: { kind: "set", name: set }, next }];
  const elements = elementsOf(selected.keyset, keys.length) ?? [];
  let combinations: { value: bigint; mask: bigint | undefined }[][] = [[]];
  keys.forEach((key, index) => {
    const element = elements[index];
    const type = types[index];
    if (element === undefined || type === undefined) return;
    const choices = choicesOf(evaluateKeyset(frame, element, type), widthOf(shapeOf(type) ?? key.shape));
    combinations = combinations.flatMap((before) => choices.map((choice) => [...before, choice]));
  });
  if (combinations.length > mostCases) {
    frame.lowering.error(
      selected.span,
      `the ranges of this case come to ${combinations.length} masks`,
      "narrow the ranges, or compare in ingress",
    );
    return [];
  }
  return combinations.map((parts) => ({ match: { kind: "masks", parts }, next }));
}

function choicesOf(set: KeySet, width: number): readonly { value: bigint; mask: bigint | undefined }[] {
  switch (set.kind) {
    case "any":
      return [{ value: 0n, mask: 0n }];
    case "value":
      return [{ value: set.value, mask: undefined }];
    case "mask":
      return [{ value: set.value, mask: set.mask }];
    case "range":
      return prefixesOf(set.low, set.high, width);
  }
}

function valueSetOf(frame: Frame, keyset: Expression): string | undefined {
  if (keyset.kind !== "path") return undefined;
  const declaration = frame.lowering.semantics.references.get(keyset);
  const binding = declaration === undefined ? undefined : frame.environment.find(declaration);
  return binding?.kind === "value-set" ? binding.name : undefined;
}
