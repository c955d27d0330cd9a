import type { Action, Table } from "../format/program.ts";
import { type BoundAction, bindAction, recordWords } from "./bound-action.ts";
import { ControlError, type ControlErrorCodes } from "./control-error.ts";
import { DirectCells } from "./direct-cells.ts";
import { type Entry, hold, type Outcome, release, type RestoredEntry } from "./entry.ts";
import { HandlePool } from "./handles.ts";
import { type EntryKey, hasPriorities, keyIdentity, keyLayout, type KeyValue, normalizeKey } from "./key.ts";
import { createMatchIndex, type MatchIndex } from "./match-index.ts";
import type { ProfileState } from "./profile-state.ts";

const slotBits = 24;
const slotMask = 0xff_ffff;

/** Entries, default, direct counters and meters of one table. */
export class TableState extends DirectCells {
  readonly table: Table;
  /** Where the data plane puts the words of a key before it asks the index. */
  readonly key: Uint32Array;
  readonly index: MatchIndex;
  defaultOutcome: Outcome | undefined;
  /**
   * What entries of a simple table do, close together for the data plane: for each slot the index of the action, and the
   * words of its parameters.
   */
  records = new Uint32Array(0);
  readonly recordWords: number;
  readonly #entries = new HandlePool<Entry>();
  readonly #byIdentity = new Map<string, Entry>();
  readonly #versions: number[] = [];
  readonly #profile: ProfileState | undefined;

  constructor(table: Table, profile: ProfileState | undefined) {
    super(table);
    this.table = table;
    this.#profile = profile;
    this.key = new Uint32Array(keyLayout(table).words);
    this.index = createMatchIndex(table);
    this.recordWords = recordWords(table.actions);
    this.reset();
  }

  get size(): number {
    return this.#entries.size;
  }

  /** Entries by slot, for the data plane. */
  get slots(): readonly (Entry | undefined)[] {
    return this.#entries.items;
  }

  /** Entries in ascending order of slots. */
  *entries(): Generator<Entry> {
    for (const [, entry] of this.#entries.entries()) yield entry;
  }

  /** Forget all entries; versions of handles begin at 0 again. */
  clear(): void {
    for (const entry of this.entries()) release(entry.outcome);
    this.#entries.clear();
    this.#byIdentity.clear();
    this.#versions.length = 0;
    this.index.clear();
    this.counters?.clear();
    this.meters?.clear();
  }

  /** As at load: constant entries and the default of the program. */
  reset(): void {
    this.clear();
    this.#setDefault(undefined);
    this.resetDefault();
    for (const { key, priority, call } of this.table.entries) {
      this.#insert(key, priority, { kind: "call", call: bindAction(call.action, call.data) }, 0);
    }
  }

  /** Forget entries but not what the program itself put there. */
  empty(): void {
    this.clear();
    this.#setDefault(undefined);
    this.resetDefault();
  }

  /** How often each slot was freed; with its slot this makes an entry's handle. */
  get versions(): readonly number[] {
    return this.#versions;
  }

  /** Instead of what is there: entries under handles of their own, by slot, and the default. */
  restore(entries: readonly RestoredEntry[], versions: readonly number[], defaultOutcome: Outcome | undefined): void {
    this.clear();
    for (const version of versions) this.#versions.push(version);
    for (const { slot, key, priority, outcome, timeoutMs } of entries) {
      this.#insert(key, priority, outcome, 0, slot);
      this.entryAt(slot).timeoutMs = timeoutMs;
    }
    this.#entries.freeGaps();
    this.#setDefault(defaultOutcome);
  }

  add(key: EntryKey, action: string, data: readonly KeyValue[], priority: number, now: number): number {
    this.#expectKind("simple");
    const found = this.#action(action);
    this.#expectMutable();
    return this.#insert(key, priority, { kind: "call", call: bindAction(found, data) }, now);
  }

  modify(handle: number, action: string, data: readonly KeyValue[]): void {
    this.#expectKind("simple");
    const found = this.#action(action);
    this.#expectMutable();
    const call = bindAction(found, data);
    const entry = this.entry(handle);
    entry.outcome = { kind: "call", call };
    this.#record(entry.slot, call);
  }

  delete(handle: number): void {
    if (this.table.kind === "simple") this.#expectMutable();
    const entry = this.entry(handle);
    this.index.delete(entry);
    this.#byIdentity.delete(entry.identity);
    this.#entries.delete(entry.slot);
    this.#versions[entry.slot] = ((this.#versions[entry.slot] ?? 0) + 1) & 0xff;
    release(entry.outcome);
  }

  setDefault(action: string, data: readonly KeyValue[]): void {
    this.#expectKind("simple");
    const found = this.#action(action);
    const { defaultCall, defaultActionConstant, defaultEntryConstant } = this.table;
    if (defaultEntryConstant) throw new ControlError("table", "DEFAULT_ENTRY_IS_CONST");
    if (defaultActionConstant && defaultCall?.action !== found) {
      throw new ControlError("table", "DEFAULT_ACTION_IS_CONST");
    }
    this.#setDefault({ kind: "call", call: bindAction(found, data) });
  }

  resetDefault(): void {
    const { defaultCall } = this.table;
    this.#setDefault(
      defaultCall === undefined ? undefined : { kind: "call", call: bindAction(defaultCall.action, defaultCall.data) },
    );
  }

  /** Add an entry that leads to a member (or group) of the table's profile. */
  addIndirect(to: "member" | "group", key: EntryKey, target: number, priority: number, now: number): number {
    return this.#insert(key, priority, this.#indirect(to, target, false), now);
  }

  modifyIndirect(to: "member" | "group", handle: number, target: number): void {
    this.#expectProfile(to);
    const entry = this.entry(handle);
    const outcome = this.#indirect(to, target, false);
    release(entry.outcome);
    hold(outcome);
    entry.outcome = outcome;
  }

  setDefaultIndirect(to: "member" | "group", target: number): void {
    this.#expectProfile(to);
    if (this.table.defaultEntryConstant) throw new ControlError("table", "DEFAULT_ENTRY_IS_CONST");
    this.#setDefault(this.#indirect(to, target, true));
  }

  /** An entry by its handle. Throws INVALID_HANDLE, EXPIRED_HANDLE. */
  entry(handle: number): Entry {
    const entry = this.entryAt(handle);
    if (entry.handle !== handle >>> 0) throw new ControlError("table", "EXPIRED_HANDLE");
    return entry;
  }

  /** An entry by the slot in its handle, as direct counters and meters find it. Throws INVALID_HANDLE. */
  override entryAt(handle: number): Entry {
    const entry = this.#entries.get(handle & slotMask);
    if (entry === undefined) throw new ControlError("table", "INVALID_HANDLE");
    return entry;
  }

  /** The entry with this key. Throws BAD_MATCH_KEY, also if there is none. */
  find(parts: EntryKey, priority: number): Entry {
    const entry = this.#byIdentity.get(keyIdentity(this.table, normalizeKey(this.table, parts), priority));
    if (entry === undefined) throw new ControlError("table", "BAD_MATCH_KEY", "no such entry");
    return entry;
  }

  setTimeout(handle: number, timeoutMs: number, now: number): void {
    if (!this.table.supportTimeout) throw new ControlError("table", "AGEING_DISABLED");
    const entry = this.entryAt(handle);
    entry.timeoutMs = timeoutMs;
    entry.lastHit = now;
  }

  /** Throws WRONG_TABLE_TYPE where this is not a table of that kind. */
  #expectKind(kind: Table["kind"]): void {
    if (this.table.kind !== kind) throw new ControlError("table", "WRONG_TABLE_TYPE");
  }

  #expectMutable(): void {
    if (this.table.immutable) throw new ControlError("table", "IMMUTABLE_TABLE_ENTRIES");
  }

  #expectProfile(to: "member" | "group"): ProfileState {
    if (this.#profile === undefined || (to === "group" && this.table.kind !== "indirect_ws")) {
      throw new ControlError("table", "WRONG_TABLE_TYPE");
    }
    return this.#profile;
  }

  #indirect(to: "member" | "group", target: number, mayBeEmpty: boolean): Outcome {
    const profile = this.#expectProfile(to);
    if (to === "member") return { kind: "member", member: profile.member(target) };
    const group = profile.group(target);
    if (group.members.length === 0 && !mayBeEmpty) throw new ControlError("table", "EMPTY_GRP");
    return { kind: "group", group };
  }

  #action(name: string): Action {
    const action = this.table.actions.find((candidate) => candidate.name === name);
    if (action === undefined) throw new ControlError("table", "INVALID_ACTION_NAME", name);
    return action;
  }

  #insert(parts: EntryKey, priority: number, outcome: Outcome, now: number, ownSlot?: number): number {
    if (this.table.keys.length === 0) throw tableError("NO_TABLE_KEY");
    const key = normalizeKey(this.table, parts);
    const identity = keyIdentity(this.table, key, priority);
    if (this.#byIdentity.has(identity)) throw tableError("DUPLICATE_ENTRY");
    if (this.#entries.size >= this.table.maxSize || this.#entries.size > slotMask) throw tableError("TABLE_FULL");
    const slot = ownSlot ?? this.#entries.next;
    const handle = (((this.#versions[slot] ?? 0) << slotBits) | slot) >>> 0;
    const entry: Entry = {
      slot,
      handle,
      key,
      priority: hasPriorities(this.table) ? priority : -1,
      identity,
      outcome,
      timeoutMs: 0,
      lastHit: now,
    };
    this.makeRoom(slot);
    if (ownSlot === undefined) this.#entries.add(entry);
    else this.#entries.put(slot, entry);
    this.#byIdentity.set(identity, entry);
    if (outcome.kind === "call") this.#record(slot, outcome.call);
    this.index.add(entry);
    hold(outcome);
    return handle;
  }

  #record(slot: number, { action, words }: BoundAction): void {
    const start = slot * this.recordWords;
    if (start + this.recordWords > this.records.length) {
      const grown = new Uint32Array(Math.max(16 * this.recordWords, this.records.length * 2));
      grown.set(this.records);
      this.records = grown;
    }
    this.records[start] = action.index;
    this.records.set(words, start + 1);
  }

  #setDefault(outcome: Outcome | undefined): void {
    if (this.defaultOutcome !== undefined) release(this.defaultOutcome);
    if (outcome !== undefined) hold(outcome);
    this.defaultOutcome = outcome;
  }
}

function tableError(code: ControlErrorCodes["table"]): ControlError {
  return new ControlError("table", code);
}
