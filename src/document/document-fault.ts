import { KestrelError } from "../error/kestrel-error.ts";

/** The keys and indices that lead from the root of a document to a value in it. */
export type DocumentPath = readonly (string | number)[];

/** One thing that is wrong with a document. */
export interface DocumentFault {
  /** The file, or the name that a document without a file goes by. */
  readonly file: string;
  /** 1-based; absent when the document has no text (a builder's). */
  readonly line?: number;
  /** 1-based, in UTF-16 code units. */
  readonly column?: number;
  /** Where it is in the structure; empty for the whole document and for faults of syntax. */
  readonly path: DocumentPath;
  readonly message: string;
  readonly hint?: string;
  /** The lines around it, with a mark below the place. */
  readonly frame?: string;
}

const shownFaults = 40;

/** Everything that is wrong with a document, at once (exit code 2). Its message shows each fault in its code frame. */
export class DocumentFaults extends KestrelError {
  readonly faults: readonly DocumentFault[];

  /**
   * @param step - what the document was read for: "read topology"
   * @param faults - at least one; they are put in the order of their places, repeated ones once
   */
  constructor(step: string, faults: readonly DocumentFault[], options?: ErrorOptions) {
    const ordered = inOrder(faults);
    const count = ordered.length === 1 ? "1 fault" : `${ordered.length} faults`;
    const shown = ordered.slice(0, shownFaults).map(describeFault);
    if (ordered.length > shownFaults) shown.push(`… and ${ordered.length - shownFaults} more`);
    super({ kind: "input", step, subject: ordered[0]?.file, found: [count, ...shown].join("\n\n") }, options);
    this.name = "DocumentFaults";
    this.faults = ordered;
  }

  /** The faults as data, for `--json`. */
  toJSON(): { readonly message: string; readonly faults: readonly DocumentFault[] } {
    return { message: this.message, faults: this.faults };
  }
}

/** A fault as a person reads it: place and message, the code frame, the hint. No trailing newline. */
export function describeFault(fault: DocumentFault): string {
  const lines = [`${placeOf(fault)}: ${fault.message}`];
  if (fault.frame !== undefined) lines.push(fault.frame);
  if (fault.hint !== undefined) lines.push(`  hint: ${fault.hint}`);
  return lines.join("\n");
}

/** A path as people write it: `nodes.h1.ports.net0.addresses[1]`. */
export function formatPath(path: DocumentPath): string {
  return path
    .map((key, index) => (typeof key === "number" ? `[${key}]` : index === 0 ? quoteKey(key) : `.${quoteKey(key)}`))
    .join("");
}

function quoteKey(key: string): string {
  return /^[\w-]+$/.test(key) ? key : JSON.stringify(key);
}

function placeOf({ file, line, column, path }: DocumentFault): string {
  if (line !== undefined) return `${file}:${line}:${column ?? 1}`;
  return path.length === 0 ? file : `${file}: ${formatPath(path)}`;
}

function inOrder(faults: readonly DocumentFault[]): DocumentFault[] {
  const unique = new Map(faults.map((fault) => [`${placeOf(fault)}\n${fault.message}`, fault]));
  return [...unique.values()].toSorted((a, b) => (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0));
}
