import { readFileSync } from "node:fs";
import { join } from "node:path";
import { compileP4, type Compilation, describeDiagnostic, IncludeFolders } from "../../../src/p4/compiler/index.ts";
import { referenceFaults } from "./json-references.ts";

/** Where the programs with a test each are. */
export const programsFolder = join(import.meta.dirname, "../programs");

/** Compile a text without expectations. */
export function tryCompile(
  text: string,
  file = "test.p4",
  defines: Readonly<Record<string, string>> = {},
): Compilation {
  return compileP4(text, file, { includes: new IncludeFolders(), defines: new Map(Object.entries(defines)) });
}

/** Compile a text that has to compile; what its JSON refers to has to be there. Places in the source are left out. */
export function compiled(text: string, file?: string, defines?: Readonly<Record<string, string>>): unknown {
  const { json, diagnostics } = tryCompile(text, file, defines);
  if (json === undefined) throw new Error(diagnostics.map(describeDiagnostic).join("\n\n"));
  const faults = referenceFaults(json);
  if (faults.length > 0) throw new Error(faults.join("\n"));
  return JSON.parse(JSON.stringify(json, (key, value: unknown) => (key === "source_info" ? undefined : value)));
}

/** Compile one of test/p4/programs. */
export function compiledProgram(name: string, defines?: Readonly<Record<string, string>>): unknown {
  const file = join(programsFolder, `${name}.p4`);
  return compiled(readFileSync(file, "utf8"), file, defines);
}

/** A part of JSON: a key of an object, a place in a list, or the `name` of one of the things in a list. */
export function part(json: unknown, ...path: readonly (string | number)[]): unknown {
  let found: unknown = json;
  for (const step of path) {
    const list: unknown[] | undefined = Array.isArray(found) ? found : undefined;
    const next: unknown =
      list !== undefined && typeof step === "string"
        ? list.find((each) => (each as { name?: unknown }).name === step)
        : (found as Record<string | number, unknown> | undefined)?.[step];
    if (next === undefined)
      throw new Error(`no ${step} of ${path.join(" / ")} in ${JSON.stringify(found).slice(0, 500)}`);
    found = next;
  }
  return found;
}

/** A list that is a part of JSON. */
export function parts(json: unknown, ...path: readonly (string | number)[]): readonly unknown[] {
  return part(json, ...path) as readonly unknown[];
}

/** A table of ingress. */
export function table(json: unknown, name: string, ...path: readonly (string | number)[]): unknown {
  return part(json, "pipelines", "ingress", "tables", name, ...path);
}

/** The operators of the primitives of an action. */
export function primitives(json: unknown, action: string): readonly string[] {
  return parts(json, "actions", action, "primitives").map((primitive) => String(part(primitive, "op")));
}

/** A parse state. */
export function state(json: unknown, name: string, ...path: readonly (string | number)[]): unknown {
  return part(json, "parsers", 0, "parse_states", name, ...path);
}

/** The messages about a text, as `line: severity: message`. */
export function messages(text: string): readonly string[] {
  return tryCompile(text).diagnostics.map(({ line, severity, message }) => `${line}: ${severity}: ${message}`);
}

/** A field as JSON refers to it. */
export function field(header: string, name: string): unknown {
  return { type: "field", value: [header, name] };
}
