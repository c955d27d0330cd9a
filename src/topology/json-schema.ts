import { z } from "zod";
import { topologySchema } from "./schema.ts";

/** A JSON Schema (2020-12), as far as it is looked into here. */
export interface JsonSchema {
  readonly $ref?: string;
  readonly $defs?: Readonly<Record<string, JsonSchema>>;
  readonly title?: string;
  readonly description?: string;
  readonly type?: string;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly anyOf?: readonly JsonSchema[];
  readonly items?: JsonSchema;
  readonly enum?: readonly string[];
  readonly const?: string;
  readonly additionalProperties?: JsonSchema | boolean;
}

/** The JSON Schema of a topology file, for editors; the root has the title "Kestrel topology". */
export function topologyJsonSchema(): JsonSchema {
  const schema = z.toJSONSchema(topologySchema, { io: "input", target: "draft-2020-12" });
  return { ...(schema as JsonSchema), title: "Kestrel topology" };
}
