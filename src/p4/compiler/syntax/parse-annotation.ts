import type { Annotation, Expression } from "./ast.ts";
import { parseExpression } from "./parse-expression.ts";
import type { Token } from "./token.ts";
import type { TokenStream } from "./token-stream.ts";

/** `@name`, `@name(expressions)`, `@name[expressions]`, as many as there are. */
export function parseAnnotations(tokens: TokenStream): readonly Annotation[] {
  const annotations: Annotation[] = [];
  while (tokens.is("@")) {
    const { span } = tokens.take();
    // An annotation may be called like a word of the language.
    const { text, kind } = tokens.next;
    if (kind !== "identifier" && kind !== "keyword") throw tokens.fault("expected the name of an annotation");
    tokens.take();
    const body = tokens.is("(") ? readBody(tokens, ")") : tokens.is("[") ? readBody(tokens, "]") : undefined;
    annotations.push({ name: text, arguments: [], tokens: [], ...body, span: tokens.spanFrom(span) });
  }
  return annotations;
}

/** Whether there is an annotation of this name. */
export function hasAnnotation(annotations: readonly Annotation[], name: string): boolean {
  return annotations.some((annotation) => annotation.name === name);
}

/** The text of `@name("text")`, of the annotation with this name. */
export function annotationText(annotations: readonly Annotation[], name: string): string | undefined {
  const value = annotations.find((annotation) => annotation.name === name)?.arguments[0];
  return value?.kind === "string" ? value.value : undefined;
}

function readBody(tokens: TokenStream, close: string): Pick<Annotation, "arguments" | "tokens"> {
  const values = tokens.attempt(() => {
    tokens.take();
    const list: Expression[] = [];
    while (!tokens.is(close)) {
      list.push(parseExpression(tokens));
      if (!tokens.accept(",")) break;
    }
    tokens.expect(close, "");
    return list;
  });
  if (values !== undefined) return { arguments: values, tokens: [] };
  return { arguments: [], tokens: readTokens(tokens) };
}

/** Anything between balanced brackets. */
function readTokens(tokens: TokenStream): readonly Token[] {
  const inside: Token[] = [];
  tokens.take();
  for (let depth = 1; depth > 0;) {
    if (tokens.next.kind === "end") throw tokens.fault("expected the end of the annotation");
    if (tokens.is("(") || tokens.is("[")) depth++;
    if (tokens.is(")") || tokens.is("]")) depth--;
    const token = tokens.take();
    if (depth > 0) inside.push(token);
  }
  return inside;
}
