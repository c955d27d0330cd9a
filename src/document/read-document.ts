import { readdir, readFile, stat } from "node:fs/promises";
import { basename, dirname } from "node:path";
import type { z } from "zod";
import { KestrelError } from "../error/kestrel-error.ts";
import { DocumentFaults, type DocumentFault, type DocumentPath } from "./document-fault.ts";
import { ValueSource, type EntryPart } from "./document-source.ts";
import { inspect, type Inspection } from "./inspection.ts";
import { nameHint } from "../error/nearest-name.ts";
import { parseYaml } from "./yaml-syntax.ts";

/** A document that fits its schema. */
export interface Document<T> {
  /** The file, or the name given. */
  readonly name: string;
  readonly value: T;
  /** A fault of meaning at `path`: line, column and code frame are found. Throw it in a {@link DocumentFaults}. */
  faultAt(path: DocumentPath, message: string, hint?: string, part?: EntryPart): DocumentFault;
}

/** The text of a file and the name it is known by in faults. */
export interface DocumentText {
  readonly name: string;
  readonly text: string;
}

/**
 * Read a YAML file against a schema.
 *
 * @param step - what it is read for, for errors: "read image"
 * @throws KestrelError when the file cannot be read
 * @throws DocumentFaults with everything that is wrong in it
 */
export async function readDocument<T>(
  path: string,
  schema: z.ZodType<T>,
  step = "read document",
): Promise<Document<T>> {
  const { name, text } = await readDocumentText(path, step);
  return parseDocument(text, name, schema, step);
}

/**
 * Parse a YAML text against a schema.
 *
 * @param name - what the text is called in faults, usually the path of its file
 * @throws DocumentFaults with everything that is wrong in it
 */
export function parseDocument<T>(
  text: string,
  name: string,
  schema: z.ZodType<T>,
  step = "read document",
): Document<T> {
  const inspection = inspectText(text, name, schema);
  const { value, faults } = inspection;
  if (faults.length > 0 || value === undefined) throw new DocumentFaults(step, faults);
  return {
    name,
    value,
    faultAt: (path, message, hint, part) => inspection.faultAt(path, message, hint, part),
  };
}

/** Like {@link parseDocument}, but what is at fault is left out of the value instead of ending the matter. */
export function inspectText<T>(text: string, name: string, schema: z.ZodType<T>): Inspection<T> {
  const { source, value, faults } = parseYaml(text, name);
  if (value === undefined) {
    return {
      value: undefined,
      faults,
      faultAt: (path, message, hint, part) => source.faultAt(path, message, hint, part),
      has: (path) => source.has(path),
      isDamaged: () => true,
    };
  }
  const inspection = inspect(source, value, schema);
  return { ...inspection, faults: [...faults, ...inspection.faults] };
}

/** Apply a schema to a value that a program built: faults name the path instead of the line. */
export function inspectValue<T>(value: unknown, name: string, schema: z.ZodType<T>): Inspection<T> {
  const source = new ValueSource(name, value);
  if (isPlainData(value, [])) return inspect(source, value, schema);
  const message =
    "expected plain data: lists, mappings, text, numbers, true, false and null; found something else in it";
  return { ...inspect(source, null, schema), value: undefined, faults: [source.faultAt([], message)] };
}

/**
 * Read a file of UTF-8 text.
 *
 * @throws KestrelError (kind `input`) when it is absent, a folder, unreadable or not text
 */
export async function readDocumentText(path: string, step = "read document"): Promise<DocumentText> {
  let bytes: Buffer;
  try {
    const facts = await stat(path);
    if (facts.isDirectory()) {
      throw unreadable(step, path, "a folder", "name the file in it", undefined);
    }
    bytes = await readFile(path);
  } catch (error) {
    if (error instanceof KestrelError) throw error;
    throw await explainReadError(step, path, error);
  }
  try {
    return { name: path, text: new TextDecoder("utf-8", { fatal: true }).decode(bytes) };
  } catch (error) {
    throw unreadable(step, path, `${bytes.length} bytes which are not UTF-8 text`, "is this a YAML file?", error);
  }
}

function isPlainData(value: unknown, holders: readonly unknown[]): boolean {
  if (typeof value !== "object" || value === null) return !["function", "symbol", "bigint"].includes(typeof value);
  if (holders.includes(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  if (!Array.isArray(value) && prototype !== Object.prototype && prototype !== null) return false;
  return Object.values(value).every((entry) => isPlainData(entry, [...holders, value]));
}

async function explainReadError(step: string, path: string, error: unknown): Promise<KestrelError> {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  if (code === "ENOENT" || code === "ENOTDIR") {
    const neighbours = await readdir(dirname(path)).catch(() => []);
    const hint = nameHint(
      basename(path),
      neighbours.filter((file) => /\.ya?ml$/.test(file)),
    );
    return unreadable(step, path, "no such file", hint, undefined);
  }
  if (code === "EACCES" || code === "EPERM") {
    return unreadable(step, path, "a file that may not be read", "look at its owner and mode: ls -l", error);
  }
  return unreadable(step, path, "a file that cannot be read", undefined, error);
}

function unreadable(
  step: string,
  subject: string,
  found: string,
  hint: string | undefined,
  cause: unknown,
): KestrelError {
  const options = cause === undefined ? undefined : { cause };
  return new KestrelError({ kind: "input", step, subject, expected: "a YAML file", found, hint }, options);
}
