import { closest } from "fastest-levenshtein";
import { KestrelError } from "../error/kestrel-error.ts";
import { formatPort, type Plan, type PortPlan } from "../topology/index.ts";
import type { DirectionName, WireEnd, WireStatus } from "../wire/index.ts";

/** The two ends of a direction, as people write them. */
export interface Way {
  readonly from: string;
  readonly to: string;
}

/** What the wires of a testbed connect at one moment; ports can be moved while machines run. */
export class Wiring {
  readonly #wires: ReadonlyMap<string, WireStatus["ends"]>;
  readonly #ways = new Map<string, Readonly<Record<DirectionName, Way>>>();
  readonly #plan: Plan;

  constructor(plan: Plan, wires: readonly Pick<WireStatus, "name" | "ends">[]) {
    this.#plan = plan;
    this.#wires = new Map(wires.map(({ name, ends }) => [name, ends]));
  }

  /** Names of both ends of a wire, as people write them: a port, a segment, or `(nothing)`. */
  ends(wire: string): readonly [string, string] {
    const ends = this.#wires.get(wire);
    return [endName(ends?.[0] ?? null), endName(ends?.[1] ?? null)];
  }

  /** Who sends into a direction of a wire, and whom it leads to. */
  way(wire: string, direction: DirectionName): Way {
    let ways = this.#ways.get(wire);
    if (ways === undefined) {
      const [a, b] = this.ends(wire);
      ways = { aToB: { from: a, to: b }, bToA: { from: b, to: a } };
      this.#ways.set(wire, ways);
    }
    return ways[direction];
  }

  /** Check that there is a recorded wire of that name. @throws KestrelError (input) with the nearest name */
  checkWire(wire: string): void {
    if (this.#wires.has(wire)) return;
    const direct = this.#plan.wires.some(({ name, direct }) => name === wire && direct);
    throw direct
      ? directFault(wire)
      : unknownName({ what: "wire", name: wire, known: [...this.#wires.keys()], topology: this.#plan.name });
  }

  /**
   * The wire that a port is plugged into, and the direction that frames leaving the port take.
   *
   * @throws KestrelError (input) when there is no such port, or it is plugged into nothing or a `direct` wire
   */
  wireOfPort(port: string): { readonly wire: string; readonly direction: DirectionName } {
    for (const [wire, ends] of this.#wires) {
      const end = ends.findIndex((candidate) => candidate !== null && endName(candidate) === port);
      if (end !== -1) return { wire, direction: end === 0 ? "aToB" : "bToA" };
    }
    findPort(this.#plan, port);
    const direct = this.#plan.wires.find((wire) => wire.direct && [wire.a, wire.b].map(formatPort).includes(port));
    if (direct !== undefined) throw directFault(direct.name);
    throw new KestrelError({
      kind: "input",
      step: "find the wire of a port",
      subject: port,
      expected: "a port that is plugged into a wire",
      found: "a port that is plugged into nothing",
      hint: `plug it in first: bed.wire(NAME).plug("a", ${JSON.stringify(port)})`,
    });
  }
}

/** The port of that name, written `node:port`. @throws KestrelError (input) with the nearest name */
export function findPort(plan: Plan, port: string): PortPlan {
  const ports = new Map(plan.nodes.flatMap((node) => node.ports.map((each) => [`${node.name}:${each.name}`, each])));
  const found = ports.get(port);
  if (found !== undefined) return found;
  throw unknownName({ what: "port", name: port, known: [...ports.keys()], topology: plan.name });
}

/** Check that the plan has that node. @throws KestrelError (input) with the nearest name */
export function checkNode(plan: Plan, node: string): void {
  const known = plan.nodes.map(({ name }) => name);
  if (!known.includes(node)) throw unknownName({ what: "node", name: node, known, topology: plan.name });
}

/** Check that the plan has that node, or that port. @throws KestrelError (input) with the nearest name */
export function checkPlace(plan: Plan, place: string): void {
  if (place.includes(":")) findPort(plan, place);
  else checkNode(plan, place);
}

function endName(end: WireEnd): string {
  if (end === null) return "(nothing)";
  return "port" in end ? end.port : end.segment;
}

interface UnknownName {
  readonly what: "node" | "port" | "wire";
  readonly name: string;
  readonly known: readonly string[];
  readonly topology: string;
}

function unknownName({ what, name, known, topology }: UnknownName): KestrelError {
  return new KestrelError({
    kind: "input",
    step: `find the ${what}`,
    subject: name,
    expected: `one of ${known.join(", ") || "none at all"}`,
    found: `no such ${what} in topology ${topology}`,
    ...(known.length === 0 ? {} : { hint: `did you mean ${JSON.stringify(closest(name, known))}?` }),
  });
}

function directFault(wire: string): KestrelError {
  return new KestrelError({
    kind: "input",
    step: "look at a wire",
    subject: wire,
    expected: "a wire that passes through the panel",
    found: "a direct wire, which has no recording",
    hint: "remove `direct: true` from it to watch it",
  });
}
