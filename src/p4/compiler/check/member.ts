import { nameHint } from "../diagnostics/name-hint.ts";
import type { Declaration, Expression, MemberExpression } from "../syntax/ast.ts";
import type { Context } from "./context.ts";
import { checkExpression } from "./expression.ts";
import { bitType, boolType, errorType, formatType, isHeader, isUnion, type Type } from "./types.ts";

/** Methods that may be meant by a member without parentheses. */
const methods: ReadonlySet<string> = new Set(["isValid", "setValid", "setInvalid", "push_front", "pop_front", "apply"]);

/** The type of `base.member`. */
export function memberType(context: Context, expression: MemberExpression): Type {
  const { base, member } = expression;
  const { text, span } = member;
  if (base.kind === "path" && base.name === "error") return errorMember(context, expression);
  const named = declarationOf(context, base);
  if (named?.kind === "enum" && base.kind === "path") {
    context.semantics.references.set(base, named);
    context.semantics.used.add(named);
    const type = context.semantics.typeOfDeclaration(named);
    if (named.members.some(({ name }) => name.text === text)) return type;
    return context.unknownName(
      span,
      `member of ${named.name.text}`,
      text,
      named.members.map(({ name }) => name.text),
    );
  }
  const type = checkExpression(context, base);
  switch (type.kind) {
    case "unknown":
      return type;
    case "struct": {
      const field = context.semantics.fieldOf(type, text);
      if (field !== undefined) return field.type;
      if (methods.has(text)) return context.error(span, `${text} is a method`, `write ${text}()`);
      const names = context.semantics.fieldsOf(type).map(({ name }) => name);
      return context.error(span, `${formatType(type)} has no field ${JSON.stringify(text)}`, nameHint(text, names));
    }
    case "stack":
      return stackMember(context, expression, type.element);
    case "apply-result":
      if (text === "hit" || text === "miss") return boolType;
      if (text === "action_run") return { kind: "action-run", table: type.table };
      return context.unknownName(span, "result of a table", text, ["hit", "miss", "action_run"]);
    case "table":
      return context.error(
        span,
        `a table has no member ${JSON.stringify(text)}`,
        "write apply().hit, apply().miss or apply().action_run",
      );
    default:
      return context.error(span, `${formatType(type)} has no members`);
  }
}

function stackMember(context: Context, { base, member }: MemberExpression, element: Type): Type {
  switch (member.text) {
    case "next":
    case "last":
    case "lastIndex":
      if (context.surroundings !== "parser") {
        return context.error(
          member.span,
          `${member.text} of a stack has a meaning in parsers only`,
          "use an index, such as stack[0]",
        );
      }
      return member.text === "lastIndex" ? bitType(32) : element;
    case "size":
      return bitType(32);
    default: {
      const hint =
        isHeader(element) || isUnion(element) ? `its elements have fields: write [0].${member.text}` : undefined;
      return context.error(
        member.span,
        `${formatType(context.semantics.typeOf(base))} has no member ${JSON.stringify(member.text)}`,
        hint,
      );
    }
  }
}

function errorMember(context: Context, { member }: MemberExpression): Type {
  const { errors } = context.semantics;
  if (errors.includes(member.text)) return errorType;
  return context.unknownName(member.span, "error", member.text, errors);
}

function declarationOf(context: Context, base: Expression): Declaration | undefined {
  if (base.kind !== "path") return undefined;
  return (base.global ? context.scope.root : context.scope).find(base.name)[0];
}
