import type { ResolvedCall } from "../check/semantics.ts";
import { sizeInBits } from "../check/constant.ts";
import { substitute } from "../check/types.ts";
import type { Span } from "../diagnostics/source-file.ts";
import type { ActionDeclaration, CallExpression, Expression, FunctionDeclaration, Statement } from "../syntax/ast.ts";
import { invalidate, primitive } from "./assign.ts";
import { applyBlock } from "./block.ts";
import { type Data, nothing, scalar } from "./data.ts";
import { Environment } from "./environment.ts";
import { validity } from "./equality.ts";
import { lowerExpression, lowerTarget } from "./expression.ts";
import { lowerExternFunction, lowerExternMethod } from "./extern.ts";
import { type Frame, typeOf } from "./lowering.ts";
import { controlPlaneName } from "./names.ts";
import type { Label } from "./operation.ts";
import { bindParameters } from "./parameters.ts";
import { lowerStatements } from "./statement.ts";
import { applyForOutcome } from "./table-apply.ts";
import { binary } from "./arithmetic.ts";
import { boolShape, constant, truth } from "./value.ts";

/** What a call gives back; what it does is emitted. */
export function lowerCall(frame: Frame, expression: CallExpression): Data {
  const { lowering } = frame;
  const call = lowering.semantics.calls.get(expression);
  if (call === undefined) return nothing;
  const { target } = call;
  switch (target.kind) {
    case "function":
      if (target.declaration.body === undefined)
        return lowerExternFunction(frame, target.declaration, call, expression);
      return inlineFunction(frame, target.declaration, target.declaration.body.statements, call, expression.span);
    case "action":
      callAction(frame, target.declaration, call, expression.span);
      return nothing;
    case "method":
      return lowerExternMethod(frame, target.base, target.declaration, call, expression);
    case "builtin":
      return lowerBuiltin(frame, target.base, target.name, expression);
    case "apply":
      if (typeOf(frame, target.base).kind === "table") {
        applyForOutcome(frame, expression, { kind: "none" });
        return nothing;
      }
      applyBlock(frame, target.base, call, expression.span);
      return nothing;
    case "constructor":
      lowering.error(expression.span, "instances are made outside of statements");
      return nothing;
  }
}

/** The body of a function in place of its call. */
function inlineFunction(
  frame: Frame,
  declaration: FunctionDeclaration,
  statements: readonly Statement[],
  call: ResolvedCall,
  span: Span,
): Data {
  const { lowering } = frame;
  if (frame.calls.includes(declaration)) {
    lowering.error(span, `${declaration.name.text} calls itself`, "P4 has no recursion");
    return nothing;
  }
  const types = new Map([...call.bindings].map(([parameter, type]) => [parameter, substituted(frame, type)]));
  const environment = new Environment(globalOf(frame.environment), { types, prefix: frame.environment.prefix });
  const copies = bindParameters(frame, call, environment, { mayAlias: false, span });
  const label: Label = { name: declaration.name.text };
  const result =
    call.result.kind === "void"
      ? undefined
      : lowering.storage.allocate(`${declaration.name.text}.result`, substituted(frame, call.result));
  const inside: Frame = {
    ...withoutLoop(frame),
    environment,
    returns: { label, result },
    copyBacks: [...frame.copyBacks, copies],
    calls: [...frame.calls, declaration],
  };
  const body = lowering.collect(() => {
    lowerStatements(inside, statements);
  });
  // A return at the very end needs no label.
  if (body.at(-1)?.kind === "leave") body.pop();
  lowering.emit({ kind: "block", label, body });
  copies();
  return result ?? nothing;
}

/** An action called directly. In a control that is an action of its own; inside of another action it is inlined. */
function callAction(frame: Frame, declaration: ActionDeclaration, call: ResolvedCall, span: Span): void {
  const { lowering } = frame;
  if (frame.calls.includes(declaration)) {
    lowering.error(span, `${declaration.name.text} calls itself`, "P4 has no recursion");
    return;
  }
  const owner = frame.environment.owner(declaration) ?? globalOf(frame.environment);
  const environment = new Environment(owner);
  const label: Label = { name: declaration.name.text };
  const run = (): void => {
    const copies = bindParameters(frame, call, environment, { mayAlias: true, span });
    const inside: Frame = {
      ...withoutLoop(frame),
      environment,
      surroundings: "action",
      returns: { label, result: undefined },
      copyBacks: [...frame.copyBacks, copies],
      calls: [...frame.calls, declaration],
    };
    const body = lowering.collect(() => {
      lowerStatements(inside, declaration.body.statements);
    });
    lowering.emit({ kind: "block", label, body });
    copies();
  };
  if (frame.surroundings !== "control") {
    run();
    return;
  }
  const body = lowering.collect(run);
  lowering.emit({ kind: "action", name: controlPlaneName(owner.prefix, declaration), body, span });
}

function lowerBuiltin(frame: Frame, base: Expression, name: string, expression: CallExpression): Data {
  const { lowering } = frame;
  const { span } = expression;
  switch (name) {
    case "isValid": {
      const data = lowerExpression(frame, base);
      if (data.kind === "header") return scalar(validity(data));
      if (data.kind === "new-header") return scalar(truth(data.fields !== undefined));
      if (data.kind !== "union") return nothing;
      const any = [...data.members.values()]
        .map(validity)
        .reduce((a, b) => binary("||", a, b, boolShape), truth(false));
      return scalar(any);
    }
    case "setValid":
    case "setInvalid": {
      const data = lowerTarget(frame, base);
      if (data.kind !== "header") return nothing;
      if (name === "setInvalid") invalidate(lowering, data, span);
      else primitive(lowering, "add_header", [{ kind: "header", reference: data.reference }], span);
      return nothing;
    }
    case "push_front":
    case "pop_front": {
      const data = lowerTarget(frame, base);
      const [count] = expression.arguments;
      const known = count === undefined ? undefined : lowering.semantics.constants.get(count.value);
      if (data.kind !== "stack" || typeof known !== "bigint") return nothing;
      const operator = name === "push_front" ? "push" : "pop";
      const type = data.elements[0]?.kind === "union" ? "header_union_stack" : "header_stack";
      primitive(
        lowering,
        operator,
        [
          { kind: "named", type, name: data.name },
          { kind: "number", value: known },
        ],
        span,
      );
      return nothing;
    }
    default: {
      const bits = BigInt(sizeInBits(lowering.semantics, typeOf(frame, base), name.startsWith("max")));
      return scalar(constant(name.endsWith("Bits") ? bits : (bits + 7n) / 8n, { kind: "integer" }));
    }
  }
}

/** The outermost environment: functions see nothing else. */
export function globalOf(environment: Environment): Environment {
  return environment.parent === undefined ? environment : globalOf(environment.parent);
}

function withoutLoop(frame: Frame): Omit<Frame, "loop"> {
  const { loop: _loop, ...rest } = frame;
  return rest;
}

function substituted(frame: Frame, type: ReturnType<typeof typeOf>): ReturnType<typeof typeOf> {
  return substitute(type, frame.environment.types);
}
