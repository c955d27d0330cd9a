import { resolveBoundary } from "./resolve-boundary.ts";
import { formatPrefix, networkOf, parsePrefix } from "./addresses.ts";
import { nameHint } from "../document/index.ts";
import type { FaultLog } from "./fault-log.ts";
import type { FlatNode } from "./flat-topology.ts";
import { stackOfKind } from "./kinds.ts";
import { parseMebibytes, parseMilliseconds } from "./units.ts";
import type { ProjectPlan, StackPlan } from "./plan.ts";
import type { TopologyDeclaration } from "./schema.ts";

/** Resolve what the racks are asked for; nodes that are not there or run no stack are reported. */
export function resolveStack(
  declared: NonNullable<TopologyDeclaration["stack"]>,
  nodes: ReadonlyMap<string, FlatNode>,
  log: FaultLog,
): StackPlan {
  const originate = Object.entries(declared.originate ?? {}).map(([name, prefixes]) => {
    const path = ["originate", name];
    const node = nodes.get(name);
    if (node === undefined) {
      const message = `there is no node ${JSON.stringify(name)}`;
      log.report([["stack"]], path, message, nameHint(name, nodes.keys()), "key");
    } else if (stackOfKind(node.body.kind ?? "host") === null) {
      log.report([["stack"]], path, `${name} routes nothing: it is no sled and no switch`, undefined, "key");
    }
    return [name, prefixes.map((text, index) => canonicalNetwork(text, [...path, index], log))] as const;
  });
  return {
    signed: declared.signed ?? false,
    engine: declared.engine ?? "kestrel",
    multipath: resolveMultipath(declared.multipath),
    originate: Object.fromEntries(originate),
    projects: Object.entries(declared.projects ?? {}).map(([name, project]) => resolveProject(name, project, log)),
    machines: Number(declared.machines ?? 0),
    boundary: resolveBoundary(declared, nodes, log),
  };
}

const usualProbeInterval = "250 ms";

function resolveMultipath(declared: NonNullable<TopologyDeclaration["stack"]>["multipath"]): StackPlan["multipath"] {
  if (declared === undefined || declared === false) return null;
  const { interval = usualProbeInterval } = declared === true ? {} : declared;
  return { intervalMs: parseMilliseconds(interval) };
}

function canonicalNetwork(text: string, path: readonly (string | number)[], log: FaultLog): string {
  const prefix = parsePrefix(text);
  if (prefix === undefined) {
    log.report([["stack"]], path, `expected an IPv6 prefix, found ${text}`);
    return text;
  }
  const network = formatPrefix(networkOf(prefix));
  if (network !== formatPrefix(prefix)) {
    log.report([["stack"]], path, `expected a prefix without host bits, found ${text}`, `did you mean ${network}?`);
  }
  return network;
}

type DeclaredProject = NonNullable<NonNullable<TopologyDeclaration["stack"]>["projects"]>[string];

const leastMemoryMiB = 64;

function resolveProject(name: string, declared: DeclaredProject, log: FaultLog): ProjectPlan {
  const vpcs = declared?.vpcs ?? [];
  const known = ["default", ...vpcs];
  const instances = Object.entries(declared?.instances ?? {}).map(([instance, given]) => {
    const { kind = "light", cpus = 1, memory = "1 GiB", vpc = "default", start = true } = given ?? {};
    const path = ["projects", name, "instances", instance];
    if (!known.includes(vpc)) {
      log.report([["stack"]], [...path, "vpc"], `there is no VPC ${JSON.stringify(vpc)}`, nameHint(vpc, known));
    }
    const memoryMiB = parseMebibytes(memory);
    if (memoryMiB < leastMemoryMiB) {
      log.report([["stack"]], [...path, "memory"], `expected at least ${leastMemoryMiB} MiB, found ${memory}`);
    }
    return { name: instance, kind, cpus, memoryMiB, vpc, start };
  });
  return { name, vpcs, instances };
}
