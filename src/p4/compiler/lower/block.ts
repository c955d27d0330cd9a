import type { ResolvedCall } from "../check/semantics.ts";
import type { TypeBindings } from "../check/types.ts";
import type { Span } from "../diagnostics/source-file.ts";
import type {
  ControlDeclaration,
  Expression,
  InstanceDeclaration,
  LocalDeclaration,
  ParserDeclaration,
} from "../syntax/ast.ts";
import { nothing } from "./data.ts";
import { type Binding, type BlockInstance, Environment, type Instance } from "./environment.ts";
import { createExtern } from "./extern-instance.ts";
import { isData, lowerExpression } from "./expression.ts";
import type { Frame } from "./lowering.ts";
import { controlPlaneName } from "./names.ts";
import type { Label } from "./operation.ts";
import { bindParameters } from "./parameters.ts";
import { lowerParser } from "./parser.ts";
import { lowerConstant, lowerStatements, lowerVariable } from "./statement.ts";
import { globalOf } from "./call.ts";
import { type Shape, shapeOf, widthOf } from "./value.ts";

/** An instance of a parser or control, with instances of all that is declared in it. */
function createBlock(
  frame: Frame,
  declaration: ParserDeclaration | ControlDeclaration,
  call: Pick<ResolvedCall, "arguments" | "parameters" | "bindings">,
  name: string,
): BlockInstance {
  const environment = new Environment(globalOf(frame.environment), { types: call.bindings, prefix: name });
  call.parameters.forEach((parameter, index) => {
    const value = call.arguments[index]?.value ?? parameter.fallback;
    if (value !== undefined)
      environment.bind(parameter, constructedValue(frame, value, `${name}.${parameter.name.text}`));
  });
  const inside: Frame = { ...frame, environment };
  for (const local of declaration.body?.locals ?? []) createLocal(inside, local);
  return { kind: "block", declaration, name, environment, applied: 0 };
}

/** An argument of a constructor: a value, or an instance that may be made on the spot. */
export function constructedValue(frame: Frame, value: Expression, name: string): Binding {
  const { semantics } = frame.lowering;
  if (value.kind === "call") {
    const call = semantics.calls.get(value);
    if (call?.target.kind === "constructor") return createInstance(frame, call, name, value.span);
  }
  if (value.kind === "path") {
    const declaration = semantics.references.get(value);
    const binding = declaration === undefined ? undefined : frame.environment.find(declaration);
    if (binding !== undefined && !isData(binding)) return binding;
  }
  return lowerExpression(frame, value);
}

/** An instance that is declared by name. */
export function createDeclared(frame: Frame, declaration: InstanceDeclaration): Binding {
  const call = frame.lowering.semantics.instances.get(declaration);
  if (call === undefined) return nothing;
  return createInstance(frame, call, controlPlaneName(frame.environment.prefix, declaration), declaration.span);
}

function createInstance(frame: Frame, call: ResolvedCall, name: string, span: Span): Instance {
  const { target } = call;
  if (
    target.kind === "constructor" &&
    (target.declaration.kind === "parser" || target.declaration.kind === "control")
  ) {
    return createBlock(frame, target.declaration, call, name);
  }
  if (target.kind === "constructor" && target.declaration.kind === "extern") {
    return createExtern(frame, target.declaration, call, name, span);
  }
  frame.lowering.error(span, "only externs, parsers and controls have instances here");
  return { kind: "packet" };
}

function createLocal(frame: Frame, local: LocalDeclaration): void {
  const { environment, lowering } = frame;
  switch (local.kind) {
    case "constant":
      lowerConstant(frame, local);
      return;
    case "instance":
      environment.bind(local, createDeclared(frame, local));
      return;
    case "table": {
      const name = lowering.uniqueName("table", controlPlaneName(environment.prefix, local));
      environment.bind(local, {
        kind: "table",
        declaration: local,
        name,
        environment,
        prefix: environment.prefix,
        applied: false,
      });
      return;
    }
    case "value-set": {
      const type = lowering.semantics.typeOfDeclaration(local);
      const element = type.kind === "set" ? type.element : type;
      const name = lowering.uniqueName("value set", controlPlaneName(environment.prefix, local));
      const size = Number(lowering.semantics.constants.get(local.size) ?? 0n);
      lowering.resources.valueSets.push({ name, width: setWidth(frame, element), size, span: local.span });
      environment.bind(local, { kind: "value-set", name, type: element });
      return;
    }
    case "action":
      // Known to belong here; what it does is worked out where it is used.
      environment.bind(local, nothing);
      return;
    case "variable":
      return;
  }
}

function setWidth(frame: Frame, type: Parameters<typeof shapeOf>[0]): number {
  const shape: Shape | undefined = shapeOf(type);
  if (shape !== undefined) return widthOf(shape);
  if (type.kind === "tuple") return type.elements.reduce((sum, element) => sum + setWidth(frame, element), 0);
  if (type.kind !== "struct") return 0;
  return frame.lowering.semantics.fieldsOf(type).reduce((sum, field) => sum + setWidth(frame, field.type), 0);
}

/** `instance.apply(arguments)`: what the block does, with its parameters bound. */
export function applyBlock(frame: Frame, base: Expression, call: ResolvedCall, span: Span): void {
  const instance = blockOf(frame, base);
  if (instance === undefined) {
    frame.lowering.error(span, "there is nothing to apply here");
    return;
  }
  if (frame.calls.includes(instance.declaration)) {
    frame.lowering.error(span, `${instance.declaration.name.text} applies itself`, "P4 has no recursion");
    return;
  }
  const copies = bindParameters(frame, call, instance.environment, { mayAlias: false, span });
  runBlock({ ...frame, copyBacks: [...frame.copyBacks, copies] }, instance);
  copies();
}

/** What a block does; its parameters are bound. */
export function runBlock(frame: Frame, instance: BlockInstance): void {
  const { lowering } = frame;
  const { declaration, environment } = instance;
  instance.applied++;
  const label: Label = { name: instance.name };
  const { loop: _loop, ...outer } = frame;
  const inside: Frame = {
    ...outer,
    environment,
    returns: { label, result: undefined },
    calls: [...frame.calls, declaration],
  };
  const body = lowering.collect(() => {
    for (const local of declaration.body?.locals ?? []) if (local.kind === "variable") lowerVariable(inside, local);
    if (declaration.kind === "parser") lowerParser(inside, declaration);
    else lowerStatements(inside, declaration.body?.apply.statements ?? []);
  });
  lowering.emit({ kind: "block", label, body });
}

function blockOf(frame: Frame, base: Expression): BlockInstance | undefined {
  if (base.kind !== "path") return undefined;
  const declaration = frame.lowering.semantics.references.get(base);
  if (declaration === undefined) return undefined;
  const binding = frame.environment.find(declaration);
  if (binding?.kind === "block") return binding;
  if (declaration.kind !== "parser" && declaration.kind !== "control") return undefined;
  const { prefix } = frame.environment;
  const name = prefix === "" ? declaration.name.text : `${prefix}.${declaration.name.text}`;
  const bindings: TypeBindings = new Map();
  return createBlock(frame, declaration, { arguments: [], parameters: [], bindings }, name);
}
