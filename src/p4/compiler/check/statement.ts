import type {
  AssignmentStatement,
  BlockStatement,
  CallExpression,
  ConstantDeclaration,
  Expression,
  ForInStatement,
  Statement,
  SwitchStatement,
  VariableDeclaration,
} from "../syntax/ast.ts";
import type { Context } from "./context.ts";
import { requireAssignable } from "./convert.ts";
import { checkExpected, checkExpression } from "./expression.ts";
import { checkKeyset } from "./keyset.ts";
import { requireAssignableTarget } from "./lvalue.ts";
import { binaryType } from "./operator.ts";
import { resolveType } from "./resolve-type.ts";
import { checkStoredHeaders } from "./stored-headers.ts";
import { warnAboutUninitialised } from "./uninitialised.ts";
import { boolType, formatType, storedType, type Type } from "./types.ts";

/** Check the statements of a block in a scope of their own. */
export function checkBlock(context: Context, { statements }: BlockStatement): void {
  checkStatements(context.inner(), statements);
}

/** Check the body of something that is called or applied. */
export function checkBody(context: Context, body: BlockStatement): void {
  checkBlock(context, body);
  warnAboutUninitialised(context.semantics, body.statements);
}

/** Check statements one after the other, in the scope of the context; what cannot be reached is warned about. */
export function checkStatements(context: Context, statements: readonly Statement[]): void {
  let left = false;
  for (const statement of statements) {
    if (left && statement.kind !== "empty") {
      context.diagnostics.warn(statement.span, "this is never reached");
      left = false;
    }
    checkStatement(context, statement);
    left = leaves(statement);
  }
}

/** Whether nothing behind a statement is reached. */
export function leaves(statement: Statement): boolean {
  switch (statement.kind) {
    case "return":
    case "exit":
    case "break":
    case "continue":
      return true;
    case "block":
      return statement.statements.some(leaves);
    case "if":
      return statement.otherwise !== undefined && leaves(statement.then) && leaves(statement.otherwise);
    default:
      return false;
  }
}

/** Check one statement; declarations go into the scope of the context. */
export function checkStatement(context: Context, statement: Statement): void {
  switch (statement.kind) {
    case "block":
      checkBlock(context, statement);
      return;
    case "variable":
      checkVariable(context, statement);
      return;
    case "constant":
      checkConstant(context, statement);
      return;
    case "assignment":
      checkAssignment(context, statement);
      return;
    case "call-statement": {
      checkExpression(context, statement.call);
      const target = context.semantics.calls.get(statement.call)?.target;
      if (target?.kind === "constructor")
        context.error(statement.span, "an instance is declared outside of statements, with a name");
      return;
    }
    case "if":
      checkExpected(context, statement.condition, boolType, "the condition");
      checkStatement(context.inner(), statement.then);
      if (statement.otherwise !== undefined) checkStatement(context.inner(), statement.otherwise);
      return;
    case "switch":
      checkSwitch(context, statement);
      return;
    case "for": {
      const head = context.inner();
      for (const part of statement.initial) checkStatement(head, part);
      checkExpected(head, statement.condition, boolType, "the condition");
      for (const part of statement.update) checkStatement(head, part);
      checkStatement(head.inner({ loops: context.loops + 1 }), statement.body);
      return;
    }
    case "for-in":
      checkForIn(context, statement);
      return;
    case "return":
      checkReturn(context, statement);
      return;
    case "exit":
      if (context.surroundings === "parser")
        context.error(statement.span, "a parser cannot exit", "use transition reject, or verify");
      if (context.surroundings === "function")
        context.error(statement.span, "a function cannot exit", "return something and exit where it is called");
      return;
    case "break":
    case "continue":
      if (context.loops === 0) context.error(statement.span, `${statement.kind} outside of a loop`);
      return;
    case "empty":
      return;
  }
}

/** A local variable: its type, its initial value, its name. */
export function checkVariable(context: Context, declaration: VariableDeclaration): void {
  const type = resolveType(context, declaration.type);
  if (
    type.kind === "void" ||
    type.kind === "match_kind" ||
    type.kind === "extern" ||
    type.kind === "block" ||
    type.kind === "package"
  ) {
    context.error(declaration.type.span, `there are no variables of type ${formatType(type)}`);
  }
  if (type.kind === "integer" && declaration.initial !== undefined) {
    context.error(
      declaration.type.span,
      "a variable has a width",
      "write bit<32>, for example; only constants are int",
    );
  }
  if (declaration.initial !== undefined) {
    checkExpected(context, declaration.initial, type, `the value of ${declaration.name.text}`);
  }
  checkStoredHeaders(context.semantics, type);
  context.declare(declaration, type);
}

/** A constant: its value is worked out here. */
export function checkConstant(context: Context, declaration: ConstantDeclaration): void {
  const type = resolveType(context, declaration.type);
  checkExpected(context, declaration.value, type, `the value of ${declaration.name.text}`);
  const value = context.constant(declaration.value, `the value of ${declaration.name.text}`);
  if (value === false && declaration.value.kind === "call") reportFailedAssertion(context, declaration.value);
  context.declare(declaration, type);
}

/** A `static_assert` that does not hold, with its message. */
function reportFailedAssertion(context: Context, call: CallExpression): void {
  const message = call.arguments[1]?.value;
  const text = message?.kind === "string" ? `: ${message.value}` : "";
  context.error(call.span, `static_assert does not hold${text}`);
}

function checkAssignment(context: Context, statement: AssignmentStatement): void {
  const { target, operator, value } = statement;
  const type = checkExpression(context, target);
  if (operator === undefined) {
    checkExpected(context, value, type, "what is assigned");
  } else {
    const { span } = statement;
    const result = binaryType(context, { kind: "binary", operator, left: target, right: value, span }, type);
    requireAssignable(context, value, result, type, "what is assigned");
  }
  if (type.kind !== "unknown") requireAssignableTarget(context, target, "target of an assignment");
  if (storedType(type).kind === "varbit" && value.kind === "binary")
    context.error(value.span, "a varbit can only be copied");
}

function checkSwitch(context: Context, { value, cases }: SwitchStatement): void {
  const type = checkExpression(context, value);
  if (type.kind === "action-run" && context.surroundings !== "control") {
    context.error(value.span, "tables are applied in the apply block of a control only");
  }
  const seen = new Set<string>();
  cases.forEach(({ label, body }, index) => {
    if (label.kind === "default") {
      if (index !== cases.length - 1) context.error(label.span, "default is the last case of a switch");
    } else if (type.kind === "action-run") {
      checkActionLabel(context, label, type);
    } else if (type.kind !== "unknown") {
      checkKeyset(context, label, [type]);
    }
    const text = label.span.file.text.slice(label.span.start, label.span.end);
    if (seen.has(text)) context.error(label.span, `${text} is a case already`);
    seen.add(text);
    if (body !== undefined) checkBlock(context, body);
  });
}

function checkActionLabel(context: Context, label: Expression, { table }: Extract<Type, { kind: "action-run" }>): void {
  if (label.kind !== "path") {
    context.error(label.span, "a case of action_run is the name of an action");
    return;
  }
  const names = table.actions.map(({ name }) => name.name);
  if (!names.includes(label.name)) {
    context.unknownName(label.span, `action of table ${table.name.text}`, label.name, names);
    return;
  }
  const [declaration] = context.scope.find(label.name);
  if (declaration !== undefined) context.semantics.references.set(label, declaration);
}

function checkForIn(context: Context, { variable, collection, body }: ForInStatement): void {
  const inside = context.inner({ loops: context.loops + 1 });
  checkVariable(inside, variable);
  const type = context.semantics.typeOfDeclaration(variable);
  if (collection.kind === "range") {
    for (const bound of [collection.low, collection.high]) {
      checkExpected(context, bound, type, "the bound of the loop");
      context.constant(bound, "the bound of the loop");
    }
    context.semantics.types.set(collection, { kind: "set", element: type });
  } else {
    const found = checkExpression(context, collection);
    if (found.kind === "tuple" || found.kind === "stack") {
      const elements: readonly Type[] = found.kind === "tuple" ? found.elements : [found.element];
      for (const element of elements) requireAssignable(context, collection, element, type, "the variable of the loop");
    } else if (found.kind !== "unknown") {
      context.error(collection.span, `a loop goes over low..high, a list or a stack, found ${formatType(found)}`);
    }
  }
  checkStatement(inside.inner(), body);
}

function checkReturn(context: Context, { value, span }: Extract<Statement, { kind: "return" }>): void {
  const { result } = context;
  if (value === undefined) {
    if (result !== undefined && result.kind !== "void")
      context.error(span, `this function returns ${formatType(result)}`);
    return;
  }
  if (result === undefined || result.kind === "void") {
    checkExpression(context, value);
    context.error(value.span, "there is nothing to return here");
    return;
  }
  checkExpected(context, value, result, "what is returned");
}
