import { codeFrame } from "./code-frame.ts";
import type { Span } from "./source-file.ts";

/** Whether a program is refused for it. */
export type Severity = "error" | "warning";

/** One thing that the compiler has to say about a program. */
export interface Diagnostic {
  readonly severity: Severity;
  readonly file: string;
  /** 1-based. */
  readonly line: number;
  /** 1-based, in UTF-16 code units. */
  readonly column: number;
  readonly message: string;
  readonly hint?: string;
  /** The lines around the place, with a mark below it. */
  readonly frame: string;
}

/** Collects what there is to say; each thing once. */
export class Diagnostics {
  readonly #found = new Map<string, Diagnostic & { readonly order: number }>();
  #errors = 0;

  hasErrors(): boolean {
    return this.#errors > 0;
  }

  error(span: Span, message: string, hint?: string): void {
    this.#add("error", span, message, hint);
  }

  warn(span: Span, message: string, hint?: string): void {
    this.#add("warning", span, message, hint);
  }

  /** Everything said, by file (in order of first mention), line and column. */
  list(): readonly Diagnostic[] {
    const files = new Map<string, number>();
    for (const { file } of this.#found.values()) if (!files.has(file)) files.set(file, files.size);
    const rank = (file: string): number => files.get(file) ?? 0;
    return [...this.#found.values()]
      .toSorted((a, b) => rank(a.file) - rank(b.file) || a.line - b.line || a.column - b.column || a.order - b.order)
      .map(({ order: _order, ...diagnostic }) => diagnostic);
  }

  #add(severity: Severity, span: Span, message: string, hint: string | undefined): void {
    const { line, column } = span.file.position(span.start);
    const key = `${span.file.name}:${line}:${column}:${message}`;
    if (this.#found.has(key)) return;
    if (severity === "error") this.#errors++;
    const order = this.#found.size;
    const base = { severity, file: span.file.name, line, column, message, frame: codeFrame(span), order };
    this.#found.set(key, hint === undefined ? base : { ...base, hint });
  }
}

/** A diagnostic as a person reads it: place and message, the code frame, the hint. No trailing newline. */
export function describeDiagnostic({ severity, file, line, column, message, frame, hint }: Diagnostic): string {
  const lines = [`${file}:${line}:${column}: ${severity}: ${message}`, frame];
  if (hint !== undefined) lines.push(`  hint: ${hint}`);
  return lines.join("\n");
}
