import type { z } from "zod";
import type { DocumentPath } from "../document/index.ts";
import type { Variables } from "./expression.ts";
import type { Sources } from "./fault-log.ts";
import type { GroupPlan } from "./plan.ts";
import type { legSchema } from "./schema-wire.ts";
import type { NodeDeclaration, PortDeclaration, SegmentDeclaration, WireDeclaration } from "./schema.ts";

/** Part of a topology in which names are known: the topology itself, or an instance of a blueprint. */
export interface Scope {
  /** Put before the names of its nodes: "" or `rack0-`. */
  readonly prefix: string;
  readonly path: DocumentPath;
  readonly variables: Variables;
  readonly instances: Map<string, Scope>;
  /** Ports offered to the outside, as ports of this scope. */
  readonly exports: Map<string, { readonly port: string; readonly path: DocumentPath }>;
}

/** A node without expressions, repetitions and inheritance. */
export interface FlatNode {
  readonly name: string;
  readonly body: Omit<NodeDeclaration, "ports">;
  readonly ports: ReadonlyMap<string, PortDeclaration>;
  readonly scope: Scope;
  readonly sources: Sources;
  /** The place, below the sources, of a place in the body. */
  readonly declaredPath: (path: DocumentPath) => DocumentPath;
}

/** A wire without expressions and repetitions. */
export interface FlatWire {
  readonly body: WireDeclaration;
  readonly scope: Scope;
  readonly path: DocumentPath;
}

/** A leg of a segment: a port and what happens to its frames. */
export type FlatLeg = Exclude<z.input<typeof legSchema>, string>;

/** A segment without expressions and repetitions. */
export interface FlatSegment {
  readonly name: string;
  readonly body: SegmentDeclaration;
  readonly legs: readonly { readonly leg: FlatLeg; readonly path: DocumentPath }[];
  readonly scope: Scope;
  readonly path: DocumentPath;
}

/** A topology whose blueprints, repetitions, expressions and inheritance are gone; its references are still names. */
export interface FlatTopology {
  readonly nodes: readonly FlatNode[];
  readonly wires: readonly FlatWire[];
  readonly segments: readonly FlatSegment[];
  readonly groups: readonly GroupPlan[];
  readonly scopes: readonly Scope[];
}
