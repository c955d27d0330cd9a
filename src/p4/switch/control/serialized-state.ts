import { createHash } from "node:crypto";
import { z } from "zod";
import { P4Error } from "../../p4-error.ts";
import type { Engine } from "../engine/engine.ts";
import { bindAction } from "../state/bound-action.ts";
import type { CounterCells, MeterCells } from "../state/cells.ts";
import { ControlError, isControlError } from "../state/control-error.ts";
import type { ProfileState } from "../state/profile-state.ts";
import type { Outcome } from "../state/entry.ts";
import type { TableState } from "../state/table-state.ts";

/** What bm_serialize_state begins with; the MD5 of the program follows. */
const header = Buffer.from("06062016_0\n");
const md5Bytes = 16;

const big = z.string().regex(/^\d+$/).transform(BigInt);
const count = z.int().nonnegative();
const match = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("exact"), value: big }),
  z.strictObject({ kind: z.literal("valid"), value: z.boolean() }),
  z.strictObject({ kind: z.literal("lpm"), value: big, prefixLength: count }),
  z.strictObject({ kind: z.literal("ternary"), value: big, mask: big }),
  z.strictObject({ kind: z.literal("range"), start: big, end: big }),
]);
const call = z.strictObject({ action: z.string(), data: z.array(big) });
const outcome = z.union([
  z.strictObject({ call }),
  z.strictObject({ member: count }),
  z.strictObject({ group: count }),
]);
const counter = z.tuple([big, big]);
const rates = z.array(z.strictObject({ unitsPerMicrosecond: z.number(), burst: z.number() }));
const stateSchema = z.strictObject({
  profiles: z.array(
    z.strictObject({
      members: z.array(z.strictObject({ handle: count, ...call.shape })),
      groups: z.array(z.strictObject({ handle: count, members: z.array(count) })),
    }),
  ),
  tables: z.array(
    z.strictObject({
      versions: z.array(count),
      entries: z.array(
        z.strictObject({ slot: count, key: z.array(match), priority: z.int(), outcome, timeoutMs: count }),
      ),
      default: outcome.nullable(),
      counters: z.array(counter),
      meters: z.array(rates),
    }),
  ),
  counters: z.array(z.array(counter)),
  meters: z.array(z.array(rates)),
  registers: z.array(z.array(big)),
  valueSets: z.array(z.array(big)),
});
type SavedState = z.input<typeof stateSchema>;
type ReadState = z.output<typeof stateSchema>;

/** All entries and cells of a program, for a switch that is to go on with them: bm_serialize_state. */
export function serializeState({ program, state }: Engine): Buffer {
  const saved = {
    profiles: state.profiles.map(({ members, groups }) => ({
      members: [...members.entries()].map(([handle, member]) => ({
        handle,
        action: member.call.action.name,
        data: member.call.data,
      })),
      groups: [...groups.entries()].map(([handle, group]) => ({
        handle,
        members: group.members.map((member) => member.handle),
      })),
    })),
    tables: state.tables.map((table) => ({
      versions: Array.from(table.versions, (version: number | undefined) => version ?? 0),
      entries: [...table.entries()].map(({ slot, key, priority, outcome: leadsTo, timeoutMs }) => ({
        slot,
        key,
        priority,
        outcome: outcomeText(leadsTo),
        timeoutMs,
      })),
      default: table.defaultOutcome === undefined ? null : outcomeText(table.defaultOutcome),
      counters: table.counters === undefined ? [] : countersText(table.counters),
      meters: table.meters === undefined ? [] : metersText(table.meters),
    })),
    counters: state.counters.map(countersText),
    meters: state.meters.map(metersText),
    registers: state.registers.map((cells) => Array.from({ length: cells.size }, (_, at) => cells.read(at))),
    valueSets: state.valueSets.map(({ members }) => [...members]),
  };
  const text = JSON.stringify(saved, (_, value: unknown) => (typeof value === "bigint" ? String(value) : value));
  return Buffer.concat([header, programMd5(program.text), Buffer.from(`\n${text}\n`)]);
}

/**
 * Let a switch go on with what {@link serializeState} gave, instead of with empty tables.
 *
 * @throws P4Error (input) for the state of another program, or of another kind of switch
 */
export function restoreState({ program, state }: Engine, bytes: Buffer, subject: string, now: number): void {
  const fail = (expected: string, found: string): P4Error =>
    new P4Error({ kind: "input", step: "restore the state of the switch", subject, expected, found });
  const start = header.length + md5Bytes + 1;
  if (!bytes.subarray(0, header.length).equals(header)) {
    throw fail("what serialize_state wrote", "a file that begins otherwise");
  }
  const md5 = bytes.subarray(header.length, header.length + md5Bytes);
  if (!md5.equals(programMd5(program.text))) {
    const expected = `the state of this program (MD5 ${programMd5(program.text).toString("hex")})`;
    throw fail(expected, `that of ${md5.toString("hex")}`);
  }
  let saved: ReadState;
  try {
    saved = stateSchema.parse(JSON.parse(bytes.subarray(start).toString("utf8")));
  } catch {
    throw fail(
      "state that a switch of this kind wrote",
      "another format: simple_switch and this switch each have their own",
    );
  }
  const profiles = new Map(state.profiles.map((profile) => [profile.profile, profile]));
  try {
    for (const [at, { members, groups }] of saved.profiles.entries()) state.profiles[at]?.restore(members, groups);
    for (const [at, table] of state.tables.entries()) {
      const found = saved.tables[at];
      const profile = table.table.profile === undefined ? undefined : profiles.get(table.table.profile);
      if (found !== undefined) restoreTable(table, found, profile, now);
    }
    for (const [at, cells] of state.counters.entries()) restoreCounters(cells, saved.counters[at] ?? []);
    for (const [at, cells] of state.meters.entries()) restoreMeters(cells, saved.meters[at] ?? [], now);
    for (const [at, cells] of state.registers.entries()) {
      for (const [index, value] of (saved.registers[at] ?? []).entries()) cells.write(index, value);
    }
    for (const [at, set] of state.valueSets.entries()) for (const member of saved.valueSets[at] ?? []) set.add(member);
  } catch (error) {
    if (isControlError(error)) throw fail("state that fits the program", error.message);
    throw error;
  }
}

function programMd5(text: string): Buffer {
  return createHash("md5").update(text).digest();
}

function outcomeText(found: Outcome) {
  switch (found.kind) {
    case "call":
      return { call: { action: found.call.action.name, data: found.call.data } };
    case "member":
      return { member: found.member.handle };
    case "group":
      return { group: found.group.handle };
  }
}

function restoreTable(
  table: TableState,
  saved: ReadState["tables"][number],
  profile: ProfileState | undefined,
  now: number,
): void {
  const outcomeOf = (found: z.output<typeof outcome>): Outcome => {
    if ("call" in found) {
      const action = table.table.actions.find(({ name }) => name === found.call.action);
      if (action === undefined) throw new ControlError("table", "INVALID_ACTION_NAME", found.call.action);
      return { kind: "call", call: bindAction(action, found.call.data) };
    }
    if (profile === undefined) throw new ControlError("table", "WRONG_TABLE_TYPE", table.table.name);
    return "member" in found
      ? { kind: "member", member: profile.member(found.member) }
      : { kind: "group", group: profile.group(found.group) };
  };
  const entries = saved.entries.map((entry) => ({ ...entry, outcome: outcomeOf(entry.outcome) }));
  table.restore(entries, saved.versions, saved.default === null ? undefined : outcomeOf(saved.default));
  if (table.counters !== undefined) restoreCounters(table.counters, saved.counters);
  if (table.meters !== undefined) restoreMeters(table.meters, saved.meters, now);
}

function countersText(cells: CounterCells): (readonly [bigint, bigint])[] {
  return Array.from({ length: cells.size }, (_, at) => {
    const { packets, bytes } = cells.read(at);
    return [packets, bytes];
  });
}

function restoreCounters(cells: CounterCells, saved: readonly (readonly [bigint, bigint])[]): void {
  cells.grow(saved.length);
  for (const [at, [packets, bytes]] of saved.entries()) cells.write(at, { packets, bytes });
}

function metersText(cells: MeterCells): SavedState["meters"][number] {
  return Array.from({ length: cells.size }, (_, at) => [...cells.rates(at)]);
}

function restoreMeters(cells: MeterCells, saved: ReadState["meters"][number], now: number): void {
  cells.grow(saved.length);
  for (const [at, found] of saved.entries()) if (found.length > 0) cells.setRates(at, found, now);
}
