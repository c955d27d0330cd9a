import type { MatchParameter, TableKey } from "../format/program.ts";
import type { BoundAction } from "../state/bound-action.ts";
import { type EntryKey, numberToBytes } from "../state/key.ts";
import type { Entry, Outcome } from "../state/entry.ts";
import type { TableState } from "../state/table-state.ts";
import type { Codec } from "./codec.ts";
import type { actionEntry, matchParam, tableEntry } from "./types.ts";
import { actionType, matchType } from "./types.ts";

type ValueOf<C> = C extends Codec<infer T> ? T : never;
type MatchParam = ValueOf<typeof matchParam>;

/** A key as it comes over the wire; a part whose tagged value is missing is undefined. */
export function keyFromWire(params: readonly MatchParam[]): EntryKey {
  return params.map(({ type, exact, lpm, ternary, valid, range }): EntryKey[number] => {
    if (type === matchType.exact && exact !== undefined) return { kind: "exact", value: exact.key };
    if (type === matchType.lpm && lpm !== undefined) {
      return { kind: "lpm", value: lpm.key, prefixLength: lpm.prefixLength };
    }
    if (type === matchType.ternary && ternary !== undefined) {
      return { kind: "ternary", value: ternary.key, mask: ternary.mask };
    }
    if (type === matchType.valid && valid !== undefined) return { kind: "valid", value: valid.key };
    if (type === matchType.range && range !== undefined) return { kind: "range", start: range.start, end: range.end };
    return undefined;
  });
}

/** An entry as it goes over the wire; `now` in microseconds. */
export function entryToWire({ table }: TableState, entry: Entry, now: number): ValueOf<typeof tableEntry> {
  return {
    key: entry.key.map((part, at) => matchToWire(part, table.keys[at])),
    options: { priority: entry.priority },
    handle: entry.handle | 0,
    action: outcomeToWire(entry.outcome),
    life:
      entry.timeoutMs === 0
        ? undefined
        : { timeoutMs: entry.timeoutMs, sinceHitMs: Math.floor((now - entry.lastHit) / 1000) },
  };
}

/** What an entry or a miss leads to, as it goes over the wire. */
export function outcomeToWire(outcome: Outcome | undefined): ValueOf<typeof actionEntry> {
  const nothing = { name: undefined, data: undefined, member: undefined, group: undefined };
  switch (outcome?.kind) {
    case undefined:
      return { ...nothing, type: actionType.none };
    case "call":
      return {
        ...nothing,
        type: actionType.actionData,
        name: outcome.call.action.name,
        data: dataToWire(outcome.call),
      };
    case "member":
      return { ...nothing, type: actionType.member, member: outcome.member.handle };
    case "group":
      return { ...nothing, type: actionType.group, group: outcome.group.handle };
  }
}

/** Values of an action's parameters, each in its shortest form. */
export function dataToWire({ data }: BoundAction): readonly Uint8Array[] {
  return data.map((value) => numberToBytes(value, Math.max(1, Math.ceil(value.toString(16).length / 2))));
}

/** One part of a key as it goes over the wire. */
export function matchToWire(part: MatchParameter, key: TableKey | undefined): MatchParam {
  const bytes = (value: bigint): Uint8Array => numberToBytes(value, Math.ceil((key?.width ?? 0) / 8));
  const nothing = { exact: undefined, lpm: undefined, ternary: undefined, valid: undefined, range: undefined };
  switch (part.kind) {
    case "exact":
      return { ...nothing, type: matchType.exact, exact: { key: bytes(part.value) } };
    case "lpm":
      return { ...nothing, type: matchType.lpm, lpm: { key: bytes(part.value), prefixLength: part.prefixLength } };
    case "ternary":
      return { ...nothing, type: matchType.ternary, ternary: { key: bytes(part.value), mask: bytes(part.mask) } };
    case "valid":
      return { ...nothing, type: matchType.valid, valid: { key: part.value } };
    case "range":
      return { ...nothing, type: matchType.range, range: { start: bytes(part.start), end: bytes(part.end) } };
  }
}
