import type { Diagnostics } from "../diagnostics/diagnostics.ts";
import type { Program, TopLevel } from "./ast.ts";
import { parseTopLevel } from "./parse-declaration.ts";
import type { Token } from "./token.ts";
import { TokenStream } from "./token-stream.ts";

const declarationWords: ReadonlySet<string> = new Set([
  "action",
  "const",
  "control",
  "enum",
  "extern",
  "header",
  "header_union",
  "package",
  "parser",
  "struct",
  "typedef",
]);

/** The tree of a program. What cannot be read is reported and left out; what follows is read all the same. */
export function parseProgram(source: readonly Token[], diagnostics: Diagnostics): Program {
  const tokens = new TokenStream(source, diagnostics);
  const declarations: TopLevel[] = [];
  const starts = (): boolean =>
    tokens.next.kind === "keyword" && tokens.next.startsLine && declarationWords.has(tokens.next.text);
  while (tokens.next.kind !== "end") {
    if (tokens.accept(";")) continue;
    const declaration = tokens.recovering(() => parseTopLevel(tokens), starts);
    if (declaration !== undefined) declarations.push(declaration);
    else tokens.accept("}");
  }
  return { declarations };
}
