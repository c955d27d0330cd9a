import type { Argument, BinaryOperator, Expression, Name, RecordField, UnaryOperator } from "./ast.ts";
import { parseType, parseTypeArguments, startsType } from "./parse-type.ts";
import type { TokenStream } from "./token-stream.ts";

/** Binary operators from the loosest to the tightest; those of one level associate to the left. */
const levels: readonly (readonly BinaryOperator[])[] = [
  ["||"],
  ["&&"],
  ["==", "!="],
  ["<", ">", "<=", ">="],
  ["|"],
  ["^"],
  ["&"],
  ["<<", ">>"],
  ["+", "-", "|+|", "|-|", "++"],
  ["*", "/", "%"],
];

const unaryOperators: ReadonlySet<string> = new Set(["!", "~", "-", "+"]);

/** An expression, without the forms that only key sets have. */
export function parseExpression(tokens: TokenStream): Expression {
  return tokens.nested(() => {
    const condition = parseBinary(tokens, 0);
    if (!tokens.accept("?")) return condition;
    const then = parseExpression(tokens);
    tokens.expect(":", "between the two values of ?:");
    const otherwise = parseExpression(tokens);
    return { kind: "conditional", condition, then, otherwise, span: tokens.spanFrom(condition.span) };
  });
}

/** A key set: a value, `value &&& mask`, `low..high`, `_`, `default`, or a list of these in parentheses. */
export function parseKeyset(tokens: TokenStream): Expression {
  const { span } = tokens.next;
  if (tokens.is("(") && isTuple(tokens)) {
    tokens.take();
    const elements: Expression[] = [];
    while (!tokens.is(")")) {
      elements.push(parseSimpleKeyset(tokens));
      if (!tokens.accept(",")) break;
    }
    tokens.expect(")", "after the key set");
    return { kind: "list", elements, span: tokens.spanFrom(span) };
  }
  return parseSimpleKeyset(tokens);
}

/** `( … , … )` or `( … )` in front of `:` is a tuple of key sets, and no parenthesised part of a value. */
function isTuple(tokens: TokenStream): boolean {
  let depth = 0;
  let at = 0;
  do {
    if (tokens.peek(at).kind === "end") return false;
    if (tokens.is("(", at)) depth++;
    if (tokens.is(")", at)) depth--;
    at++;
  } while (depth > 0);
  return tokens.is(":", at);
}

function parseSimpleKeyset(tokens: TokenStream): Expression {
  const { span } = tokens.next;
  if (tokens.accept("default")) return { kind: "default", span };
  if (tokens.accept("_")) return { kind: "dont-care", span };
  const value = parseExpression(tokens);
  if (tokens.accept("&&&")) {
    const mask = parseExpression(tokens);
    return { kind: "mask", value, mask, span: tokens.spanFrom(span) };
  }
  if (tokens.accept("..")) {
    const high = parseExpression(tokens);
    return { kind: "range", low: value, high, span: tokens.spanFrom(span) };
  }
  return value;
}

function parseBinary(tokens: TokenStream, level: number): Expression {
  const operators = levels[level];
  if (operators === undefined) return parseUnary(tokens);
  let left = parseBinary(tokens, level + 1);
  for (;;) {
    const operator = operators.find((candidate) => isOperator(tokens, candidate));
    if (operator === undefined) return left;
    tokens.take();
    if (operator === ">>") tokens.take();
    const right = parseBinary(tokens, level + 1);
    left = { kind: "binary", operator, left, right, span: tokens.spanFrom(left.span) };
  }
}

/** `>>` is two tokens that touch; a `>` in front of another one is not an operator by itself. */
function isOperator(tokens: TokenStream, operator: BinaryOperator): boolean {
  const shift = tokens.is(">") && tokens.is(">", 1) && !tokens.peek(1).spaced;
  const shiftAssignment = tokens.is(">") && tokens.is(">=", 1) && !tokens.peek(1).spaced;
  if (operator === ">>") return shift;
  if (operator === ">") return tokens.is(">") && !shift && !shiftAssignment;
  return tokens.is(operator);
}

function parseUnary(tokens: TokenStream): Expression {
  const { text, kind, span } = tokens.next;
  if (kind === "punctuation" && unaryOperators.has(text)) {
    tokens.take();
    const operand = tokens.nested(() => parseUnary(tokens));
    return { kind: "unary", operator: text as UnaryOperator, operand, span: tokens.spanFrom(span) };
  }
  if (tokens.is("(") && isCast(tokens)) {
    tokens.take();
    const type = parseType(tokens);
    tokens.expect(")", "after the type of a cast");
    const operand = tokens.nested(() => parseUnary(tokens));
    return { kind: "cast", type, operand, span: tokens.spanFrom(span) };
  }
  return parsePostfix(tokens);
}

/** Whether `(` begins a cast: a type in parentheses, and behind it something that an expression begins with. */
function isCast(tokens: TokenStream): boolean {
  return tokens.looksLike(() => {
    tokens.take();
    if (!startsType(tokens) && !tokens.typeNames.has(tokens.next.text)) throw tokens.fault("expected a type");
    parseType(tokens);
    tokens.expect(")", "");
    const { kind, text } = tokens.next;
    const starts = kind === "punctuation" ? ["(", "{", "!", "~", "-", "+", "."].includes(text) : kind !== "end";
    if (!starts || text === ":") throw tokens.fault("expected an expression");
  });
}

function parsePostfix(tokens: TokenStream): Expression {
  let expression = parsePrimary(tokens);
  const { span } = expression;
  for (;;) {
    if (tokens.accept(".")) {
      const member = parseMemberName(tokens);
      expression = { kind: "member", base: expression, member, span: tokens.spanFrom(span) };
    } else if (tokens.is("[")) {
      expression = parseSubscript(tokens, expression);
    } else if (tokens.is("(")) {
      expression = parseCall(tokens, expression, []);
    } else if (tokens.is("<")) {
      const typeArguments = tokens.attempt(() => {
        const types = parseTypeArguments(tokens);
        if (!tokens.is("(")) throw tokens.fault("expected (");
        return types;
      });
      if (typeArguments === undefined) return expression;
      expression = parseCall(tokens, expression, typeArguments);
    } else {
      return expression;
    }
  }
}

/** A member may be called like a contextual word, and `error.X` and stacks' members are ordinary names. */
function parseMemberName(tokens: TokenStream): Name {
  return tokens.expectName("the name of a member after the dot");
}

function parseSubscript(tokens: TokenStream, base: Expression): Expression {
  tokens.take();
  const first = parseExpression(tokens);
  if (tokens.accept(":")) {
    const low = parseExpression(tokens);
    tokens.expect("]", "after the slice");
    return { kind: "slice", base, high: first, low, span: tokens.spanFrom(base.span) };
  }
  tokens.expect("]", "after the index");
  return { kind: "index", base, index: first, span: tokens.spanFrom(base.span) };
}

function parseCall(
  tokens: TokenStream,
  callee: Expression,
  typeArguments: ReturnType<typeof parseTypeArguments>,
): Expression {
  const callArguments = parseArguments(tokens);
  return { kind: "call", callee, typeArguments, arguments: callArguments, span: tokens.spanFrom(callee.span) };
}

/** `(argument, …)`. */
export function parseArguments(tokens: TokenStream): readonly Argument[] {
  tokens.expect("(", "before the arguments");
  const list: Argument[] = [];
  while (!tokens.is(")")) {
    const { span } = tokens.next;
    const named = tokens.next.kind === "identifier" && tokens.is("=", 1);
    const name = named ? tokens.expectName("the name of an argument") : undefined;
    if (named) tokens.take();
    const value = tokens.is("_") ? parseSimpleKeyset(tokens) : parseExpression(tokens);
    const base = { value, span: tokens.spanFrom(span) };
    list.push(name === undefined ? base : { ...base, name });
    if (!tokens.accept(",")) break;
  }
  tokens.expect(")", "after the arguments");
  return list;
}

function parsePrimary(tokens: TokenStream): Expression {
  const { kind, text, span, integer } = tokens.next;
  if (kind === "integer" && integer !== undefined) {
    tokens.take();
    return { kind: "integer", literal: integer, span };
  }
  if (kind === "string") {
    tokens.take();
    return { kind: "string", value: text, span };
  }
  if (text === "true" || text === "false") {
    tokens.take();
    return { kind: "boolean", value: text === "true", span };
  }
  if (text === "error" || text === "this" || text === "match_kind") {
    tokens.take();
    return { kind: "path", name: text, global: false, span };
  }
  if (tokens.accept("...")) return { kind: "default", span };
  if (tokens.accept(".")) {
    const name = tokens.expectName("a name of the outermost scope after the dot");
    return { kind: "path", name: name.text, global: true, span: tokens.spanFrom(span) };
  }
  if (tokens.accept("(")) {
    const inner = parseExpression(tokens);
    tokens.expect(")", "after the expression");
    return inner;
  }
  if (tokens.is("{")) return tokens.nested(() => parseBraces(tokens));
  const name = tokens.expectName("an expression");
  return { kind: "path", name: name.text, global: false, span: name.span };
}

/** `{ a, b }`, `{ x = a, y = b }` or `{#}`. */
function parseBraces(tokens: TokenStream): Expression {
  const { span } = tokens.take();
  if (tokens.accept("#")) {
    tokens.expect("}", "after {#");
    return { kind: "invalid-header", span: tokens.spanFrom(span) };
  }
  if (tokens.next.kind === "identifier" && tokens.is("=", 1)) {
    const fields: RecordField[] = [];
    let rest = false;
    while (!tokens.is("}")) {
      rest = tokens.accept("...");
      if (rest) break;
      const name = tokens.expectName("the name of a field");
      tokens.expect("=", "after the name of the field");
      const value = parseExpression(tokens);
      fields.push({ name, value, span: tokens.spanFrom(name.span) });
      if (!tokens.accept(",")) break;
    }
    tokens.expect("}", "after the fields");
    return { kind: "record", fields, rest, span: tokens.spanFrom(span) };
  }
  const elements: Expression[] = [];
  let rest = false;
  while (!tokens.is("}")) {
    rest = tokens.accept("...");
    if (rest) break;
    elements.push(parseExpression(tokens));
    if (!tokens.accept(",")) break;
  }
  tokens.expect("}", "after the list");
  return { kind: "list", elements, rest, span: tokens.spanFrom(span) };
}
