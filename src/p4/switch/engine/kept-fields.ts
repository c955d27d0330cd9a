import type { Dataplane } from "../dataplane.ts";
import type { FieldList } from "../format/program.ts";

/** The values of a field list, for a packet whose metadata will be cleared. */
export function readList(list: FieldList | undefined, dataplane: Dataplane): readonly bigint[] {
  return (list?.elements ?? []).map((element) =>
    element.kind === "field" ? dataplane.readField(element.field) : element.value,
  );
}

/** Put the values of a field list back. */
export function writeList(list: FieldList | undefined, values: readonly bigint[], dataplane: Dataplane): void {
  for (const [at, element] of (list?.elements ?? []).entries()) {
    if (element.kind === "field") dataplane.writeField(element.field, values[at] ?? 0n);
  }
}
