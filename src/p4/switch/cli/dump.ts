import type { ActionProfile, Table } from "../format/program.ts";
import type { ThriftClient } from "../thrift/client.ts";
import type { Codec } from "../thrift/codec.ts";
import { actionType, type actionEntry, type matchParam, type profileMember, type tableEntry } from "../thrift/types.ts";
import { keyName } from "./catalogue.ts";

type ValueOf<C> = C extends Codec<infer T> ? T : never;
type WireEntry = ValueOf<typeof tableEntry>;
type WireAction = ValueOf<typeof actionEntry>;
type WireMatch = ValueOf<typeof matchParam>;
type WireMember = ValueOf<typeof profileMember>;

const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
const nameColumns = 20;
const typeColumns = 10;

/** An entry in lines, as simple_switch_CLI prints them. */
export function dumpEntry(table: Table, { key, options, handle, action, life }: WireEntry): readonly string[] {
  const lines = [`Dumping entry 0x${(handle >>> 0).toString(16)}`, "Match key:"];
  for (const [at, part] of key.entries()) {
    const [type, text] = matchText(part);
    const tableKey = table.keys[at];
    const name = tableKey === undefined ? String(at) : keyName(tableKey);
    lines.push(`* ${name.padEnd(nameColumns)}: ${type.padEnd(typeColumns)}${text}`);
  }
  const { priority } = options;
  if (priority !== undefined && priority >= 0) lines.push(`Priority: ${priority}`);
  lines.push(...dumpDefault(action));
  if (life !== undefined) lines.push(`Life: ${life.sinceHitMs}ms since hit, timeout is ${life.timeoutMs}ms`);
  return lines;
}

/** What an entry or a miss leads to. */
export function dumpDefault({ type, name, data, member, group }: WireAction): readonly string[] {
  if (type === actionType.member) return [`Index: member(${member ?? 0})`];
  if (type === actionType.group) return [`Index: group(${group ?? 0})`];
  if (type === actionType.none) return ["EMPTY"];
  return [`Action entry: ${actionText(name ?? "", data ?? [])}`];
}

function actionText(name: string, data: readonly Uint8Array[]): string {
  return `${name} - ${data.map(hexOf).join(", ")}`;
}

function matchText({ exact, lpm, ternary, valid, range }: WireMatch): readonly [type: string, text: string] {
  if (exact !== undefined) return ["EXACT", hexOf(exact.key)];
  if (lpm !== undefined) return ["LPM", `${hexOf(lpm.key)}/${lpm.prefixLength}`];
  if (ternary !== undefined) return ["TERNARY", `${hexOf(ternary.key)} &&& ${hexOf(ternary.mask)}`];
  if (range !== undefined) return ["RANGE", `${hexOf(range.start)} -> ${hexOf(range.end)}`];
  return ["VALID", valid?.key === true ? "01" : "00"];
}

/** An entry for programs: bytes in hexadecimal. */
export function entryJson(table: Table, { key, options, handle, action, life }: WireEntry) {
  const { priority = -1 } = options;
  return {
    handle: handle >>> 0,
    key: key.map((part, at) => ({ name: table.keys[at]?.name ?? null, ...matchJson(part) })),
    ...(priority >= 0 ? { priority } : {}),
    action: actionJson(action),
    ...(life === undefined ? {} : { timeoutMs: life.timeoutMs, sinceHitMs: life.sinceHitMs }),
  };
}

function matchJson({ exact, lpm, ternary, valid, range }: WireMatch): object {
  if (exact !== undefined) return { match: "exact", value: hexOf(exact.key) };
  if (lpm !== undefined) return { match: "lpm", value: hexOf(lpm.key), prefixLength: lpm.prefixLength };
  if (ternary !== undefined) return { match: "ternary", value: hexOf(ternary.key), mask: hexOf(ternary.mask) };
  if (range !== undefined) return { match: "range", start: hexOf(range.start), end: hexOf(range.end) };
  return { match: "valid", value: valid?.key ?? false };
}

function actionJson({ type, name, data, member, group }: WireAction): object | null {
  if (type === actionType.member) return { member };
  if (type === actionType.group) return { group };
  return type === actionType.none ? null : { name, parameters: (data ?? []).map(hexOf) };
}

/** A member of a profile, in lines. */
export function dumpMember({ handle, action, data }: WireMember): readonly string[] {
  return [`Dumping member ${handle}`, `Action entry: ${actionText(action, data)}`];
}

/** A member of a profile, for programs. */
export function memberJson({ handle, action, data }: WireMember): object {
  return { handle, name: action, parameters: data.map(hexOf) };
}

/** All of a profile, in lines and for programs. */
export async function dumpProfile(client: ThriftClient, { name, selector }: ActionProfile) {
  const members = await client.call("bm_mt_act_prof_get_members", { cxt: 0, profile: name });
  const groups =
    selector === undefined ? [] : await client.call("bm_mt_act_prof_get_groups", { cxt: 0, profile: name });
  const lines = ["==========", "MEMBERS", ...members.flatMap((member) => ["**********", ...dumpMember(member)])];
  if (selector !== undefined) {
    lines.push("==========", "GROUPS", ...groups.flatMap((group) => ["**********", ...dumpGroup(group)]));
  }
  return {
    lines,
    members: members.map(memberJson),
    groups: groups.map((group) => ({ handle: group.handle, members: group.members })),
  };
}

/** A group of a profile, in lines. */
export function dumpGroup(group: { readonly handle: number; readonly members: readonly number[] }): readonly string[] {
  return [`Dumping group ${group.handle}`, `Members: [${group.members.join(", ")}]`];
}
