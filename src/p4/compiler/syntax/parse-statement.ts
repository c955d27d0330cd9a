import type { BinaryOperator, BlockStatement, Expression, Statement, SwitchCase, VariableDeclaration } from "./ast.ts";
import { parseExpression, parseKeyset } from "./parse-expression.ts";
import { parseAnnotations } from "./parse-annotation.ts";
import { parseType, startsType } from "./parse-type.ts";
import type { TokenStream } from "./token-stream.ts";

const assignments: ReadonlyMap<string, BinaryOperator> = new Map([
  ["+=", "+"],
  ["-=", "-"],
  ["*=", "*"],
  ["/=", "/"],
  ["%=", "%"],
  ["|+|=", "|+|"],
  ["|-|=", "|-|"],
  ["&=", "&"],
  ["|=", "|"],
  ["^=", "^"],
  ["<<=", "<<"],
]);

const statementWords: ReadonlySet<string> = new Set([
  "if",
  "switch",
  "for",
  "return",
  "exit",
  "const",
  "break",
  "continue",
]);

/** `{ … }`. */
export function parseBlock(tokens: TokenStream, place: string): BlockStatement {
  return tokens.nested(() => {
    const { span } = tokens.expect("{", place);
    const statements = parseStatements(tokens);
    tokens.expect("}", "at the end of the block");
    return { kind: "block", statements, span: tokens.spanFrom(span) };
  });
}

/** Statements up to a `}` or one of these words. */
export function parseStatements(tokens: TokenStream, until?: string): readonly Statement[] {
  const statements: Statement[] = [];
  const starts = (): boolean =>
    (until !== undefined && tokens.is(until)) ||
    (tokens.next.kind === "keyword" && statementWords.has(tokens.next.text));
  while (!tokens.is("}") && tokens.next.kind !== "end" && !(until !== undefined && tokens.is(until))) {
    const statement = tokens.recovering(() => parseStatement(tokens), starts);
    if (statement !== undefined) statements.push(statement);
  }
  return statements;
}

/** One statement, with its semicolon. */
function parseStatement(tokens: TokenStream): Statement {
  const { span, text, kind } = tokens.next;
  if (text === "@" && kind === "punctuation") {
    const annotations = parseAnnotations(tokens);
    if (isVariable(tokens)) return parseVariable(tokens, annotations);
    return parseStatement(tokens);
  }
  if (kind === "punctuation" && text === "{") return parseBlock(tokens, "");
  if (kind === "punctuation" && text === ";") {
    tokens.take();
    return { kind: "empty", span };
  }
  if (kind === "keyword") {
    switch (text) {
      case "if":
        return tokens.nested(() => parseIf(tokens));
      case "switch":
        return parseSwitch(tokens);
      case "for":
        return parseFor(tokens);
      case "return":
        return parseReturn(tokens);
      case "exit":
      case "break":
      case "continue":
        tokens.take();
        tokens.expect(";", `after ${text}`);
        return { kind: text, span };
      case "const":
        return parseConstant(tokens, []);
    }
  }
  if (isVariable(tokens)) return parseVariable(tokens, []);
  const statement = parseAssignmentOrCall(tokens);
  tokens.expect(";", "at the end of the statement");
  return { ...statement, span: tokens.spanFrom(span) };
}

/** `const type name = value;` */
export function parseConstant(
  tokens: TokenStream,
  annotations: VariableDeclaration["annotations"],
): Extract<Statement, { kind: "constant" }> {
  const { span } = tokens.expect("const", "");
  const type = parseType(tokens);
  const name = tokens.expectName("the name of the constant");
  tokens.expect("=", "after the name of the constant");
  const value = parseExpression(tokens);
  tokens.expect(";", "after the value of the constant");
  return { kind: "constant", type, name, value, annotations, span: tokens.spanFrom(span) };
}

/** Whether a declaration follows: a type and a name. */
export function isVariable(tokens: TokenStream): boolean {
  if (tokens.next.kind === "identifier" && tokens.peek(1).kind === "identifier") return true;
  if (tokens.next.kind !== "identifier" && !startsType(tokens)) return false;
  if (tokens.is("error") && tokens.is(".", 1)) return false;
  return tokens.looksLike(() => {
    parseType(tokens);
    tokens.expectName("");
    if (!tokens.is("=") && !tokens.is(";") && !tokens.is("in")) throw tokens.fault("expected =");
  });
}

/** `type name = value;` */
export function parseVariable(
  tokens: TokenStream,
  annotations: VariableDeclaration["annotations"],
): VariableDeclaration {
  const variable = parseVariableHead(tokens, annotations);
  tokens.expect(";", "after the declaration");
  return variable;
}

function parseVariableHead(tokens: TokenStream, annotations: VariableDeclaration["annotations"]): VariableDeclaration {
  const { span } = tokens.next;
  const type = parseType(tokens);
  const name = tokens.expectName("the name of the variable");
  const initial = tokens.accept("=") ? parseExpression(tokens) : undefined;
  const base = { kind: "variable" as const, type, name, annotations, span: tokens.spanFrom(span) };
  return initial === undefined ? base : { ...base, initial };
}

function parseAssignmentOrCall(tokens: TokenStream): Statement {
  const { span } = tokens.next;
  const target = parseExpression(tokens);
  const operator = assignmentOperator(tokens);
  if (operator !== undefined) {
    const value = parseExpression(tokens);
    const base = { kind: "assignment" as const, target, value, span: tokens.spanFrom(span) };
    return operator === "=" ? base : { ...base, operator };
  }
  if (target.kind === "call") return { kind: "call-statement", call: target, span: tokens.spanFrom(span) };
  throw tokens.fault("expected an assignment or a call");
}

/** Takes the operator; `>>=` is two tokens that touch. */
function assignmentOperator(tokens: TokenStream): BinaryOperator | "=" | undefined {
  if (tokens.accept("=")) return "=";
  if (tokens.is(">") && tokens.is(">=", 1)) {
    tokens.take();
    tokens.take();
    return ">>";
  }
  const operator = tokens.next.kind === "punctuation" ? assignments.get(tokens.next.text) : undefined;
  if (operator !== undefined) tokens.take();
  return operator;
}

function parseIf(tokens: TokenStream): Statement {
  const { span } = tokens.take();
  tokens.expect("(", "after if");
  const condition = parseExpression(tokens);
  tokens.expect(")", "after the condition");
  const then = parseStatement(tokens);
  const otherwise = tokens.accept("else") ? parseStatement(tokens) : undefined;
  const base = { kind: "if" as const, condition, then, span: tokens.spanFrom(span) };
  return otherwise === undefined ? base : { ...base, otherwise };
}

function parseReturn(tokens: TokenStream): Statement {
  const { span } = tokens.take();
  const value = tokens.is(";") ? undefined : parseExpression(tokens);
  tokens.expect(";", "after return");
  const base = { kind: "return" as const, span: tokens.spanFrom(span) };
  return value === undefined ? base : { ...base, value };
}

function parseSwitch(tokens: TokenStream): Statement {
  const { span } = tokens.take();
  tokens.expect("(", "after switch");
  const value = parseExpression(tokens);
  tokens.expect(")", "after the value of the switch");
  tokens.expect("{", "before the cases of the switch");
  const cases: SwitchCase[] = [];
  while (!tokens.is("}") && tokens.next.kind !== "end") {
    const label = parseKeyset(tokens);
    tokens.expect(":", "after the label of a case");
    const body = tokens.is("{") ? parseBlock(tokens, "") : undefined;
    const base = { label, span: tokens.spanFrom(label.span) };
    cases.push(body === undefined ? base : { ...base, body });
  }
  tokens.expect("}", "after the cases of the switch");
  return { kind: "switch", value, cases, span: tokens.spanFrom(span) };
}

function parseFor(tokens: TokenStream): Statement {
  const { span } = tokens.take();
  tokens.expect("(", "after for");
  const annotations = parseAnnotations(tokens);
  const collection = tokens.attempt(() => {
    const variable = parseVariableHead(tokens, annotations);
    tokens.expect("in", "");
    return variable;
  });
  if (collection !== undefined) {
    const values = parseRange(tokens);
    tokens.expect(")", "after the values of the loop");
    const body = parseStatement(tokens);
    return { kind: "for-in", variable: collection, collection: values, body, span: tokens.spanFrom(span) };
  }
  const initial = parseForParts(tokens, ";");
  tokens.expect(";", "after the start of the loop");
  const condition = parseExpression(tokens);
  tokens.expect(";", "after the condition of the loop");
  const update = parseForParts(tokens, ")");
  tokens.expect(")", "after the head of the loop");
  const body = parseStatement(tokens);
  return { kind: "for", initial, condition, update, body, span: tokens.spanFrom(span) };
}

function parseRange(tokens: TokenStream): Expression {
  const low = parseExpression(tokens);
  if (!tokens.accept("..")) return low;
  const high = parseExpression(tokens);
  return { kind: "range", low, high, span: tokens.spanFrom(low.span) };
}

function parseForParts(tokens: TokenStream, end: string): readonly Statement[] {
  const parts: Statement[] = [];
  while (!tokens.is(end)) {
    const isDeclaration = tokens.looksLike(() => {
      parseType(tokens);
      tokens.expectName("");
    });
    parts.push(isDeclaration ? parseVariableHead(tokens, []) : parseAssignmentOrCall(tokens));
    if (!tokens.accept(",")) break;
  }
  return parts;
}
