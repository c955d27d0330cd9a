import type {
  ActionDeclaration,
  Annotation,
  ControlBody,
  ControlDeclaration,
  LocalDeclaration,
  ParserBody,
  ParserDeclaration,
  SelectCase,
  StateDeclaration,
  Transition,
  ValueSetDeclaration,
} from "./ast.ts";
import { parseAnnotations } from "./parse-annotation.ts";
import { parseInstance, parseParameters } from "./parse-declaration.ts";
import { parseExpression, parseKeyset } from "./parse-expression.ts";
import { isVariable, parseBlock, parseConstant, parseStatements, parseVariable } from "./parse-statement.ts";
import { parseTable } from "./parse-table.ts";
import { parseType, parseTypeParameters } from "./parse-type.ts";
import type { TokenStream } from "./token-stream.ts";

/** `action name(parameters) { … }`. */
export function parseAction(tokens: TokenStream, annotations: readonly Annotation[]): ActionDeclaration {
  const { span } = tokens.take();
  const name = tokens.expectName("the name of the action");
  const parameters = parseParameters(tokens);
  const body = parseBlock(tokens, "before the body of the action");
  return { kind: "action", annotations, name, parameters, body, span: tokens.spanFrom(span) };
}

/** A control, or the type of one. */
export function parseControl(tokens: TokenStream, annotations: readonly Annotation[]): ControlDeclaration {
  const { span } = tokens.next;
  const head = parseHead(tokens);
  if (tokens.accept(";")) return { kind: "control", annotations, ...head, span: tokens.spanFrom(span) };
  const body = parseControlBody(tokens);
  return { kind: "control", annotations, ...head, body, span: tokens.spanFrom(span) };
}

/** A parser, or the type of one. */
export function parseParser(tokens: TokenStream, annotations: readonly Annotation[]): ParserDeclaration {
  const { span } = tokens.next;
  const head = parseHead(tokens);
  if (tokens.accept(";")) return { kind: "parser", annotations, ...head, span: tokens.spanFrom(span) };
  const body = parseParserBody(tokens);
  return { kind: "parser", annotations, ...head, body, span: tokens.spanFrom(span) };
}

function parseHead(
  tokens: TokenStream,
): Pick<ControlDeclaration, "name" | "typeParameters" | "parameters" | "constructorParameters"> {
  const { text } = tokens.take();
  const name = tokens.expectName(`the name of the ${text}`);
  tokens.typeNames.add(name.text);
  const typeParameters = parseTypeParameters(tokens);
  const parameters = parseParameters(tokens);
  const constructorParameters = tokens.is("(") ? parseParameters(tokens) : [];
  return { name, typeParameters, parameters, constructorParameters };
}

function parseControlBody(tokens: TokenStream): ControlBody {
  const open = tokens.expect("{", "before the body of the control");
  const locals = parseLocals(tokens, "apply");
  if (!tokens.is("apply")) {
    // The rest is worth reading all the same.
    tokens.diagnostics.error(tokens.next.span, "this control has no apply block", "add apply { } as its last part");
    tokens.accept("}");
    return { locals, apply: { kind: "block", statements: [], span: open.span } };
  }
  tokens.take();
  const apply = parseBlock(tokens, "after apply");
  tokens.expect("}", "after the apply block: it is the last part of a control");
  return { locals, apply };
}

function parseParserBody(tokens: TokenStream): ParserBody {
  tokens.expect("{", "before the body of the parser");
  const locals = parseLocals(tokens, "state");
  const states: StateDeclaration[] = [];
  const startsState = (): boolean => tokens.is("state");
  while (!tokens.is("}") && tokens.next.kind !== "end") {
    const state = tokens.recovering(() => parseState(tokens), startsState);
    if (state !== undefined) states.push(state);
  }
  tokens.expect("}", "after the states of the parser");
  return { locals, states };
}

const localWords: ReadonlySet<string> = new Set(["action", "table", "const"]);

function parseLocals(tokens: TokenStream, until: string): readonly LocalDeclaration[] {
  const locals: LocalDeclaration[] = [];
  const ends = (): boolean => tokens.is(until) && (until === "state" || tokens.is("{", 1));
  const starts = (): boolean => ends() || (tokens.next.kind === "keyword" && localWords.has(tokens.next.text));
  while (!tokens.is("}") && tokens.next.kind !== "end" && !ends()) {
    const local = tokens.recovering(() => parseLocal(tokens, until), starts);
    if (local !== undefined) locals.push(local);
  }
  return locals;
}

function parseLocal(tokens: TokenStream, until: string): LocalDeclaration {
  const annotations = parseAnnotations(tokens);
  if (tokens.is("action")) return parseAction(tokens, annotations);
  if (tokens.is("table")) return parseTable(tokens, annotations);
  if (tokens.is("const")) return parseConstant(tokens, annotations);
  if (tokens.is("value_set")) return parseValueSet(tokens, annotations);
  if (isVariable(tokens)) return parseVariable(tokens, annotations);
  if (tokens.next.kind === "identifier") return parseInstance(tokens, annotations);
  throw tokens.fault(`expected a declaration or ${until}`);
}

function parseValueSet(tokens: TokenStream, annotations: readonly Annotation[]): ValueSetDeclaration {
  const { span } = tokens.take();
  tokens.expect("<", "before the type of the value set");
  const type = parseType(tokens);
  tokens.expect(">", "after the type of the value set");
  tokens.expect("(", "before the size of the value set");
  const size = parseExpression(tokens);
  tokens.expect(")", "after the size of the value set");
  const name = tokens.expectName("the name of the value set");
  tokens.expect(";", "after the value set");
  return { kind: "value-set", annotations, type, size, name, span: tokens.spanFrom(span) };
}

function parseState(tokens: TokenStream): StateDeclaration {
  const annotations = parseAnnotations(tokens);
  const { span } = tokens.expect("state", "here: a parser ends with its states");
  const name = tokens.expectName("the name of the state");
  tokens.expect("{", "before the body of the state");
  const statements = parseStatements(tokens, "transition");
  const transition = tokens.is("transition") ? parseTransition(tokens) : undefined;
  tokens.expect("}", "after the transition of the state");
  const base = { kind: "state" as const, annotations, name, statements, span: tokens.spanFrom(span) };
  return transition === undefined ? base : { ...base, transition };
}

function parseTransition(tokens: TokenStream): Transition {
  const { span } = tokens.take();
  if (!tokens.is("select")) {
    const next = tokens.expectName("the name of a state");
    tokens.expect(";", "after the transition");
    return { kind: "direct", next, span: tokens.spanFrom(span) };
  }
  tokens.take();
  tokens.expect("(", "after select");
  const keys = [parseExpression(tokens)];
  while (tokens.accept(",")) keys.push(parseExpression(tokens));
  tokens.expect(")", "after the keys");
  tokens.expect("{", "before the cases");
  const cases: SelectCase[] = [];
  while (!tokens.is("}") && tokens.next.kind !== "end") {
    const selected = tokens.recovering(
      () => parseSelectCase(tokens),
      () => false,
    );
    if (selected !== undefined) cases.push(selected);
  }
  tokens.expect("}", "after the cases");
  return { kind: "select", keys, cases, span: tokens.spanFrom(span) };
}

function parseSelectCase(tokens: TokenStream): SelectCase {
  const keyset = parseKeyset(tokens);
  tokens.expect(":", "after the key set");
  const next = tokens.expectName("the name of a state");
  tokens.expect(";", "after the case");
  return { keyset, next, span: tokens.spanFrom(keyset.span) };
}
