import { renderPlan } from "../../topology/index.ts";
import type { JsonOption, Session } from "../session.ts";
import { readTopologyFile, type TopologyOptions } from "../topology-file.ts";

/** Options of `kestrel plan`. */
export interface PlanOptions extends JsonOption, TopologyOptions {}

/** Print what a topology comes to. */
export async function plan({ terminal }: Session, file: string, options: PlanOptions): Promise<void> {
  const { plan: resolved } = await readTopologyFile(file, options);
  if (options.json === true) terminal.printJson(resolved);
  else terminal.print(renderPlan(resolved));
}
