import { basename } from "node:path";
import { DocumentFaults, inspectText, inspectValue, readDocumentText, type Inspection } from "../document/index.ts";
import { checkClashes } from "./clashes.ts";
import { expand } from "./expansion.ts";
import type { FlatNode, FlatTopology } from "./flat-topology.ts";
import type { Scalar } from "./expression.ts";
import { FaultLog } from "./fault-log.ts";
import type { Plan } from "./plan.ts";
import { resolveNode } from "./resolve-node.ts";
import { resolveStack } from "./resolve-stack.ts";
import { resolveCabling } from "./resolve-wires.ts";
import { topologySchema, type TopologyDeclaration } from "./schema.ts";
import { nodeName } from "./schema-scalars.ts";
import { resolveAfter, resolveStages } from "./stages.ts";

/** What may be said about a topology from outside. */
export interface PlanOptions {
  /** Values for the topology's own parameters, over their defaults. */
  readonly parameters?: Readonly<Record<string, Scalar>>;
  /** Instead of the declared seed. */
  readonly seed?: number;
}

const step = "read topology";

/**
 * Read a topology file and plan it.
 *
 * @throws DocumentFaults with everything that is wrong in it
 * @throws KestrelError (kind `input`) when the file cannot be read
 */
export async function readTopology(path: string, options: PlanOptions = {}): Promise<Plan> {
  const { text } = await readDocumentText(path, step);
  return parseTopology(text, path, options);
}

/**
 * Plan a topology given as YAML text.
 *
 * @param file - what the text is called in faults; the topology's name comes from it unless it is declared
 * @throws DocumentFaults with everything that is wrong in it
 */
export function parseTopology(text: string, file: string, options: PlanOptions = {}): Plan {
  const fromFile = basename(file)
    .replace(/\.[^.]*$/, "")
    .toLowerCase();
  const fallback = nodeName.safeParse(fromFile).success ? fromFile : "topology";
  return resolve(inspectText(text, file, topologySchema), fallback, options);
}

/**
 * Plan a topology given as data. Faults name the path of the entry.
 *
 * @throws DocumentFaults with everything that is wrong in it
 */
export function planTopology(declaration: TopologyDeclaration, options: PlanOptions = {}): Plan {
  const name = typeof declaration.name === "string" ? declaration.name : "topology";
  return resolve(inspectValue(declaration, name, topologySchema), "topology", options);
}

function resolve(document: Inspection<TopologyDeclaration>, fallbackName: string, options: PlanOptions): Plan {
  const declaration = document.value;
  if (declaration === undefined) throw new DocumentFaults(step, document.faults);
  const log = new FaultLog(document);
  const name = declaration.name ?? fallbackName;
  const seed = options.seed ?? declaration.seed ?? 0;
  const flat = expand(declaration, options.parameters ?? {}, log);
  const byName = nodesByName(flat, log);
  const { wires, segments, attachments } = resolveCabling(flat, byName, declaration.defaults?.wire ?? {}, log);
  const after = resolveAfter(byName, log);
  const stages = resolveStages(after, byName, log);
  const nodes = [...byName.values()].map((node) =>
    resolveNode(node, { topology: name, seed, attachments, after: after.get(node.name) ?? [] }, log),
  );
  checkClashes(nodes, byName, log);
  const stack = resolveStack(declaration.stack ?? {}, byName, log);
  if (nodes.length === 0 && log.faults.length === 0)
    log.report([[]], [], "the topology has no nodes", "add some under `nodes:`");
  if (log.faults.length > 0) throw new DocumentFaults(step, log.faults);
  return { version: 1, name, seed, nodes, wires, segments, stages, groups: flat.groups, stack };
}

function nodesByName(flat: FlatTopology, log: FaultLog): Map<string, FlatNode> {
  const nodes = new Map<string, FlatNode>();
  for (const node of flat.nodes) {
    const problem = nodeName.safeParse(node.name);
    if (!problem.success) {
      log.report(
        node.sources,
        [],
        `${JSON.stringify(node.name)} is not a node name: expected ${nodeNameRule}`,
        undefined,
        "key",
      );
    }
    if (nodes.has(node.name)) {
      log.report(node.sources, [], `there are two nodes ${JSON.stringify(node.name)}`, undefined, "key");
    } else nodes.set(node.name, node);
  }
  return nodes;
}

const nodeNameRule = 'at most 63 lower-case letters, digits and "-"';
