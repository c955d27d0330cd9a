import type { Span } from "../diagnostics/source-file.ts";
import type { ActionUse, KeyMatch, LoweredEntry, LoweredKey, LoweredTable, Operation } from "../lower/operation.ts";
import type { ActionList } from "./action.ts";
import { hex, type Json, sourceInfo } from "./json.ts";

/** What follows a table. */
export type NextNodes<Node> =
  | { readonly kind: "hit"; readonly hit: Node | undefined; readonly miss: Node | undefined }
  | {
      readonly kind: "action";
      readonly cases: ReadonlyMap<string, Node | undefined>;
      readonly otherwise: Node | undefined;
    };

/** A table of BMv2. */
export function tableJson<Node>(
  table: LoweredTable,
  id: number,
  next: NextNodes<Node>,
  nameOf: (node: Node | undefined) => string | null,
  actions: ActionList,
): Json {
  const ids = table.actions.map((action) => actions.add(action));
  const afterAction = (name: string): string | null => {
    if (next.kind === "hit") return null;
    return nameOf(next.cases.has(name) ? next.cases.get(name) : next.otherwise);
  };
  const { defaultAction } = table;
  const defaultName = defaultAction === undefined ? undefined : table.actions[defaultAction.action]?.name;
  const nextTables: Record<string, string | null> =
    next.kind === "hit"
      ? { __HIT__: nameOf(next.hit), __MISS__: nameOf(next.miss) }
      : Object.fromEntries(table.actions.map(({ name }) => [name, afterAction(name)]));
  const missNext =
    next.kind === "hit"
      ? nameOf(next.miss)
      : defaultName === undefined
        ? nameOf(next.otherwise)
        : afterAction(defaultName);
  const isConstant = table.defaultIsConstant;
  return {
    name: table.name,
    id,
    source_info: sourceInfo(table.span),
    key: table.keys.map(keyJson),
    match_type: table.matchType,
    type: table.profileKind,
    ...(table.profile === undefined ? {} : { action_profile: table.profile }),
    max_size: table.size,
    with_counters: table.withCounters,
    support_timeout: table.supportTimeout,
    direct_meters: table.directMeter ?? null,
    action_ids: ids,
    actions: table.actions.map(({ name }) => name),
    base_default_next: missNext,
    next_tables: nextTables,
    ...(defaultAction === undefined
      ? {}
      : {
          default_entry: {
            action_id: ids[defaultAction.action] ?? 0,
            action_const: isConstant,
            action_data: dataJson(defaultAction),
            action_entry_const: isConstant,
          },
        }),
    ...(table.entries.length === 0 ? {} : { entries: table.entries.map((entry) => entryJson(entry, table.keys, ids)) }),
  };
}

function keyJson({ matchType, name, value }: LoweredKey): Json {
  const target = value.kind === "field" ? [value.header, value.field] : validityOf(value);
  return { match_type: matchType, name, target, mask: null };
}

function validityOf(value: LoweredKey["value"]): readonly string[] {
  return value.kind === "valid" && value.header.kind === "instance" ? [value.header.name, "$valid$"] : [];
}

function entryJson(
  { keys, use, priority, span }: LoweredEntry,
  types: readonly LoweredKey[],
  ids: readonly number[],
): Json {
  return {
    source_info: sourceInfo(span),
    match_key: keys.map((match, index) => matchJson(match, types[index]?.width ?? 8)),
    action_entry: { action_id: ids[use.action] ?? 0, action_data: dataJson(use) },
    priority,
  };
}

function matchJson(match: KeyMatch, width: number): Json {
  const bytes = (value: bigint): string => hex(value, Math.ceil(width / 8) * 2);
  switch (match.kind) {
    case "exact":
      return { match_type: "exact", key: bytes(match.value) };
    case "lpm":
      return { match_type: "lpm", key: bytes(match.value), prefix_length: match.prefix };
    case "ternary":
      return { match_type: "ternary", key: bytes(match.value), mask: bytes(match.mask) };
    case "range":
      return { match_type: "range", start: bytes(match.low), end: bytes(match.high) };
  }
}

function dataJson({ data }: ActionUse): Json {
  return data.map((value) => hex(value, 1));
}

/** A table without keys that does one thing: statements between tables, or an action that is called directly. */
export function statementTable(statements: readonly Operation[], program: string): LoweredTable {
  const [first] = statements;
  const span: Span = spanOf(first);
  const { line } = span.file.position(span.start);
  const own = first?.kind === "action" ? first.name : `${program}${line}`;
  const label = first?.kind === "action" ? first.name.replaceAll(".", "_") : own;
  return {
    name: `tbl_${label}`,
    keys: [],
    matchType: "exact",
    actions: [{ name: own, parameters: [], body: statements, span }],
    defaultAction: { action: 0, data: [] },
    defaultIsConstant: true,
    entries: [],
    entriesAreConstant: false,
    size: 1024,
    supportTimeout: false,
    withCounters: false,
    directMeter: undefined,
    profile: undefined,
    profileKind: "simple",
    span,
  };
}

function spanOf(operation: Operation | undefined): Span {
  if (operation !== undefined && "span" in operation) return operation.span;
  throw new RangeError("a table of no statements");
}
