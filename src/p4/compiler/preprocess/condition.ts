import type { Diagnostics } from "../diagnostics/diagnostics.ts";
import { evaluateIntegers } from "../check/integer-arithmetic.ts";
import type { Span } from "../diagnostics/source-file.ts";
import type { Expression } from "../syntax/ast.ts";
import { parseExpression } from "../syntax/parse-expression.ts";
import type { Token } from "../syntax/token.ts";
import { SyntaxFault, TokenStream } from "../syntax/token-stream.ts";
import { MacroExpander, type MacroTable } from "./macro.ts";

/** Whether the condition of `#if` or `#elif` holds; one that makes no sense is reported and does not hold. */
export function conditionHolds(
  tokens: readonly Token[],
  span: Span,
  macros: MacroTable,
  diagnostics: Diagnostics,
): boolean {
  const answered = answerDefined(tokens, macros);
  const expanded = new MacroExpander(macros, diagnostics).expand(answered);
  const end: Token = { kind: "end", text: "", span: { ...span, start: span.end }, spaced: false, startsLine: false };
  const stream = new TokenStream([...expanded, end], diagnostics);
  let expression: Expression;
  try {
    expression = parseExpression(stream);
    if (stream.next.kind !== "end") throw stream.fault("expected the end of the condition");
  } catch (error) {
    if (error instanceof SyntaxFault) return false;
    throw error;
  }
  const value = valueOf(expression);
  if (value === undefined)
    diagnostics.error(span, "this condition has no value", "conditions are made of numbers and defined()");
  return value !== undefined && value !== 0n;
}

/** `defined(name)` and `defined name` become 1 or 0 before macros are replaced. */
function answerDefined(tokens: readonly Token[], macros: MacroTable): readonly Token[] {
  const result: Token[] = [];
  for (let at = 0; at < tokens.length; at++) {
    const token = tokens[at];
    if (token === undefined) break;
    if (token.text !== "defined") {
      result.push(token);
      continue;
    }
    const parenthesised = tokens[at + 1]?.text === "(";
    const name = tokens[at + (parenthesised ? 2 : 1)];
    at += parenthesised ? 3 : 1;
    const value = name !== undefined && macros.has(name.text) ? 1n : 0n;
    result.push({ ...token, kind: "integer", text: String(value), integer: { value, signed: false } });
  }
  return result;
}

/** As C has it: everything is a number, and names that are no macros are 0. */
function valueOf(expression: Expression): bigint | undefined {
  switch (expression.kind) {
    case "integer":
      return expression.literal.value;
    case "boolean":
      return expression.value ? 1n : 0n;
    case "path":
      return 0n;
    case "unary": {
      const operand = valueOf(expression.operand);
      if (operand === undefined) return undefined;
      if (expression.operator === "!") return operand === 0n ? 1n : 0n;
      return expression.operator === "-" ? -operand : expression.operator === "~" ? ~operand : operand;
    }
    case "conditional": {
      const condition = valueOf(expression.condition);
      if (condition === undefined) return undefined;
      return valueOf(condition === 0n ? expression.otherwise : expression.then);
    }
    case "binary": {
      const left = valueOf(expression.left);
      if (left === undefined) return undefined;
      if (expression.operator === "&&" && left === 0n) return 0n;
      if (expression.operator === "||" && left !== 0n) return 1n;
      const right = valueOf(expression.right);
      if (right === undefined) return undefined;
      if (expression.operator === "&&" || expression.operator === "||") return right === 0n ? 0n : 1n;
      const result = evaluateIntegers(expression.operator, left, right);
      return typeof result === "boolean" ? (result ? 1n : 0n) : result;
    }
    default:
      return undefined;
  }
}
