import { nameHint, type DocumentPath } from "../document/index.ts";
import type { FlatNode, FlatTopology, Scope } from "./flat-topology.ts";
import type { FaultLog, Sources } from "./fault-log.ts";
import { resolveImpairments } from "./impairments.ts";
import {
  formatPort,
  type Attachment,
  type LegPlan,
  type PortReference,
  type SegmentPlan,
  type WirePlan,
} from "./plan.ts";
import type { ImpairmentsDeclaration } from "./schema.ts";

/** All that connects ports, and what each port (`node:port`) is plugged into. */
export interface Cabling {
  readonly wires: readonly WirePlan[];
  readonly segments: readonly SegmentPlan[];
  readonly attachments: ReadonlyMap<string, Attachment>;
}

/** Resolve wires, segments and uplinks; ends that do not exist or are taken are reported. */
export function resolveCabling(
  topology: FlatTopology,
  nodes: ReadonlyMap<string, FlatNode>,
  defaults: ImpairmentsDeclaration,
  log: FaultLog,
): Cabling {
  return new Cables(topology, nodes, defaults, log).resolve();
}

class Cables {
  readonly #topology: FlatTopology;
  readonly #nodes: ReadonlyMap<string, FlatNode>;
  readonly #defaults: ImpairmentsDeclaration;
  readonly #log: FaultLog;
  readonly #attachments = new Map<string, Attachment>();
  readonly #names = new Set<string>();

  constructor(
    topology: FlatTopology,
    nodes: ReadonlyMap<string, FlatNode>,
    defaults: ImpairmentsDeclaration,
    log: FaultLog,
  ) {
    this.#topology = topology;
    this.#nodes = nodes;
    this.#defaults = defaults;
    this.#log = log;
  }

  resolve(): Cabling {
    for (const node of this.#nodes.values()) this.#uplinks(node);
    const wires = this.#topology.wires.flatMap((wire) => this.#wire(wire) ?? []);
    const segments = this.#topology.segments.map((segment) => this.#segment(segment));
    for (const scope of this.#topology.scopes) {
      for (const { port, path } of scope.exports.values()) this.#end(port, scope, [path], ["port"]);
    }
    return { wires, segments, attachments: this.#attachments };
  }

  #uplinks({ name, ports }: FlatNode): void {
    for (const [port, { uplink }] of ports) {
      if (uplink === undefined) continue;
      const restricted = typeof uplink === "string" || (uplink.restricted ?? true);
      this.#attachments.set(`${name}:${port}`, { type: "user", restricted });
    }
  }

  #wire({ body, scope, path }: FlatTopology["wires"][number]): WirePlan | undefined {
    const { ends, name: declaredName, count: _count, direct = false, aToB = {}, bToA = {}, ...both } = body;
    const [a, b] = ends.map((end, index) => this.#end(end, scope, [path], ["ends", index]));
    if (direct) this.#checkDirect({ ...both, ...aToB, ...bToA }, path);
    if (a === undefined || b === undefined) return undefined;
    const name = declaredName === undefined ? `${formatPort(a)}--${formatPort(b)}` : `${scope.prefix}${declaredName}`;
    this.#claimName(name, path, declaredName === undefined ? [] : ["name"]);
    this.#plug(a, { type: "wire", wire: name, end: "a" }, path, ["ends", 0]);
    this.#plug(b, { type: "wire", wire: name, end: "b" }, path, ["ends", 1]);
    const defaults = direct ? {} : this.#defaults;
    return {
      name,
      a,
      b,
      aToB: resolveImpairments(defaults, both, aToB),
      bToA: resolveImpairments(defaults, both, bToA),
      direct,
    };
  }

  #segment({ name, body, legs, scope, path }: FlatTopology["segments"][number]): SegmentPlan {
    if (this.#topology.segments.some((other) => other.name === name && other.path !== path)) {
      this.#log.report([path], [], `there are two segments ${JSON.stringify(name)}`, undefined, "key");
    }
    const resolved = legs.flatMap(({ leg, path: at }): LegPlan[] => {
      const { port: end, count: _count, ...impairments } = leg;
      const port = this.#end(end, scope, [at], ["port"]);
      if (port === undefined) return [];
      const legName = `${formatPort(port)}--${name}`;
      this.#claimName(legName, at, []);
      this.#plug(port, { type: "segment", segment: name }, at, ["port"]);
      const settings = resolveImpairments(this.#defaults, impairments);
      return [{ name: legName, port, toSegment: settings, fromSegment: settings }];
    });
    const { vde = false } = body;
    return {
      name,
      legs: resolved,
      vde: typeof vde === "string" ? { type: "path", path: vde } : vde ? { type: "own" } : null,
    };
  }

  /** The port that `text` means in `scope`: of a node, or one that an instance exports. */
  #end(text: string, scope: Scope, sources: Sources, path: DocumentPath): PortReference | undefined {
    const [head = "", port = ""] = text.split(":");
    const instance = scope.instances.get(head);
    if (instance !== undefined) {
      const exported = instance.exports.get(port);
      if (exported !== undefined) return this.#end(exported.port, instance, [exported.path], ["port"]);
      const message = `the instance ${head} exports no port ${JSON.stringify(port)}`;
      this.#log.report(sources, path, message, nameHint(port, instance.exports.keys()));
      return undefined;
    }
    const node = this.#nodes.get(scope.prefix + head);
    if (node === undefined) {
      const local = [...this.#nodes.keys()].filter((name) => name.startsWith(scope.prefix));
      const names = [...local.map((name) => name.slice(scope.prefix.length)), ...scope.instances.keys()];
      this.#log.report(sources, path, `there is no node ${JSON.stringify(head)}`, nameHint(head, names));
      return undefined;
    }
    if (!node.ports.has(port)) {
      const message = `the node ${node.name} has no port ${JSON.stringify(port)}`;
      const hint = node.ports.size === 0 ? "it has no ports at all" : nameHint(port, node.ports.keys());
      this.#log.report(sources, path, message, hint);
      return undefined;
    }
    return { node: node.name, port };
  }

  #plug(reference: PortReference, attachment: Attachment, path: DocumentPath, at: DocumentPath): void {
    const port = formatPort(reference);
    const taken = this.#attachments.get(port);
    if (taken === undefined) this.#attachments.set(port, attachment);
    else {
      const message = `the port ${port} is taken already, by ${describeAttachment(taken)}`;
      this.#log.report([path], at, message, "a port takes one cable: declare another port, or use a segment");
    }
  }

  #claimName(name: string, path: DocumentPath, at: DocumentPath): void {
    if (this.#names.has(name)) this.#log.report([path], at, `there are two wires ${JSON.stringify(name)}`);
    this.#names.add(name);
  }

  #checkDirect(impairments: ImpairmentsDeclaration, path: DocumentPath): void {
    const named = Object.keys(impairments);
    if (named.length === 0) return;
    const message = `a direct wire cannot be impaired (${named.join(", ")})`;
    this.#log.report([path], ["direct"], message, 'remove "direct: true": only the patch panel can do this');
  }
}

function describeAttachment(attachment: Attachment): string {
  switch (attachment.type) {
    case "wire":
      return `the wire ${attachment.wire}`;
    case "segment":
      return `the segment ${attachment.segment}`;
    case "user":
      return "its uplink";
    case "none":
      return "nothing";
  }
}
