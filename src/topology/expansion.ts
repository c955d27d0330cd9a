import type { z } from "zod";
import { nameHint, type DocumentPath } from "../document/index.ts";
import type { FlatNode, FlatSegment, FlatTopology, FlatWire, Scope } from "./flat-topology.ts";
import { hasExpression, type Scalar, type Variables } from "./expression.ts";
import type { FaultLog, Sources } from "./fault-log.ts";
import { inherit, type Extendable } from "./inheritance.ts";
import { bindParameters } from "./parameters.ts";
import type { GroupPlan } from "./plan.ts";
import type {
  BlueprintDeclaration,
  NodeDeclaration,
  PortDeclaration,
  TopologyDeclaration,
  WireDeclaration,
} from "./schema.ts";
import { nodeSchema } from "./schema-node.ts";
import { legSchema, segmentSchema, wireSchema } from "./schema-wire.ts";
import { evaluateCount, repetitions, substituteAll } from "./substitution.ts";

type Contents = Pick<BlueprintDeclaration, "nodes" | "wires" | "segments" | "instances">;

/** More entries than this are taken for a mistake in a `count`. */
const mostEntries = 20_000;

/**
 * Expand a declaration into single nodes, wires and segments.
 *
 * @param parameters - values for the topology's own parameters, over their defaults
 */
export function expand(
  declaration: TopologyDeclaration,
  parameters: Readonly<Record<string, Scalar>>,
  log: FaultLog,
): FlatTopology {
  return new Expansion(declaration, log).run(parameters);
}

class Expansion implements FlatTopology {
  readonly nodes: FlatNode[] = [];
  readonly wires: FlatWire[] = [];
  readonly segments: FlatSegment[] = [];
  readonly groups: GroupPlan[] = [];
  readonly scopes: Scope[] = [];
  readonly #declaration: TopologyDeclaration;
  readonly #log: FaultLog;
  #entries = 0;

  constructor(declaration: TopologyDeclaration, log: FaultLog) {
    this.#declaration = declaration;
    this.#log = log;
  }

  run(parameters: Readonly<Record<string, Scalar>>): FlatTopology {
    const variables = bindParameters(
      this.#declaration.parameters,
      parameters,
      { owner: [], user: [] },
      new Map(),
      this.#log,
    );
    this.#contents(this.#declaration, this.#scope("", [], variables), null, []);
    return this;
  }

  #scope(prefix: string, path: DocumentPath, variables: Variables): Scope {
    const scope: Scope = { prefix, path, variables, instances: new Map(), exports: new Map() };
    this.scopes.push(scope);
    return scope;
  }

  #contents(contents: Contents, scope: Scope, group: string | null, blueprints: readonly string[]): string[] {
    const extendable = this.#extendable(contents, scope);
    const before = this.nodes.length;
    for (const [key, body] of Object.entries(contents.nodes ?? {})) this.#node(key, body ?? {}, scope, extendable);
    const names = this.nodes.slice(before).map((node) => node.name);
    (contents.wires ?? []).forEach((wire, index) => {
      this.#wire(wire, scope, [...scope.path, "wires", index]);
    });
    for (const [key, segment] of Object.entries(contents.segments ?? {})) this.#segment(key, segment, scope);
    for (const [key, instance] of Object.entries(contents.instances ?? {})) {
      this.#instances(key, instance, scope, group, blueprints);
    }
    return names;
  }

  #extendable(contents: Contents, scope: Scope): Extendable {
    const extendable = new Map<string, { body: NodeDeclaration; path: DocumentPath }>();
    for (const [name, body] of Object.entries(contents.nodes ?? {})) {
      extendable.set(name, { body: body ?? {}, path: [...scope.path, "nodes", name] });
    }
    for (const [name, body] of Object.entries(this.#declaration.definitions ?? {})) {
      extendable.set(name, { body, path: ["definitions", name] });
    }
    return extendable;
  }

  #node(key: string, declared: NodeDeclaration, scope: Scope, extendable: Extendable): void {
    const path = [...scope.path, "nodes", key];
    const defaults = { body: this.#declaration.defaults?.node ?? {}, path: ["defaults", "node"] };
    const { body, sources } = inherit(declared, path, extendable, defaults, this.#log);
    const { count: _count, extends: _extends, ...rest } = body;
    for (const variables of this.#repeat(key, declared.count, scope.variables, path)) {
      const name = this.#name(key, scope, variables, path);
      if (name === undefined) continue;
      const own = new Map([...variables, ["node", name]]);
      const substitution = substituteAll<NodeDeclaration>(rest, own);
      if (!this.#admit(Object.keys(substitution.value.ports ?? {}).length, sources)) return;
      const { ports, ...flat } = this.#log.evaluated(substitution, nodeSchema, sources) ?? {};
      this.nodes.push({
        name,
        body: flat,
        ports: new Map(Object.entries(ports ?? {}).map(([port, entry]) => [port, portBody(entry)])),
        scope,
        sources,
        declaredPath: substitution.declaredPath,
      });
    }
  }

  #wire(declared: NonNullable<Contents["wires"]>[number], scope: Scope, path: DocumentPath): void {
    const long: WireDeclaration = Array.isArray(declared) ? { ends: declared } : declared;
    const { count, ...body } = long;
    for (const variables of this.#repeat(undefined, count, scope.variables, path)) {
      const flat = this.#evaluated(body, variables, wireSchema, path);
      if (flat !== undefined) this.wires.push({ body: flat, scope, path });
    }
  }

  #segment(key: string, declared: NonNullable<Contents["segments"]>[string], scope: Scope): void {
    const path = [...scope.path, "segments", key];
    const { ports = [], ...body } = Array.isArray(declared) ? { ports: declared } : declared;
    const listPath = Array.isArray(declared) ? path : [...path, "ports"];
    const legs = ports.flatMap((entry, index) => {
      const { count, ...leg } = typeof entry === "string" ? { port: entry } : entry;
      const at = [...listPath, index];
      return this.#repeat(undefined, count, scope.variables, at).flatMap((variables) => {
        const flat = this.#evaluated(leg, variables, legSchema, at);
        return flat === undefined || typeof flat === "string" ? [] : [{ leg: flat, path: at }];
      });
    });
    const name = this.#name(key, scope, scope.variables, path);
    if (name === undefined) return;
    const flat = this.#evaluated(body, scope.variables, segmentSchema, path) ?? {};
    this.segments.push({ name, body: flat, legs, scope, path });
  }

  #instances(
    key: string,
    instance: NonNullable<Contents["instances"]>[string],
    scope: Scope,
    group: string | null,
    blueprints: readonly string[],
  ): void {
    const path = [...scope.path, "instances", key];
    const known = this.#declaration.blueprints ?? {};
    const blueprint = Object.hasOwn(known, instance.blueprint) ? known[instance.blueprint] : undefined;
    if (blueprint === undefined) {
      const message = `there is no blueprint ${JSON.stringify(instance.blueprint)}`;
      this.#log.report([path], ["blueprint"], message, nameHint(instance.blueprint, Object.keys(known)));
      return;
    }
    if (blueprints.includes(instance.blueprint)) {
      const names = [...blueprints, instance.blueprint].join(" → ");
      this.#log.report([path], ["blueprint"], `blueprints contain each other in a circle: ${names}`);
      return;
    }
    for (const variables of this.#repeat(key, instance.count, scope.variables, path)) {
      const name = this.#name(key, scope, variables, path);
      if (name === undefined) continue;
      const values = this.#evaluated(instance.with ?? {}, variables, undefined, [...path, "with"]) ?? {};
      const builtIn = new Map<string, Scalar>([["instance", name]]);
      const i = variables.get("i");
      if (instance.count !== undefined && i !== undefined) builtIn.set("i", i);
      const places = { owner: ["blueprints", instance.blueprint], user: path };
      const bound = bindParameters(blueprint.parameters, values, places, builtIn, this.#log);
      const inner = this.#scope(`${name}-`, ["blueprints", instance.blueprint], bound);
      this.#declareInstance(name, scope, inner, path);
      this.#exports(blueprint, inner);
      const place = this.groups.push({ name, blueprint: instance.blueprint, parent: group, nodes: [] }) - 1;
      const nodes = this.#contents(blueprint, inner, name, [...blueprints, instance.blueprint]);
      this.groups[place] = { name, blueprint: instance.blueprint, parent: group, nodes };
    }
  }

  #declareInstance(name: string, scope: Scope, inner: Scope, path: DocumentPath): void {
    const local = name.slice(scope.prefix.length);
    if (scope.instances.has(local))
      this.#log.report([path], [], `there are two instances ${JSON.stringify(name)}`, undefined, "key");
    scope.instances.set(local, inner);
  }

  #exports(blueprint: BlueprintDeclaration, scope: Scope): void {
    for (const [key, entry] of Object.entries(blueprint.exports ?? {})) {
      const path = [...scope.path, "exports", key];
      const { port, count } = typeof entry === "string" ? { port: entry, count: undefined } : entry;
      for (const variables of this.#repeat(key, count, scope.variables, path)) {
        const exported = this.#evaluated({ key, port }, variables, undefined, path);
        if (exported !== undefined) scope.exports.set(exported.key, { port: exported.port, path });
      }
    }
  }

  #repeat(
    key: string | undefined,
    count: number | string | undefined,
    variables: Variables,
    path: DocumentPath,
  ): Variables[] {
    const { value, faults } = evaluateCount(count, variables);
    for (const { message, hint } of faults) this.#log.report([path], ["count"], message, hint);
    if (!this.#admit(value ?? 1, [path])) return [];
    if (key !== undefined && value !== undefined && value > 1 && !hasExpression(key)) {
      this.#log.report([path], [], `${value} of them would have the same name`, `write "${key}\${i}"`, "key");
      return repetitions(1, variables);
    }
    return repetitions(value, variables);
  }

  /** Count further entries; false, with a fault the first time, when they are too many. */
  #admit(entries: number, sources: Sources): boolean {
    const before = this.#entries;
    this.#entries += entries;
    if (this.#entries <= mostEntries) return true;
    if (before <= mostEntries)
      this.#log.report(sources, ["count"], `expected at most ${mostEntries} entries in all, found more`);
    return false;
  }

  #name(key: string, scope: Scope, variables: Variables, path: DocumentPath): string | undefined {
    const { value, faults } = substituteAll<unknown>(key, variables);
    for (const { message, hint } of faults) this.#log.report([path], [], message, hint, "key");
    return faults.length > 0 ? undefined : `${scope.prefix}${String(value)}`;
  }

  #evaluated<T>(value: T, variables: Variables, schema: z.ZodType<T> | undefined, path: DocumentPath): T | undefined {
    return this.#log.evaluated(substituteAll(value, variables), schema, [path]);
  }
}

function portBody(entry: NonNullable<NodeDeclaration["ports"]>[string]): PortDeclaration {
  if (entry === null) return {};
  return Array.isArray(entry) ? { addresses: entry } : entry;
}
