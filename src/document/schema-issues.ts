import type { z } from "zod";
import type { DocumentPath } from "./document-fault.ts";
import { valueAt } from "./document-source.ts";
import { nameHint } from "../error/nearest-name.ts";
import { keysAt } from "./schema-keys.ts";

type Issue = z.core.$ZodIssue;

/** One fault of a value against its schema, and what must go so that the rest can still be looked at. */
export interface SchemaIssue {
  readonly path: DocumentPath;
  readonly part: "key" | "value";
  readonly message: string;
  readonly hint?: string | undefined;
  /** The entry is missing, so that what should hold it is unusable; otherwise the entry at `path` is. */
  readonly missing: boolean;
}

/** Put the issues of a failed parse into words. Unions are explained by the member that the value comes closest to. */
export function explainIssues(schema: z.ZodType, value: unknown, issues: readonly Issue[]): SchemaIssue[] {
  return issues.flatMap((issue) => explain(schema, value, issue, []));
}

function explain(schema: z.ZodType, root: unknown, issue: Issue, prefix: DocumentPath): SchemaIssue[] {
  const path = [...prefix, ...issue.path.map((key) => (typeof key === "symbol" ? String(key) : key))];
  const value = valueAt(root, path);
  if (issue.code === "unrecognized_keys") {
    const known = keysAt(schema, path);
    return issue.keys.map((key) => ({
      path: [...path, key],
      part: "key",
      message: `unknown key ${JSON.stringify(key)}`,
      hint: nameHint(key, known),
      missing: false,
    }));
  }
  if (value === undefined && path.length > 0) {
    const key = path.at(-1);
    const wanted = isOwnWords(issue) || issue.code === "invalid_type" ? ` (${expectation(issue)})` : "";
    const message =
      typeof key === "number" ? `expected an entry ${key + 1}` : `the key ${JSON.stringify(key)} is missing${wanted}`;
    return [{ path, part: "key", message, missing: true }];
  }
  if (issue.code === "invalid_union") return explainUnion(schema, root, issue, path, value);
  if (issue.code === "invalid_key") {
    const message = issue.issues.map((inner) => inner.message).join("; ");
    return [{ path, part: "key", message: withFound(message, path.at(-1)), missing: false }];
  }
  const { message, hint } = describe(issue, value);
  return [{ path, part: "value", message, hint, missing: false }];
}

function explainUnion(
  schema: z.ZodType,
  root: unknown,
  issue: Extract<Issue, { code: "invalid_union" }>,
  path: DocumentPath,
  value: unknown,
): SchemaIssue[] {
  const members = issue.errors.filter((errors) => errors.length > 0);
  const close = members.filter(
    (errors) => !errors.some((error) => error.code === "invalid_type" && error.path.length === 0),
  );
  const [closest] = close.toSorted((a, b) => a.length - b.length);
  const atRoot = close.length > 1 && close.every((errors) => errors.every(isAtRoot));
  const ambiguous = atRoot || (isTie(close) && isOwnWords(issue));
  if (closest !== undefined && !ambiguous) return closest.flatMap((error) => explain(schema, root, error, path));
  if (issue.message.startsWith("expected")) {
    return [{ path, part: "value", message: withFound(issue.message, value), missing: false }];
  }
  const expected = [
    ...new Set((close.length > 0 ? close : members).flatMap((errors) => errors.map((error) => expectation(error)))),
  ];
  return [{ path, part: "value", message: withFound(`expected ${expected.join(" or ")}`, value), missing: false }];
}

/** Two members are equally close, so that to explain one of them would mislead. */
function isTie(members: readonly (readonly Issue[])[]): boolean {
  const least = Math.min(...members.map((errors) => errors.length));
  return members.filter((errors) => errors.length === least).length > 1;
}

function isAtRoot(issue: Issue): boolean {
  return issue.path.length === 0 && issue.code !== "unrecognized_keys";
}

function expectation(issue: Issue): string {
  return describe(issue, undefined)
    .message.replace(/^expected /, "")
    .replace(/, found .*$/, "");
}

function describe(issue: Issue, value: unknown): { message: string; hint?: string | undefined } {
  switch (issue.code) {
    case "invalid_type":
      return { message: withFound(isOwnWords(issue) ? issue.message : `expected ${typeName(issue.expected)}`, value) };
    case "invalid_value": {
      const values = issue.values.map(String);
      const hint = typeof value === "string" && values.length > 1 ? nameHint(value, values) : undefined;
      const expected = values.length === 1 ? values.join("") : `one of ${values.join(", ")}`;
      return { message: withFound(`expected ${expected}`, value), hint };
    }
    case "too_small":
      return {
        message: withFound(
          isOwnWords(issue) ? issue.message : `expected at least ${amount(issue.minimum, issue.origin)}`,
          value,
        ),
      };
    case "too_big":
      return {
        message: withFound(
          isOwnWords(issue) ? issue.message : `expected at most ${amount(issue.maximum, issue.origin)}`,
          value,
        ),
      };
    case "not_multiple_of":
    case "invalid_format":
    case "invalid_key":
    case "invalid_element":
    case "invalid_union":
    case "unrecognized_keys":
    case "custom":
      return { message: withFound(issue.message, value) };
  }
}

/** A schema's own message says what is expected; zod's begin with a capital letter. */
function isOwnWords(issue: Issue): boolean {
  return issue.message.startsWith("expected");
}

function amount(limit: number | bigint, origin: string): string {
  if (origin === "string") return `${limit} characters`;
  if (origin === "array" || origin === "set") return `${limit} entries`;
  return String(limit);
}

function withFound(message: string, value: unknown): string {
  return message.startsWith("expected") ? `${message}, found ${describeValue(value)}` : message;
}

const longestQuote = 60;

function describeValue(value: unknown): string {
  if (value === null) return "nothing";
  if (Array.isArray(value)) return value.length === 0 ? "an empty list" : `a list of ${value.length}`;
  if (typeof value === "object") return "a mapping";
  if (typeof value === "string") {
    const text = value.length > longestQuote ? `${value.slice(0, longestQuote)}…` : value;
    return JSON.stringify(text);
  }
  if (typeof value === "number") return `the number ${value}`;
  if (typeof value === "boolean") return String(value);
  return typeof value;
}

function typeName(type: string): string {
  const names: Record<string, string> = {
    string: "text",
    int: "a whole number",
    number: "a number",
    boolean: "true or false",
    array: "a list",
    tuple: "a list",
    object: "a mapping",
    record: "a mapping",
    null: "nothing",
  };
  return names[type] ?? type;
}
