import type { Span } from "../diagnostics/source-file.ts";
import type { Expression } from "../syntax/ast.ts";
import type { TableInstance } from "./environment.ts";
import { type Frame, typeOf } from "./lowering.ts";
import { controlPlaneName } from "./names.ts";
import type { LoweredTable, Operation, Outcome } from "./operation.ts";
import { lowerTable } from "./table.ts";
import { boolShape, truth, type Value } from "./value.ts";

/** Apply a table where its outcome decides about what follows: a condition that is `table.apply().hit` or `.miss`. */
export function directOutcome(
  frame: Frame,
  condition: Expression,
): { readonly negated: boolean; readonly apply: (outcome: Outcome) => void } | undefined {
  if (condition.kind === "unary" && condition.operator === "!") {
    const inner = directOutcome(frame, condition.operand);
    return inner === undefined ? undefined : { negated: !inner.negated, apply: inner.apply };
  }
  if (condition.kind !== "member" || typeOf(frame, condition.base).kind !== "apply-result") return undefined;
  const { base, member } = condition;
  return {
    negated: member.text === "miss",
    apply: (outcome) => {
      emitApply(frame, base, outcome);
    },
  };
}

/** Apply a table. Without an outcome to follow, whether it hit is kept in a variable, which is returned. */
export function applyForOutcome(frame: Frame, call: Expression, outcome?: Outcome): Value {
  const { lowering } = frame;
  if (outcome !== undefined) {
    emitApply(frame, call, outcome);
    return truth(false);
  }
  const hit = lowering.temporary(boolShape, "hit");
  const set = (value: boolean): readonly Operation[] => [
    { kind: "assign", target: hit, source: truth(value), span: call.span },
  ];
  emitApply(frame, call, { kind: "hit", hit: set(true), miss: set(false) });
  return hit;
}

/** Apply a table and go on by the action that was run. */
export function applyForAction(
  frame: Frame,
  call: Expression,
  cases: readonly { readonly labels: readonly Expression[]; readonly body: readonly Operation[] }[],
  span: Span,
): void {
  const byAction = new Map<string, readonly Operation[]>();
  let otherwise: readonly Operation[] = [];
  for (const { labels, body } of cases) {
    for (const label of labels) {
      if (label.kind === "default") otherwise = body;
      if (label.kind !== "path") continue;
      const declaration = frame.lowering.semantics.references.get(label);
      if (declaration?.kind !== "action") continue;
      const owner = frame.environment.owner(declaration);
      byAction.set(controlPlaneName(owner?.prefix ?? "", declaration), body);
    }
  }
  emitApply(frame, call, { kind: "action", cases: byAction, otherwise }, span);
}

function emitApply(frame: Frame, call: Expression, outcome: Outcome, span: Span = call.span): void {
  const { lowering } = frame;
  const instance = tableOf(frame, call);
  if (instance === undefined) return;
  if (frame.surroundings !== "control" || frame.pipeline === undefined) {
    lowering.error(span, "tables are applied in ingress and egress only");
    return;
  }
  if (instance.applied) {
    lowering.error(
      span,
      `the table ${instance.declaration.name.text} is applied a second time`,
      "BMv2 has one place for each table: apply it once, behind the conditions, or declare a second table",
    );
    return;
  }
  instance.applied = true;
  const table: LoweredTable = lowerTable(frame, instance);
  lowering.emit({ kind: "apply", table, outcome, span });
}

function tableOf(frame: Frame, call: Expression): TableInstance | undefined {
  if (call.kind !== "call") return undefined;
  const target = frame.lowering.semantics.calls.get(call)?.target;
  if (target?.kind !== "apply" || target.base.kind !== "path") return undefined;
  const declaration = frame.lowering.semantics.references.get(target.base);
  const binding = declaration === undefined ? undefined : frame.environment.find(declaration);
  return binding?.kind === "table" ? binding : undefined;
}
