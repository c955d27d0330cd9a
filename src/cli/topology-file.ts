import { dirname, resolve } from "node:path";
import { keyValues, wholeNumber } from "./option-values.ts";
import { readTopology, type Plan } from "../topology/index.ts";

/** A topology file, resolved, and the folder that its relative paths are in. */
export interface TopologyFile {
  readonly plan: Plan;
  readonly directory: string;
}

/** Options of all verbs that read a topology file. */
export interface TopologyOptions {
  readonly set?: readonly string[];
  readonly seed?: string;
}

/**
 * Read and plan a topology file.
 *
 * @throws KestrelError (input) for options that are wrong
 * @throws DocumentFaults with everything that is wrong in it
 */
export async function readTopologyFile(path: string, { set, seed }: TopologyOptions): Promise<TopologyFile> {
  const plan = await readTopology(path, {
    parameters: Object.fromEntries(
      Object.entries(keyValues(set ?? [], "--set")).map(([name, text]) => [name, scalar(text)]),
    ),
    ...(seed === undefined ? {} : { seed: wholeNumber(seed, "--seed", 0) }),
  });
  return { plan, directory: dirname(resolve(path)) };
}

/** A parameter's value, as the same text in YAML would be. */
function scalar(text: string): string | number | boolean {
  if (text === "true" || text === "false") return text === "true";
  return /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : text;
}
