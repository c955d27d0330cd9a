import type { Declaration, Expression, ForInStatement, ForStatement, Statement } from "../syntax/ast.ts";
import { type Data, nothing, scalar } from "./data.ts";
import { Environment } from "./environment.ts";
import { combine, lowerExpression, lowerValue } from "./expression.ts";
import { type Frame, typeOf } from "./lowering.ts";
import type { Label } from "./operation.ts";
import { lowerStatement, lowerStatements } from "./statement.ts";
import { coerce, constant, knownValue, shapeOf } from "./value.ts";

/** How often a loop may go round: every round is written out. */
const mostRounds = 4096;

/** `for (init; condition; update)`, unrolled: its variables are known in each round. */
export function lowerFor(frame: Frame, { initial, condition, update, body }: ForStatement): void {
  const { lowering } = frame;
  let environment = new Environment(frame.environment);
  const end: Label = { name: "end of loop" };
  const counters = new Set<Declaration>();
  for (const part of initial) {
    const known =
      part.kind === "variable" && part.initial !== undefined
        ? knownOf({ ...frame, environment }, part.initial)
        : undefined;
    if (part.kind === "variable" && known !== undefined && !isAssigned(frame, part, body)) {
      const shape = shapeOf(lowering.semantics.typeOfDeclaration(part)) ?? { kind: "integer" };
      environment.bind(part, scalar(constant(known, shape)));
      counters.add(part);
    } else lowerStatement({ ...frame, environment }, part);
  }
  const operations = lowering.collect(() => {
    for (let round = 0; ; round++) {
      const head: Frame = { ...frame, environment };
      const holds = knownOf(head, condition);
      if (holds === 0n) return;
      if (holds === undefined || round >= mostRounds) {
        const found =
          holds === undefined
            ? "its condition depends on what is known at run time only"
            : `it goes round more than ${mostRounds} times`;
        lowering.error(
          condition.span,
          `this loop cannot be written out: ${found}`,
          "count with a variable of the loop that the body does not change, up to a constant",
        );
        return;
      }
      const next: Label = { name: "next round" };
      const inside: Frame = { ...head, loop: { end, next } };
      const roundOperations = lowering.collect(() => {
        lowerStatements(inside, [body]);
      });
      lowering.emit({ kind: "block", label: next, body: roundOperations });
      // Each round has counters of its own, which stay what they are.
      const following = new Environment(environment.parent);
      for (const part of initial) {
        const binding = part.kind === "variable" ? environment.find(part) : undefined;
        if (part.kind === "variable" && binding !== undefined) following.bind(part, binding);
      }
      for (const part of update) {
        if (!advanceCounter({ ...frame, environment: following }, part, counters))
          lowerStatement({ ...frame, environment: following }, part);
      }
      environment = following;
    }
  });
  lowering.emit({ kind: "block", label: end, body: operations });
}

/** `for (variable in low..high)`, or over the elements of a list or stack, unrolled. */
export function lowerForIn(frame: Frame, { variable, collection, body }: ForInStatement): void {
  const { lowering } = frame;
  const end: Label = { name: "end of loop" };
  const shape = shapeOf(lowering.semantics.typeOfDeclaration(variable)) ?? { kind: "integer" };
  const operations = lowering.collect(() => {
    for (const element of elementsOf(frame, collection)) {
      const environment = new Environment(frame.environment);
      environment.bind(variable, element.kind === "scalar" ? scalar(coerce(element.value, shape)) : element);
      const next: Label = { name: "next round" };
      const round = lowering.collect(() => {
        lowerStatements({ ...frame, environment, loop: { end, next } }, [body]);
      });
      lowering.emit({ kind: "block", label: next, body: round });
    }
  });
  lowering.emit({ kind: "block", label: end, body: operations });
}

function elementsOf(frame: Frame, collection: Expression): readonly Data[] {
  if (collection.kind === "range") {
    const [low, high] = [knownOf(frame, collection.low), knownOf(frame, collection.high)];
    if (low === undefined || high === undefined) return [];
    if (high - low >= BigInt(mostRounds)) {
      frame.lowering.error(collection.span, `this loop goes round more than ${mostRounds} times`);
      return [];
    }
    return Array.from({ length: high < low ? 0 : Number(high - low) + 1 }, (_, index) =>
      scalar(constant(low + BigInt(index), { kind: "integer" })),
    );
  }
  const data = lowerExpression(frame, collection);
  if (data.kind === "struct") return [...data.fields.values()];
  return data.kind === "stack" ? data.elements : [nothing];
}

function knownOf(frame: Frame, expression: Expression): bigint | undefined {
  let known: bigint | undefined;
  const operations = frame.lowering.collect(() => {
    const data = lowerExpression(frame, expression);
    known = data.kind === "scalar" ? knownValue(data.value) : undefined;
  });
  return operations.length === 0 ? known : undefined;
}

/** `i = i + 1` of a counter, at compile time. */
function advanceCounter(frame: Frame, part: Statement, counters: ReadonlySet<Declaration>): boolean {
  if (part.kind !== "assignment" || part.target.kind !== "path") return false;
  const declaration = frame.lowering.semantics.references.get(part.target);
  if (declaration === undefined || !counters.has(declaration)) return false;
  const type = typeOf(frame, part.target);
  const value =
    part.operator === undefined
      ? lowerValue(frame, part.value)
      : combine(frame, part.operator, part.target, part.value, type);
  const known = knownValue(value);
  if (known === undefined) return false;
  frame.environment.bind(declaration, scalar(constant(known, shapeOf(type) ?? { kind: "integer" })));
  return true;
}

/** Whether a statement assigns to a variable, or passes it on to be assigned to. */
function isAssigned(frame: Frame, variable: Declaration, body: Statement): boolean {
  const { references, calls } = frame.lowering.semantics;
  const names = (expression: Expression): boolean => {
    if (expression.kind === "path") return references.get(expression) === variable;
    return (
      (expression.kind === "slice" || expression.kind === "member" || expression.kind === "index") &&
      names(expression.base)
    );
  };
  const inCall = (expression: Expression): boolean => {
    if (expression.kind !== "call") return false;
    const call = calls.get(expression);
    return expression.arguments.some(({ value }) => {
      const index = call?.arguments.findIndex((argument) => argument?.value === value) ?? -1;
      const direction = call?.parameters[index]?.direction;
      return (direction === "out" || direction === "inout") && names(value);
    });
  };
  const visit = (statement: Statement | undefined): boolean => {
    switch (statement?.kind) {
      case "assignment":
        return names(statement.target) || inCall(statement.value);
      case "call-statement":
        return inCall(statement.call);
      case "block":
        return statement.statements.some(visit);
      case "if":
        return visit(statement.then) || visit(statement.otherwise);
      case "for":
        return statement.initial.some(visit) || statement.update.some(visit) || visit(statement.body);
      case "for-in":
        return visit(statement.body);
      case "switch":
        return statement.cases.some(({ body: inner }) => visit(inner));
      default:
        return false;
    }
  };
  return visit(body);
}
