import {
  formatPath,
  inspectValue,
  type DocumentFault,
  type DocumentPath,
  type EntryPart,
  type Inspection,
} from "../document/index.ts";
import type { z } from "zod";
import type { Substitution } from "./substitution.ts";

/** Where something was declared: its own place first, then those it inherits from. */
export type Sources = readonly DocumentPath[];

/** Collects the faults of a topology, each at the place where it was declared. */
export class FaultLog {
  readonly faults: DocumentFault[];
  readonly #document: Inspection<unknown>;

  constructor(document: Inspection<unknown>) {
    this.#document = document;
    this.faults = [...document.faults];
  }

  /** Report a fault at the first of `sources` that says something at `path` below it. */
  report(sources: Sources, path: DocumentPath, message: string, hint?: string, part: EntryPart = "value"): void {
    this.faults.push(this.#document.faultAt(this.#locate(sources, path), message, hint, part));
  }

  /** Whether an entry at `path` was left out because it is at fault, in any of `sources`. */
  isDamaged(sources: Sources, path: DocumentPath): boolean {
    return sources.some((source) => this.#document.isDamaged([...source, ...path]));
  }

  /**
   * Report the expressions without a value, and check what the others came to against the schema that the declaration
   * has passed with expressions in it.
   */
  evaluated<T>(
    { value, changed, faults, declaredPath }: Substitution<T>,
    schema: z.ZodType<T> | undefined,
    sources: Sources,
  ): T | undefined {
    for (const { path, message, hint } of faults) this.report(sources, path, message, hint);
    if (!changed || schema === undefined) return value;
    const told = new Set(faults.map(({ path }) => formatPath(path)));
    const inspection = inspectValue(value, "", schema);
    for (const { path, message, hint } of inspection.faults) {
      const declared = declaredPath(path);
      if (!told.has(formatPath(declared))) this.report(sources, declared, message, hint);
    }
    return inspection.value;
  }

  #locate(sources: Sources, path: DocumentPath): DocumentPath {
    // A short form lacks the level of `addresses`, `ends` or `ports`.
    const short = path.filter((key, index) => !(index > 0 && key === "addresses") && key !== "ends");
    for (const source of sources) {
      for (const variant of [path, short]) {
        const place = [...source, ...variant];
        if (this.#document.has(place)) return place;
      }
    }
    return [...(sources[0] ?? []), ...path];
  }
}
