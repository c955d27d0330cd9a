import { ControlError } from "../state/control-error.ts";
import { HandlePool } from "../state/handles.ts";

/** Where one node of a multicast group sends copies. */
interface MulticastNode {
  rid: number;
  ports: readonly number[];
  lags: readonly number[];
  group: number | undefined;
}

/** Most groups, and most nodes, each with one list of ports. */
export interface MulticastLimits {
  readonly groups: number;
  readonly nodes: number;
}

/** One copy of a packet. */
export interface MulticastCopy {
  readonly rid: number;
  readonly port: number;
}

/** A node for reading. */
export interface MulticastNodeEntry {
  readonly handle: number;
  readonly rid: number;
  readonly ports: readonly number[];
  readonly lags: readonly number[];
}

const largestLag = 256;
/** Nobody configures the hash by which the reference picks a port of a LAG: it is always this. */
const lagHash = 0xff;

/** The replication engine: groups of nodes, nodes with ports and link aggregation groups. */
export class Multicast {
  readonly #groups = new Map<number, number[]>();
  readonly #nodes = new HandlePool<MulticastNode>();
  readonly #lags = new Map<number, readonly number[]>();
  readonly #limits: MulticastLimits;

  constructor(limits: MulticastLimits = { groups: 4096, nodes: 4096 }) {
    this.#limits = limits;
  }

  /** Returns the group's handle, which is its id. A group that exists is left as it is. */
  createGroup(id: number): number {
    if (!this.#groups.has(id)) {
      if (this.#groups.size >= this.#limits.groups) throw new ControlError("multicast", "TABLE_FULL");
      this.#groups.set(id, []);
    }
    return id;
  }

  destroyGroup(id: number): void {
    for (const handle of this.#groups.get(id) ?? []) {
      const node = this.#nodes.get(handle);
      if (node !== undefined) node.group = undefined;
    }
    this.#groups.delete(id);
  }

  createNode(rid: number, ports: readonly number[], lags: readonly number[]): number {
    if (this.#nodes.size >= this.#limits.nodes) throw new ControlError("multicast", "TABLE_FULL");
    return this.#nodes.add({ rid, ports: sorted(ports), lags: sorted(lags), group: undefined });
  }

  updateNode(handle: number, ports: readonly number[], lags: readonly number[]): void {
    const node = this.#node(handle);
    node.ports = sorted(ports);
    node.lags = sorted(lags);
  }

  destroyNode(handle: number): void {
    const { group } = this.#node(handle);
    if (group !== undefined) this.#remove(group, handle);
    this.#nodes.delete(handle);
  }

  associate(group: number, handle: number): void {
    const node = this.#node(handle);
    const members = this.#groups.get(group);
    if (members === undefined) throw new ControlError("multicast", "INVALID_MGRP_HANDLE");
    if (node.group !== undefined) throw new ControlError("multicast", "ERROR", "the node is in a group");
    node.group = group;
    members.push(handle);
  }

  dissociate(group: number, handle: number): void {
    const node = this.#node(handle);
    if (!this.#groups.has(group)) throw new ControlError("multicast", "INVALID_MGRP_HANDLE");
    if (node.group !== group) throw new ControlError("multicast", "ERROR", "the node is not in that group");
    this.#remove(group, handle);
    node.group = undefined;
  }

  setLag(index: number, ports: readonly number[]): void {
    if (index < 0 || index > largestLag) throw new ControlError("multicast", "ERROR", "no such LAG");
    this.#lags.set(index, sorted(ports));
  }

  /** Copies for a group: node by node, ports ascending, then one port of each LAG. Undefined: no such group. */
  copies(group: number): readonly MulticastCopy[] | undefined {
    const handles = this.#groups.get(group);
    return handles?.flatMap((handle) => {
      const node = this.#nodes.get(handle);
      if (node === undefined) return [];
      const lagPorts = node.lags.flatMap((lag) => {
        const members = this.#lags.get(lag) ?? [];
        const port = members[lagHash % members.length];
        return port === undefined ? [] : [port];
      });
      return [...node.ports, ...lagPorts].map((port) => ({ rid: node.rid, port }));
    });
  }

  /** Groups with the handles of their nodes, in the order of association. */
  groups(): readonly (readonly [id: number, nodes: readonly number[]])[] {
    return [...this.#groups];
  }

  nodes(): readonly MulticastNodeEntry[] {
    return [...this.#nodes.entries()].map(([handle, { rid, ports, lags }]) => ({ handle, rid, ports, lags }));
  }

  lags(): readonly (readonly [index: number, ports: readonly number[]])[] {
    return [...this.#lags];
  }

  clear(): void {
    this.#groups.clear();
    this.#nodes.clear();
    this.#lags.clear();
  }

  #node(handle: number): MulticastNode {
    const node = this.#nodes.get(handle);
    if (node === undefined) throw new ControlError("multicast", "INVALID_L1_HANDLE");
    return node;
  }

  #remove(group: number, handle: number): void {
    const members = this.#groups.get(group) ?? [];
    members.splice(members.indexOf(handle), 1);
  }
}

function sorted(numbers: readonly number[]): readonly number[] {
  return [...new Set(numbers)].sort((a, b) => a - b);
}
