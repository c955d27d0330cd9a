import type {
  ConstantDeclaration,
  Expression,
  Statement,
  SwitchStatement,
  VariableDeclaration,
} from "../syntax/ast.ts";
import { substitute, type Type } from "../check/types.ts";
import { assign, invalidate } from "./assign.ts";
import { lowerCall } from "./call.ts";
import { leavesOf, scalar } from "./data.ts";
import { Environment } from "./environment.ts";
import { combine, hasEffects, lowerExpression, lowerTarget, lowerValue } from "./expression.ts";
import { matchesKey } from "./keyset.ts";
import { pinned } from "./pinned.ts";
import { lowerFor, lowerForIn } from "./loop.ts";
import { type Frame, typeOf } from "./lowering.ts";
import type { Operation } from "./operation.ts";
import { applyForAction, directOutcome } from "./table-apply.ts";
import { constant, knownValue, shapeOf } from "./value.ts";

/** Emit statements in a scope of their own. */
export function lowerStatements(frame: Frame, statements: readonly Statement[]): void {
  const inside: Frame = { ...frame, environment: new Environment(frame.environment) };
  for (const statement of statements) lowerStatement(inside, statement);
}

/** Emit one statement; what it declares goes into the environment of the frame. */
export function lowerStatement(frame: Frame, statement: Statement): void {
  const { lowering } = frame;
  switch (statement.kind) {
    case "block":
      lowerStatements(frame, statement.statements);
      return;
    case "variable":
      lowerVariable(frame, statement);
      return;
    case "constant":
      lowerConstant(frame, statement);
      return;
    case "assignment":
      lowerAssignment(frame, statement);
      return;
    case "call-statement":
      lowerCall(frame, statement.call);
      return;
    case "if":
      lowerIf(frame, statement);
      return;
    case "switch":
      lowerSwitch(frame, statement);
      return;
    case "for":
      lowerFor(frame, statement);
      return;
    case "for-in":
      lowerForIn(frame, statement);
      return;
    case "return":
      if (statement.value !== undefined && frame.returns.result !== undefined) {
        const data = lowerExpression(frame, statement.value);
        assign(frame, frame.returns.result, data, statement.span);
      }
      lowering.emit({ kind: "leave", label: frame.returns.label });
      return;
    case "exit":
      for (const copyBack of frame.copyBacks.toReversed()) copyBack();
      lowering.emit({ kind: "exit", span: statement.span });
      return;
    case "break":
    case "continue": {
      const { loop } = frame;
      if (loop !== undefined)
        lowering.emit({ kind: "leave", label: statement.kind === "break" ? loop.end : loop.next });
      return;
    }
    case "empty":
      return;
  }
}

/** A local variable: room for it, and its initial value. A header without one is invalid. */
export function lowerVariable(frame: Frame, declaration: VariableDeclaration): void {
  const { lowering, environment } = frame;
  const type = substitute(lowering.semantics.typeOfDeclaration(declaration), environment.types);
  const initial = declaration.initial === undefined ? undefined : lowerExpression(frame, declaration.initial, type);
  const prefix = environment.prefix === "" ? "" : `${environment.prefix}.`;
  const place = lowering.storage.allocate(`${prefix}${declaration.name.text}`, type);
  environment.bind(declaration, place);
  if (initial !== undefined) {
    assign(frame, place, initial, declaration.span);
    return;
  }
  for (const { data } of leavesOf(place)) if (data.kind === "header") invalidate(lowering, data, declaration.span);
}

/** A local constant is worked out where it is declared. */
export function lowerConstant(frame: Frame, declaration: ConstantDeclaration): void {
  const { semantics } = frame.lowering;
  const type = semantics.typeOfDeclaration(declaration);
  const data = lowerExpression(frame, declaration.value, type);
  const shape = shapeOf(type);
  const known = data.kind === "scalar" ? knownValue(data.value) : undefined;
  const isScalar = known !== undefined && shape !== undefined;
  frame.environment.bind(declaration, isScalar ? scalar(constant(known, shape)) : data);
}

function lowerAssignment(
  frame: Frame,
  { target, operator, value, span }: Extract<Statement, { kind: "assignment" }>,
): void {
  const type = typeOf(frame, target);
  const found = lowerTarget(frame, target);
  const place = hasEffects(frame, value) ? pinned(frame.lowering, found, span) : found;
  if (operator === undefined) {
    const data = lowerExpression(frame, value, type);
    assign(frame, place, data, span);
    return;
  }
  assign(frame, place, scalar(combine(frame, operator, target, value, type)), span);
}

function lowerIf(frame: Frame, { condition, then, otherwise, span }: Extract<Statement, { kind: "if" }>): void {
  const { lowering } = frame;
  const branch = (statement: Statement | undefined): Operation[] =>
    lowering.collect(() => {
      if (statement !== undefined) lowerStatements(frame, [statement]);
    });
  const outcome = directOutcome(frame, condition);
  if (outcome !== undefined) {
    const [hit, miss] = outcome.negated ? [branch(otherwise), branch(then)] : [branch(then), branch(otherwise)];
    outcome.apply({ kind: "hit", hit, miss });
    return;
  }
  const test = lowerValue(frame, condition);
  const known = knownValue(test);
  if (known !== undefined) {
    const chosen = known === 0n ? otherwise : then;
    if (chosen !== undefined) lowerStatements(frame, [chosen]);
    return;
  }
  lowering.emit({ kind: "if", condition: test, then: branch(then), otherwise: branch(otherwise), span });
}

function lowerSwitch(frame: Frame, statement: SwitchStatement): void {
  const { lowering } = frame;
  const { value, cases, span } = statement;
  const groups = groupCases(statement);
  if (typeOf(frame, value).kind === "action-run" && value.kind === "member") {
    applyForAction(
      frame,
      value.base,
      groups.map(({ labels, body }) => ({
        labels,
        body: lowering.collect(() => {
          lowerStatements(frame, body);
        }),
      })),
      span,
    );
    return;
  }
  const type = typeOf(frame, value);
  let subject = lowerValue(frame, value, shapeOf(type));
  if (subject.kind !== "constant" && cases.length > 1 && subject.kind === "operation")
    subject = lowering.keep(subject, value.span);
  emitCases(frame, subject, type, groups, span);
}

interface CaseGroup {
  readonly labels: readonly Expression[];
  readonly body: readonly Statement[];
}

/** Cases without a body belong to the next one that has one. */
function groupCases({ cases }: SwitchStatement): readonly CaseGroup[] {
  const groups: CaseGroup[] = [];
  let labels: Expression[] = [];
  for (const { label, body } of cases) {
    labels.push(label);
    if (body === undefined) continue;
    groups.push({ labels, body: body.statements });
    labels = [];
  }
  if (labels.length > 0) groups.push({ labels, body: [] });
  return groups;
}

/** One `if` inside the other's else; the default comes last wherever it stands. */
function emitCases(
  frame: Frame,
  subject: ReturnType<typeof lowerValue>,
  type: Type,
  groups: readonly CaseGroup[],
  span: Statement["span"],
): void {
  const { lowering } = frame;
  const isDefault = ({ labels }: CaseGroup): boolean => labels.some(({ kind }) => kind === "default");
  const [first, ...rest] = groups.filter((group) => !isDefault(group));
  if (first === undefined) {
    lowerStatements(frame, groups.find(isDefault)?.body ?? []);
    return;
  }
  const condition = first.labels
    .map((label) => matchesKey(frame, subject, type, label))
    .reduce((a, b) => {
      if (knownValue(a) !== undefined) return knownValue(a) === 0n ? b : a;
      return { kind: "operation", operator: "or", left: a, right: b, shape: { kind: "bool" } };
    });
  const remaining = [...rest, ...groups.filter(isDefault)];
  const then = lowering.collect(() => {
    lowerStatements(frame, first.body);
  });
  const otherwise = lowering.collect(() => {
    emitCases(frame, subject, type, remaining, span);
  });
  lowering.emit({ kind: "if", condition, then, otherwise, span: first.labels[0]?.span ?? span });
}
