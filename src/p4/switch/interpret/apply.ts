import { type Intents, packetFaults, stepLimit } from "../dataplane.ts";
import type { MatchParameter, Node, Pipeline, Table, TableKey } from "../format/program.ts";
import type { BoundAction } from "../state/bound-action.ts";
import { prefixMask } from "../state/key.ts";
import type { Entry, Outcome } from "../state/entry.ts";
import type { TableState } from "../state/table-state.ts";
import { calculate } from "./calculate.ts";
import { type Frame, holds } from "./evaluate.ts";
import { execute, type Target } from "./execute.ts";
import type { PacketState } from "./packet.ts";

/** Run a pipeline from its first node. May throw a PacketFault. */
export function applyPipeline({ first }: Pipeline, frame: Frame, target: Target): void {
  const { intents } = frame.packet;
  intents.exited = false;
  let steps = 0;
  let node = first;
  while (node !== undefined) {
    steps += 1;
    if (steps > stepLimit) throw packetFaults["endless loop"];
    node = applyNode(node, frame, target);
    if (hasExited(intents)) return;
  }
}

/** Asked anew after each node, which may have run `exit`. */
function hasExited({ exited }: Intents): boolean {
  return exited;
}

function applyNode(node: Node, frame: Frame, target: Target): Node | undefined {
  switch (node.kind) {
    case "conditional":
      return holds(node.conditional.condition, frame) ? node.conditional.whenTrue : node.conditional.whenFalse;
    case "action":
      execute(node.call.action.primitives, { ...frame, parameters: [] }, target);
      return node.call.next;
    case "table": {
      const state = frame.state.tables[node.table.index];
      return state === undefined ? undefined : applyTable(state, frame, target);
    }
  }
}

function applyTable(state: TableState, frame: Frame, target: Target): Node | undefined {
  const { table } = state;
  const entry = lookUp(state, frame.packet);
  if (entry !== undefined) {
    const { ingressLength } = frame.packet.intents;
    state.counters?.count(entry.slot, ingressLength);
    entry.lastHit = frame.state.now;
    const colour = state.meters?.execute(entry.slot, ingressLength, frame.state.now);
    if (colour !== undefined && table.meter?.target !== undefined) {
      frame.packet.write(table.meter.target, BigInt(colour));
    }
  }
  const outcome = entry === undefined ? state.defaultOutcome : entry.outcome;
  const call = outcome === undefined ? undefined : chosenCall(outcome, table, frame, target);
  if (call !== undefined) {
    const parameters = call.data.map((value, at) => BigInt.asUintN(call.action.parameters[at]?.width ?? 0, value));
    execute(call.action.primitives, { ...frame, parameters }, target);
  }
  if (table.next.byOutcome) return entry === undefined ? table.next.miss : table.next.hit;
  return call === undefined ? table.next.baseDefault : table.next.byAction.get(call.action.index);
}

function chosenCall(outcome: Outcome, table: Table, frame: Frame, { log }: Target): BoundAction | undefined {
  switch (outcome.kind) {
    case "call":
      return outcome.call;
    case "member":
      return outcome.member.call;
    case "group": {
      const { members } = outcome.group;
      const selector = table.profile?.selector;
      if (members.length === 0 || selector === undefined) {
        log("error", `${table.name}: group ${outcome.group.handle} is empty, no action is taken`);
        return undefined;
      }
      return members[Number(calculate(selector, frame) % BigInt(members.length))]?.call;
    }
  }
}

/** The entry that is hit: the longest prefix, or the smallest priority and then the smallest handle. */
function lookUp({ table, slots }: TableState, packet: PacketState): Entry | undefined {
  if (table.keys.length === 0) return undefined;
  const key = table.keys.map((part) => keyValue(part, packet));
  let best: Entry | undefined;
  for (const entry of slots) {
    if (entry === undefined) continue;
    const matches = entry.key.every((part, at) => matchesPart(part, table.keys[at], key[at] ?? 0n));
    if (matches && (best === undefined || beats(entry, best, table))) best = entry;
  }
  return best;
}

function keyValue({ target, width, mask }: TableKey, packet: PacketState): bigint {
  if ("validityOf" in target) {
    const of = target.validityOf;
    const headers = "headers" in of ? of.headers : [of];
    return headers.some((header) => packet.isValid(header)) ? 1n : 0n;
  }
  const bits = packet.cell(target.header, target.index).bits;
  return mask === undefined ? BigInt.asUintN(width, bits) : bits & mask;
}

function matchesPart(part: MatchParameter, key: TableKey | undefined, value: bigint): boolean {
  switch (part.kind) {
    case "exact":
      return value === part.value;
    case "valid":
      return (value === 1n) === part.value;
    case "lpm": {
      const mask = prefixMask(key?.width ?? 0, part.prefixLength);
      return (value & mask) === (part.value & mask);
    }
    case "ternary":
      return (value & part.mask) === part.value;
    case "range":
      return value >= part.start && value <= part.end;
  }
}

function beats(a: Entry, b: Entry, { match }: Table): boolean {
  if (match === "lpm") return prefixLength(a) > prefixLength(b);
  return a.priority < b.priority || (a.priority === b.priority && a.handle < b.handle);
}

function prefixLength({ key }: Entry): number {
  const part = key.find(({ kind }) => kind === "lpm");
  return part?.kind === "lpm" ? part.prefixLength : 0;
}
