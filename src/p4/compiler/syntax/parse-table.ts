import type {
  ActionReference,
  Annotation,
  PathExpression,
  TableDeclaration,
  TableEntries,
  TableEntry,
  TableKey,
  TableProperty,
} from "./ast.ts";
import { parseAnnotations } from "./parse-annotation.ts";
import { parseArguments, parseExpression, parseKeyset } from "./parse-expression.ts";
import type { TokenStream } from "./token-stream.ts";

interface TableParts {
  keys: TableKey[];
  actions: ActionReference[];
  entries?: TableEntries;
  properties: TableProperty[];
}

/** `table name { properties }`. */
export function parseTable(tokens: TokenStream, annotations: readonly Annotation[]): TableDeclaration {
  const { span } = tokens.take();
  const name = tokens.expectName("the name of the table");
  tokens.expect("{", "before the properties of the table");
  const parts: TableParts = { keys: [], actions: [], properties: [] };
  while (!tokens.is("}") && tokens.next.kind !== "end") {
    tokens.recovering(
      () => {
        parseProperty(tokens, parts);
      },
      () => false,
    );
  }
  tokens.expect("}", "after the properties of the table");
  return { kind: "table", annotations, name, ...parts, span: tokens.spanFrom(span) };
}

function parseProperty(tokens: TokenStream, parts: TableParts): void {
  parseAnnotations(tokens);
  const { span } = tokens.next;
  const constant = tokens.accept("const");
  const name = tokens.expectName("a property of the table");
  tokens.expect("=", `after ${name.text}`);
  const braces = tokens.is("{");
  if (name.text === "key" && braces) parts.keys.push(...parseKeys(tokens));
  else if (name.text === "actions" && braces) parts.actions.push(...parseActions(tokens));
  else if (name.text === "entries" && braces) parts.entries = parseEntries(tokens, constant, span);
  else {
    const value = parseExpression(tokens);
    tokens.expect(";", `after ${name.text}`);
    parts.properties.push({ name, constant, value, span: tokens.spanFrom(span) });
    return;
  }
  tokens.accept(";");
}

function parseKeys(tokens: TokenStream): readonly TableKey[] {
  const keys: TableKey[] = [];
  tokens.expect("{", "before the keys");
  while (!tokens.is("}") && tokens.next.kind !== "end") {
    const expression = parseExpression(tokens);
    tokens.expect(":", "between a key and its match kind");
    const matchKind = tokens.expectName("a match kind");
    const annotations = parseAnnotations(tokens);
    tokens.expect(";", "after the key");
    keys.push({ expression, matchKind, annotations, span: tokens.spanFrom(expression.span) });
  }
  tokens.expect("}", "after the keys");
  return keys;
}

function parseActions(tokens: TokenStream): readonly ActionReference[] {
  const actions: ActionReference[] = [];
  tokens.expect("{", "before the actions");
  while (!tokens.is("}") && tokens.next.kind !== "end") {
    const annotations = parseAnnotations(tokens);
    actions.push(parseActionReference(tokens, annotations));
    if (!tokens.accept(";") && !tokens.accept(",")) break;
  }
  tokens.expect("}", "after the actions");
  return actions;
}

function parseActionReference(tokens: TokenStream, annotations: readonly Annotation[]): ActionReference {
  const { span } = tokens.next;
  const global = tokens.accept(".");
  const { text } = tokens.expectName("the name of an action");
  const name: PathExpression = { kind: "path", name: text, global, span: tokens.spanFrom(span) };
  const actionArguments = tokens.is("(") ? parseArguments(tokens) : [];
  return { name, arguments: actionArguments, annotations, span: tokens.spanFrom(span) };
}

function parseEntries(tokens: TokenStream, constant: boolean, span: TableEntries["span"]): TableEntries {
  const entries: TableEntry[] = [];
  tokens.expect("{", "before the entries");
  while (!tokens.is("}") && tokens.next.kind !== "end") {
    const entry = tokens.recovering(
      () => parseEntry(tokens),
      () => false,
    );
    if (entry !== undefined) entries.push(entry);
  }
  tokens.expect("}", "after the entries");
  return { constant, entries, span: tokens.spanFrom(span) };
}

function parseEntry(tokens: TokenStream): TableEntry {
  const { span } = tokens.next;
  const constant = tokens.accept("const");
  let priority: TableEntry["priority"];
  if (tokens.is("priority") && tokens.is("=", 1)) {
    tokens.take();
    tokens.take();
    priority = parseExpression(tokens);
    tokens.expect(":", "after the priority");
  }
  const keyset = parseKeyset(tokens);
  tokens.expect(":", "after the key set");
  const action = parseActionReference(tokens, parseAnnotations(tokens));
  const annotations = parseAnnotations(tokens);
  tokens.expect(";", "after the entry");
  const base = { constant, keyset, action, annotations, span: tokens.spanFrom(span) };
  return priority === undefined ? base : { ...base, priority };
}
