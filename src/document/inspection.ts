import type { z } from "zod";
import type { DocumentFault, DocumentPath } from "./document-fault.ts";
import type { DocumentSource, EntryPart } from "./document-source.ts";
import { explainIssues, type SchemaIssue } from "./schema-issues.ts";

/**
 * What is known of a document after its schema was applied, whether it fits or not. Faults that only the reader of
 * the document can see (a reference that dangles) are added by {@link Inspection.faultAt}, so that all are told at once.
 */
export interface Inspection<T> {
  /** The document without the entries that are at fault; `undefined` when nothing useful is left. */
  readonly value: T | undefined;
  readonly faults: readonly DocumentFault[];
  /** A fault at `path` of {@link Inspection.value}. */
  faultAt(path: DocumentPath, message: string, hint?: string, part?: EntryPart): DocumentFault;
  /** Whether the document itself says something at `path` of {@link Inspection.value}. */
  has(path: DocumentPath): boolean;
  /** Whether an entry at or below `path` was left out: what follows from its absence is not worth telling. */
  isDamaged(path: DocumentPath): boolean;
}

/** Apply `schema` to `value`; leave out what does not fit until the rest does. */
export function inspect<T>(source: DocumentSource, value: unknown, schema: z.ZodType<T>): Inspection<T> {
  const salvage = new Salvage(structuredClone(value));
  const faults: DocumentFault[] = [];
  let result: T | undefined;
  // Every round removes something, so the number of entries bounds the loop; the first round finds nearly all.
  for (let round = 0; ; round++) {
    const parsed = schema.safeParse(salvage.value);
    if (parsed.success) {
      result = parsed.data;
      break;
    }
    const issues = explainIssues(schema, salvage.value, parsed.error.issues);
    if (round === 0) {
      for (const { path, message, hint, part } of issues) faults.push(source.faultAt(path, message, hint, part));
    }
    if (!salvage.remove(issues)) break;
  }
  return {
    value: result,
    faults,
    faultAt: (path, message, hint, part) => source.faultAt(salvage.originalPath(path), message, hint, part),
    has: (path) => source.has(salvage.originalPath(path)),
    isDamaged: (path) => salvage.isDamaged(path),
  };
}

/** A value from which entries are removed, remembering where the others were. */
class Salvage {
  value: unknown;
  /** By list (path as JSON): the original indices of what is left. */
  readonly #listIndices = new Map<string, number[]>();
  readonly #damaged: DocumentPath[] = [];
  readonly #emptied = new Set<string>();

  constructor(value: unknown) {
    this.value = value;
  }

  /** Remove what the issues are about; false when that is the whole value. */
  remove(issues: readonly SchemaIssue[]): boolean {
    const paths = issues.map(({ path, missing }) => (missing ? path.slice(0, -1) : path));
    if (paths.length === 0 || paths.some((path) => path.length === 0)) return false;
    // Later list entries first, so that the indices of the others hold; what holds others after them.
    const unique = new Map(paths.map((path) => [JSON.stringify(path), path]));
    for (const path of [...unique.values()].toSorted(byDescendingPath)) this.#removeAt(path);
    return true;
  }

  originalPath(path: DocumentPath): DocumentPath {
    const original: (string | number)[] = [];
    for (const key of path) {
      const indices = typeof key === "number" ? this.#listIndices.get(JSON.stringify(original)) : undefined;
      original.push(typeof key === "number" ? (indices?.[key] ?? key) : key);
    }
    return original;
  }

  isDamaged(path: DocumentPath): boolean {
    const original = this.originalPath(path);
    return this.#damaged.some((damaged) => original.every((key, depth) => damaged[depth] === key));
  }

  #removeAt(path: DocumentPath): void {
    const original = this.originalPath(path);
    const holder = path.slice(0, -1).reduce<unknown>((value, key) => entryOf(value, key), this.value);
    const key = path.at(-1);
    this.#damaged.push(original);
    if (Array.isArray(holder) && typeof key === "number") {
      const list = JSON.stringify(original.slice(0, -1));
      const indices = this.#listIndices.get(list) ?? holder.map((_, index) => index);
      indices.splice(key, 1);
      this.#listIndices.set(list, indices);
      holder.splice(key, 1);
    } else if (typeof holder === "object" && holder !== null && key !== undefined) {
      const record = holder as Record<string | number, unknown>;
      const place = JSON.stringify(original);
      // An empty entry keeps the name known, so that references to it do not dangle as well.
      if (record[key] !== null && Object.hasOwn(record, key) && !this.#emptied.has(place)) record[key] = null;
      else Reflect.deleteProperty(record, key);
      this.#emptied.add(place);
    }
  }
}

function entryOf(value: unknown, key: string | number): unknown {
  return typeof value === "object" && value !== null ? (value as Record<string | number, unknown>)[key] : undefined;
}

function byDescendingPath(a: DocumentPath, b: DocumentPath): number {
  for (let depth = 0; depth < Math.min(a.length, b.length); depth++) {
    const [left, right] = [a[depth], b[depth]];
    if (left === right) continue;
    if (typeof left === "number" && typeof right === "number") return right - left;
    return String(left) < String(right) ? 1 : -1;
  }
  return b.length - a.length;
}
