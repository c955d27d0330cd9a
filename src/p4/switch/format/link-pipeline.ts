import { Fault, type FaultList, NameTable } from "./faults.ts";
import { collect } from "./link-headers.ts";
import { OperandReader } from "./operand.ts";
import { parseHex } from "./operand-form.ts";
import type {
  Action,
  ActionCall,
  ActionProfile,
  Calculation,
  Conditional,
  ActionNode,
  Header,
  MatchParameter,
  Node,
  Pipeline,
  Table,
  TableKey,
  TableNext,
  Union,
} from "./program.ts";
import type { ProgramFile, TableFile } from "./schema.ts";
import type { Scope } from "./scope.ts";

type PipelineFile = ProgramFile["pipelines"][number];

/** What pipelines of one program share. */
export interface PipelineContext {
  readonly scope: Scope;
  readonly faults: FaultList;
  readonly actions: readonly Action[];
  /** Of both pipelines, in the order of the file; indexes are positions here. */
  readonly tables: Table[];
  readonly profiles: ActionProfile[];
  /** Selectors compute a hash as calculations do. */
  readonly selectorCalculation: (name: string, algorithm: string, input: readonly unknown[]) => Calculation;
}

/** Resolve one pipeline; one that the file leaves out does nothing. */
export function linkPipeline(file: ProgramFile, name: "ingress" | "egress", context: PipelineContext): Pipeline {
  const entry = file.pipelines.find((pipeline) => pipeline.name === name);
  if (entry === undefined) return { name, nodes: [], first: undefined };
  const { faults, scope, actions } = context;
  const read = new OperandReader(scope);
  const nodes = new NameTable<Node>("pipeline node");
  const profiles = linkProfiles(entry, context);

  const tables = collect(entry.tables, "table", faults, (tableFile) => {
    const table = linkTable(tableFile, name, profiles, context);
    context.tables.push(table);
    nodes.add(table.name, { kind: "table", table });
    return { tableFile, table };
  });
  const conditionals = collect(entry.conditionals, "conditional", faults, (conditionalFile) => {
    const conditional: Conditional = {
      name: conditionalFile.name,
      condition: read.condition(conditionalFile.expression),
      whenTrue: undefined,
      whenFalse: undefined,
    };
    nodes.add(conditional.name, { kind: "conditional", conditional });
    return { conditionalFile, conditional };
  });
  const calls = collect(entry.action_calls, "action call", faults, (callFile) => {
    const call: ActionNode = { name: callFile.name, action: actionById(actions, callFile.action_id), next: undefined };
    nodes.add(call.name, { kind: "action", call });
    return { callFile, call };
  });

  const node = (target: string | null | undefined): Node | undefined =>
    target === null || target === undefined ? undefined : nodes.get(target);
  for (const { tableFile, table } of tables) {
    faults.attempt(`table '${table.name}'`, () => {
      linkNext(tableFile, table, node);
    });
  }
  for (const { conditionalFile, conditional } of conditionals) {
    faults.attempt(`conditional '${conditional.name}'`, () => {
      conditional.whenTrue = node(conditionalFile.true_next);
      conditional.whenFalse = node(conditionalFile.false_next);
    });
  }
  for (const { callFile, call } of calls) {
    faults.attempt(`action call '${call.name}'`, () => {
      call.next = node(callFile.next_node);
    });
  }
  const first = faults.attempt(`pipeline '${name}'`, () => node(entry.init_table));
  return {
    name,
    nodes: [
      ...tables.map(({ table }): Node => ({ kind: "table", table })),
      ...conditionals.map(({ conditional }): Node => ({ kind: "conditional", conditional })),
      ...calls.map(({ call }): Node => ({ kind: "action", call })),
    ],
    first,
  };
}

function linkProfiles(entry: PipelineFile, context: PipelineContext): NameTable<ActionProfile> {
  const table = new NameTable<ActionProfile>("action profile");
  collect(entry.action_profiles, "action profile", context.faults, ({ name, id, selector }) => {
    const profile: ActionProfile = {
      name,
      id,
      index: context.profiles.length,
      selector:
        selector === null || selector === undefined
          ? undefined
          : context.selectorCalculation(name, selector.algo, selector.input),
    };
    context.profiles.push(profile);
    table.add(name, profile);
  });
  return table;
}

function linkTable(
  file: TableFile,
  pipeline: "ingress" | "egress",
  profiles: NameTable<ActionProfile>,
  { scope, actions, tables }: PipelineContext,
): Table {
  const keys = file.key.map((key): TableKey => {
    const validityOf = key.match_type === "valid" ? validTarget(key.target, scope) : scope.validity(key.target);
    const target = validityOf === undefined ? scope.field(key.target) : { validityOf };
    const width = "validityOf" in target ? 1 : target.type.width;
    return {
      kind: key.match_type,
      target,
      width,
      mask: key.mask === null || key.mask === undefined ? undefined : parseHex(key.mask) & ((1n << BigInt(width)) - 1n),
      name: key.name ?? (typeof key.target === "string" ? key.target : key.target.join(".")),
    };
  });
  if (keys.filter(({ kind }) => kind === "lpm").length > 1) throw new Fault("more than one lpm key");
  const allowed =
    file.action_ids?.map((id) => actionById(actions, id)) ?? file.actions.map((name) => actionByName(actions, name));
  const call = (id: number, data: readonly string[]): ActionCall => {
    const action = actionById(actions, id);
    if (action.parameters.length !== data.length) {
      throw new Fault(`action '${action.name}': expected ${action.parameters.length} values, found ${data.length}`);
    }
    return { action, data: data.map(parseHex) };
  };
  if (file.type !== "simple" && typeof file.action_profile !== "string") {
    throw new Fault(`a table of type ${file.type} needs an action_profile`);
  }
  const profile = file.type === "simple" ? undefined : profiles.get(file.action_profile);
  if (file.type === "indirect_ws" && profile?.selector === undefined) {
    throw new Fault(`action profile '${profile?.name ?? ""}' has no selector`);
  }
  const defaultEntry = file.default_entry ?? undefined;
  return {
    name: file.name,
    id: file.id,
    index: tables.length,
    pipeline,
    keys,
    match: file.match_type,
    kind: file.type,
    profile,
    maxSize: file.max_size,
    withCounters: file.with_counters,
    supportTimeout: file.support_timeout,
    meter:
      file.direct_meters === null || file.direct_meters === undefined
        ? undefined
        : scope.meters.get(file.direct_meters),
    actions: allowed,
    defaultCall: defaultEntry === undefined ? undefined : call(defaultEntry.action_id, defaultEntry.action_data),
    defaultActionConstant: defaultEntry?.action_const ?? false,
    defaultEntryConstant: defaultEntry?.action_entry_const ?? false,
    immutable: file.entries.length > 0,
    entries: file.entries.map((entry, position) => ({
      key: entry.match_key.map((part, at) => linkMatch(part, keys[at])),
      priority: entry.priority ?? position + 1,
      call: call(entry.action_entry.action_id, entry.action_entry.action_data),
    })),
    next: { hit: undefined, miss: undefined, byOutcome: false, byAction: new Map(), baseDefault: undefined },
  };
}

function validTarget(target: unknown, scope: Scope): Header | Union {
  if (Array.isArray(target)) return scope.headers.get(target[0]);
  return scope.headers.find(String(target)) ?? scope.unions.get(target);
}

function linkMatch(part: Readonly<Record<string, unknown>>, key: TableKey | undefined): MatchParameter {
  if (key === undefined) throw new Fault("an entry has more match parameters than the table has keys");
  const kind = part["match_type"];
  if (kind !== key.kind) throw new Fault(`entry: expected a match of kind ${key.kind}, found ${String(kind)}`);
  switch (key.kind) {
    case "exact":
      return { kind: "exact", value: parseHex(part["key"]) };
    case "valid":
      return { kind: "valid", value: part["key"] === true };
    case "lpm": {
      const prefixLength = part["prefix_length"];
      if (typeof prefixLength !== "number") throw new Fault("entry: expected prefix_length");
      return { kind: "lpm", value: parseHex(part["key"]), prefixLength };
    }
    case "ternary":
      return { kind: "ternary", value: parseHex(part["key"]), mask: parseHex(part["mask"]) };
    case "range":
      return { kind: "range", start: parseHex(part["start"]), end: parseHex(part["end"]) };
  }
}

function linkNext(file: TableFile, table: Table, node: (name: string | null | undefined) => Node | undefined): void {
  const next: TableNext = table.next;
  const { next_tables } = file;
  const names = Object.keys(next_tables);
  next.baseDefault = node(file.base_default_next);
  if ("__HIT__" in next_tables || "__MISS__" in next_tables) {
    if (names.length !== 2 || !("__HIT__" in next_tables) || !("__MISS__" in next_tables)) {
      throw new Fault("next_tables: expected exactly __HIT__ and __MISS__, or one key for each action");
    }
    next.byOutcome = true;
    next.hit = node(next_tables["__HIT__"]);
    next.miss = node(next_tables["__MISS__"]);
    return;
  }
  const actionNames = new Set(table.actions.map(({ name }) => name));
  if (names.length !== actionNames.size || names.some((name) => !actionNames.has(name))) {
    throw new Fault("next_tables: expected exactly __HIT__ and __MISS__, or one key for each action");
  }
  for (const action of table.actions) next.byAction.set(action.index, node(next_tables[action.name]));
}

function actionById(actions: readonly Action[], id: number): Action {
  const action = actions.find((candidate) => candidate.id === id);
  if (action === undefined) throw new Fault(`Invalid reference to action id ${id}`);
  return action;
}

function actionByName(actions: readonly Action[], name: string): Action {
  const action = actions.find((candidate) => candidate.name === name);
  if (action === undefined) throw new Fault(`Invalid reference to action '${name}'`);
  return action;
}
