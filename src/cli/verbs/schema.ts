import { topologyJsonSchema } from "../../topology/index.ts";
import type { Session } from "../session.ts";

/** Print the JSON Schema of topology files. */
export function schema({ terminal }: Session): void {
  terminal.printJson(topologyJsonSchema());
}
