import { nameHint, type DocumentPath } from "../document/index.ts";
import type { FaultLog, Sources } from "./fault-log.ts";
import type { NodeDeclaration } from "./schema.ts";

/** Nodes and definitions that `extends` can name, with the place of each. */
export type Extendable = ReadonlyMap<string, { readonly body: NodeDeclaration; readonly path: DocumentPath }>;

/** A node with everything that it inherits, and where that was declared, nearest first. */
export interface Inherited {
  readonly body: NodeDeclaration;
  readonly sources: Sources;
}

/**
 * Put a node on top of what it extends, and that on top of the defaults. Mappings are merged key by key, everything
 * else is replaced. A name that is not known and a circle are reported at `extends`.
 */
export function inherit(
  body: NodeDeclaration,
  path: DocumentPath,
  extendable: Extendable,
  defaults: { readonly body: NodeDeclaration; readonly path: DocumentPath },
  log: FaultLog,
): Inherited {
  const chain: { body: NodeDeclaration; path: DocumentPath }[] = [{ body, path }];
  const seen = new Set<unknown>([body]);
  for (let wanted = body.extends; wanted !== undefined;) {
    const base = extendable.get(wanted);
    const from = chain.at(-1)?.path ?? path;
    if (base === undefined) {
      const message = `there is no definition or node ${JSON.stringify(wanted)} to extend`;
      log.report([from], ["extends"], message, nameHint(wanted, extendable.keys()));
      break;
    }
    if (seen.has(base.body)) {
      const names = [...chain.map(({ path: link }) => link.at(-1)), wanted].join(" → ");
      log.report([from], ["extends"], `nodes extend each other in a circle: ${names}`);
      break;
    }
    seen.add(base.body);
    chain.push(base);
    wanted = base.body.extends;
  }
  chain.push(defaults);
  const merged = chain.reduceRight<NodeDeclaration>((below, { body: above }, depth) => {
    // A repetition belongs to the node that declares it.
    const { count: _count, extends: _extends, ...rest } = above;
    return mergeNodes(below, depth === 0 ? above : rest);
  }, {});
  return { body: merged, sources: chain.map(({ path: source }) => source) };
}

function mergeNodes(below: NodeDeclaration, above: NodeDeclaration): NodeDeclaration {
  const merged: Record<string, unknown> = { ...below };
  for (const [key, value] of Object.entries(above)) {
    if (key === "ports") merged[key] = mergeRecords(longForms(below.ports), longForms(above.ports), true);
    else if (value !== undefined) merged[key] = isRecord(value) ? mergeRecords(merged[key], value, false) : value;
  }
  return merged;
}

function mergeRecords(below: unknown, above: unknown, deep: boolean): Record<string, unknown> {
  const merged: Record<string, unknown> = isRecord(below) ? { ...below } : {};
  for (const [key, value] of Object.entries(isRecord(above) ? above : {})) {
    merged[key] = deep && isRecord(value) ? mergeRecords(merged[key], value, false) : value;
  }
  return merged;
}

/** Ports with the short forms (a list of addresses, nothing) written out. */
function longForms(ports: NodeDeclaration["ports"]): Record<string, unknown> {
  const entries = Object.entries(ports ?? {});
  return Object.fromEntries(
    entries.map(([name, port]) => [name, Array.isArray(port) ? { addresses: port } : (port ?? {})]),
  );
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
