import type { Annotation, Name } from "../syntax/ast.ts";
import { annotationText } from "../syntax/parse-annotation.ts";

/** The name that the control plane knows something by: `@name("x")` replaces its own, `@name(".x")` all of it. */
export function controlPlaneName(
  prefix: string,
  { name, annotations }: { readonly name: Name; readonly annotations: readonly Annotation[] },
): string {
  const given = annotationText(annotations, "name") ?? name.text;
  if (given.startsWith(".")) return given.slice(1);
  return prefix === "" ? given : `${prefix}.${given}`;
}
