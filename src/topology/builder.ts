import { stringify } from "yaml";
import { DocumentFaults } from "../document/index.ts";
import type { Plan } from "./plan.ts";
import { planTopology, type PlanOptions } from "./plan-topology.ts";
import type {
  BlueprintDeclaration,
  InstanceDeclaration,
  NodeDeclaration,
  SegmentDeclaration,
  TopologyDeclaration,
  WireDeclaration,
} from "./schema.ts";

type Contents = Pick<BlueprintDeclaration, "nodes" | "wires" | "segments" | "instances">;
type WireOptions = Omit<WireDeclaration, "ends">;

/** A declared node, through which its ports are named; a port that was not declared does not compile. */
export interface NodeHandle<Port extends string> {
  readonly name: string;
  /** `node:port`, an end of a wire. */
  port(name: Port): string;
}

/** A declared instance of a blueprint, through which the ports it exports are named. */
export interface InstanceHandle {
  readonly name: string;
  /** `instance:port`, an end of a wire. */
  port(name: string): string;
}

/** What a topology and a blueprint have in common: nodes, wires, segments and instances. */
class ContentsBuilder {
  /** What faults call this builder. */
  readonly #title: string;
  readonly #contents: Contents;

  constructor(title: string, contents: Contents) {
    this.#title = title;
    this.#contents = contents;
  }

  /** Declare a node of any kind. */
  node<const Node extends NodeDeclaration>(name: string, node: Node): NodeHandle<PortName<Node>> {
    this.add((this.#contents.nodes ??= {}), "nodes", name, node);
    return { name, port: (port: string) => `${name}:${port}` };
  }

  host<const Node extends NodeDeclaration>(name: string, node: Node): NodeHandle<PortName<Node>> {
    return this.node(name, { kind: "host", ...node });
  }

  router<const Node extends NodeDeclaration>(name: string, node: Node): NodeHandle<PortName<Node>> {
    return this.node(name, { kind: "router", ...node });
  }

  vm<const Node extends NodeDeclaration>(name: string, node: Node): NodeHandle<PortName<Node>> {
    return this.node(name, { kind: "vm", ...node });
  }

  /** Declare a wire between two ports, with what it does to frames. */
  wire(a: string, b: string, options?: WireOptions): this {
    (this.#contents.wires ??= []).push(options === undefined ? [a, b] : { ends: [a, b], ...options });
    return this;
  }

  segment(name: string, segment: SegmentDeclaration | NonNullable<SegmentDeclaration["ports"]>): this {
    this.add((this.#contents.segments ??= {}), "segments", name, segment);
    return this;
  }

  /** Instantiate a blueprint. */
  instance(name: string, instance: InstanceDeclaration): InstanceHandle {
    this.add((this.#contents.instances ??= {}), "instances", name, instance);
    return { name, port: (port) => `${name}:${port}` };
  }

  protected add<Entry>(entries: Record<string, Entry>, key: string, name: string, entry: Entry): void {
    if (Object.hasOwn(entries, name)) {
      const message = `${JSON.stringify(name)} is declared twice`;
      throw new DocumentFaults("build topology", [{ file: this.#title, path: [key, name], message }]);
    }
    entries[name] = entry;
  }
}

/** Builds a blueprint. */
export class BlueprintBuilder extends ContentsBuilder {
  readonly #exports: NonNullable<BlueprintDeclaration["exports"]>;

  constructor(title: string, blueprint: BlueprintDeclaration) {
    super(title, blueprint);
    this.#exports = blueprint.exports ??= {};
  }

  /** Offer a port to be wired from outside. */
  export(name: string, port: string, options?: { readonly count: number | string }): this {
    this.add(this.#exports, "exports", name, options === undefined ? port : { port, ...options });
    return this;
  }
}

/**
 * Builds a topology in TypeScript. It collects a declaration, the same that a YAML file holds; nothing is checked until
 * {@link TopologyBuilder.plan}, which then tells all faults at once.
 */
export class TopologyBuilder extends ContentsBuilder {
  /** The declaration so far. */
  readonly declaration: TopologyDeclaration;

  constructor(declaration: TopologyDeclaration) {
    super(declaration.name ?? "topology", declaration);
    this.declaration = declaration;
  }

  /** Declare what nodes and wires start from. */
  defaults(defaults: NonNullable<TopologyDeclaration["defaults"]>): this {
    this.declaration.defaults = { ...this.declaration.defaults, ...defaults };
    return this;
  }

  /** Declare a partial node for `extends`. */
  define(name: string, node: NodeDeclaration): this {
    this.add((this.declaration.definitions ??= {}), "definitions", name, node);
    return this;
  }

  /** Declare a blueprint; `${parameter}` in its texts stands for the value given by the instance. */
  blueprint(
    name: string,
    parameters: NonNullable<BlueprintDeclaration["parameters"]>,
    build: (blueprint: BlueprintBuilder) => void,
  ): this {
    const blueprint: BlueprintDeclaration = { parameters };
    build(new BlueprintBuilder(`${this.declaration.name ?? "topology"} blueprint ${name}`, blueprint));
    this.add((this.declaration.blueprints ??= {}), "blueprints", name, blueprint);
    return this;
  }

  /**
   * Plan the topology.
   *
   * @throws DocumentFaults with everything that is wrong in it
   */
  plan(options?: PlanOptions): Plan {
    return planTopology(this.declaration, options);
  }

  /** The topology as the YAML text that means the same. */
  toYaml(): string {
    return stringify(this.declaration, { aliasDuplicateObjects: false });
  }
}

/** Begin a topology: from nothing but its name, or from a declaration. */
export function topology(start: string | (TopologyDeclaration & { readonly name: string })): TopologyBuilder {
  return new TopologyBuilder(typeof start === "string" ? { name: start } : structuredClone(start));
}

type PortName<Node extends NodeDeclaration> = Node extends { readonly ports: infer Ports }
  ? keyof Ports & string
  : never;
