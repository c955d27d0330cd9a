import { nameHint } from "../document/index.ts";
import type { FlatNode, Scope } from "./flat-topology.ts";
import type { FaultLog } from "./fault-log.ts";
import type { AfterPlan } from "./plan.ts";

/** What each node waits for, with the names of instances replaced by the nodes in them. */
export function resolveAfter(nodes: ReadonlyMap<string, FlatNode>, log: FaultLog): Map<string, AfterPlan[]> {
  return new Map([...nodes.values()].map((node) => [node.name, afterOf(node, nodes, log)]));
}

function afterOf(node: FlatNode, nodes: ReadonlyMap<string, FlatNode>, log: FaultLog): AfterPlan[] {
  const waits = new Map<string, AfterPlan>();
  (node.body.after ?? []).forEach((entry, index) => {
    const { node: wanted, ready = false } = typeof entry === "string" ? { node: entry } : entry;
    const found = nodesNamed(wanted, node.scope, nodes);
    if (found.length === 0) {
      const local = [...nodes.keys()].filter((name) => name.startsWith(node.scope.prefix));
      const names = [...local.map((name) => name.slice(node.scope.prefix.length)), ...node.scope.instances.keys()];
      const path = node.declaredPath(["after", index, ...(typeof entry === "string" ? [] : ["node"])]);
      log.report(node.sources, path, `there is no node ${JSON.stringify(wanted)} to wait for`, nameHint(wanted, names));
    }
    for (const name of found) waits.set(name, { node: name, ready: ready || (waits.get(name)?.ready ?? false) });
  });
  return [...waits.values()];
}

function nodesNamed(name: string, scope: Scope, nodes: ReadonlyMap<string, FlatNode>): string[] {
  const full = scope.prefix + name;
  if (nodes.has(full)) return [full];
  return scope.instances.has(name) ? [...nodes.keys()].filter((node) => node.startsWith(`${full}-`)) : [];
}

/**
 * Node names by order of start-up: each stage holds the nodes that wait only for earlier ones.
 * Nodes that wait for each other in a circle are reported, once a circle, and left out.
 */
export function resolveStages(
  after: ReadonlyMap<string, readonly AfterPlan[]>,
  nodes: ReadonlyMap<string, FlatNode>,
  log: FaultLog,
): string[][] {
  const stages: string[][] = [];
  const done = new Set<string>();
  const left = new Set(after.keys());
  while (left.size > 0) {
    const stage = [...left].filter((name) => (after.get(name) ?? []).every(({ node }) => done.has(node)));
    if (stage.length === 0) break;
    stages.push(stage);
    for (const name of stage) {
      done.add(name);
      left.delete(name);
    }
  }
  for (const circle of circles(left, after)) {
    const node = nodes.get(circle[0] ?? "");
    if (node === undefined) continue;
    log.report(node.sources, ["after"], `nodes wait for each other in a circle: ${[...circle, circle[0]].join(" → ")}`);
  }
  return stages;
}

/** Every circle that is met when each node left is followed along its first wait that is left as well. */
function circles(left: ReadonlySet<string>, after: ReadonlyMap<string, readonly AfterPlan[]>): string[][] {
  const found: string[][] = [];
  const visited = new Set<string>();
  for (const start of left) {
    const walk: string[] = [];
    for (let name: string | undefined = start; name !== undefined && !visited.has(name);) {
      visited.add(name);
      walk.push(name);
      const next: string | undefined = after.get(name)?.find(({ node }) => left.has(node))?.node;
      if (next !== undefined && walk.includes(next)) found.push(walk.slice(walk.indexOf(next)));
      name = next;
    }
  }
  return found;
}
