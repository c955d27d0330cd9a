/** Makes BMv2 JSON for tests in few words. Names of fields are written `header.field`, of stack elements `stack[0].field`. */
import { aliases, type PipelineDraft, standardMetadata, type StateSpec, type TableSpec } from "./builder-parts.ts";
import { field, fieldName, type FieldSpec, type Json } from "./json-operands.ts";

export * from "./json-operands.ts";

/** A program under construction. */
export class ProgramBuilder {
  readonly json = {
    __meta__: { version: [2, 23], compiler: "by hand" },
    header_types: [] as Json[],
    headers: [] as Json[],
    header_stacks: [] as Json[],
    header_union_types: [] as Json[],
    header_unions: [] as Json[],
    header_union_stacks: [] as Json[],
    errors: [] as (readonly [string, number])[],
    parsers: [] as Json[],
    parse_vsets: [] as Json[],
    deparsers: [] as Json[],
    learn_lists: [] as Json[],
    field_lists: [] as Json[],
    field_aliases: Object.entries(aliases).map(([alias, name]) => [alias, ["standard_metadata", name]]),
    actions: [] as Json[],
    calculations: [] as Json[],
    checksums: [] as Json[],
    counter_arrays: [] as Json[],
    meter_arrays: [] as Json[],
    register_arrays: [] as Json[],
    pipelines: [] as PipelineDraft[],
  };

  constructor() {
    this.metadata("standard_metadata", standardMetadata);
    for (const name of ["ingress", "egress"]) {
      this.json.pipelines.push({ name, init_table: null, tables: [], conditionals: [], action_profiles: [] });
    }
  }

  /** `lengthExpression`: bits of the variable field as P4_14 has it, of the fields before it as locals. */
  type(name: string, fields: readonly FieldSpec[], maxLength?: number, lengthExpression?: Json): this {
    const { header_types } = this.json;
    header_types.push({
      name,
      id: header_types.length,
      fields,
      ...(maxLength === undefined ? {} : { max_length: maxLength }),
      ...(lengthExpression === undefined ? {} : { length_exp: lengthExpression }),
    });
    return this;
  }

  /** An instance; its type is named after it unless given. */
  header(name: string, type: string | readonly FieldSpec[], metadata = false): this {
    if (typeof type !== "string") this.type(`${name}_t`, type);
    const { headers } = this.json;
    headers.push({ name, id: headers.length, header_type: typeof type === "string" ? type : `${name}_t`, metadata });
    return this;
  }

  metadata(name: string, fields: readonly FieldSpec[]): this {
    const bits = fields.reduce((sum, [, width]) => sum + Number(width), 0);
    const padding: FieldSpec[] = bits % 8 === 0 ? [] : [["_pad", 8 - (bits % 8)]];
    return this.header(name, [...fields, ...padding], true);
  }

  stack(name: string, type: string, size: number): this {
    const ids = Array.from({ length: size }, (_, at) => {
      this.header(`${name}[${at}]`, type);
      return this.json.headers.length - 1;
    });
    const { header_stacks } = this.json;
    header_stacks.push({ name, id: header_stacks.length, header_type: type, header_ids: ids });
    return this;
  }

  unionType(name: string, members: readonly (readonly [string, string])[]): this {
    const { header_union_types } = this.json;
    header_union_types.push({ name, id: header_union_types.length, headers: members });
    return this;
  }

  union(name: string, type: string): this {
    const members = this.json.header_union_types.find((candidate) => candidate["name"] === type)?.["headers"] as [
      string,
      string,
    ][];
    const ids = members.map(([member, headerType]) => {
      this.header(`${name}.${member}`, headerType);
      return this.json.headers.length - 1;
    });
    const { header_unions } = this.json;
    header_unions.push({ name, id: header_unions.length, union_type: type, header_ids: ids });
    return this;
  }

  unionStack(name: string, type: string, size: number): this {
    const ids = Array.from({ length: size }, (_, at) => {
      this.union(`${name}[${at}]`, type);
      return this.json.header_unions.length - 1;
    });
    const { header_union_stacks } = this.json;
    header_union_stacks.push({ name, id: header_union_stacks.length, union_type: type, header_union_ids: ids });
    return this;
  }

  parser(states: Readonly<Record<string, StateSpec>>): this {
    this.json.parsers.push({
      name: "parser",
      id: 0,
      init_state: Object.keys(states)[0],
      parse_states: Object.entries(states).map(([name, { ops = [], key = [], to = [[null, null]] }], id) => ({
        name,
        id,
        parser_ops: ops,
        transition_key: key,
        transitions: to.map(([value, next, mask]) =>
          value === null
            ? { type: "default", value: null, mask: null, next_state: next }
            : value.startsWith("0x")
              ? { type: "hexstr", value, mask: mask ?? null, next_state: next }
              : { type: "parse_vset", value, mask: mask ?? null, next_state: next },
        ),
      })),
    });
    return this;
  }

  valueSet(name: string, width: number): this {
    const { parse_vsets } = this.json;
    parse_vsets.push({ name, id: parse_vsets.length, compressed_bitwidth: width });
    return this;
  }

  deparser(...order: string[]): this {
    this.json.deparsers.push({ name: "deparser", id: 0, order, primitives: [] });
    return this;
  }

  action(name: string, parameters: readonly (readonly [string, number])[], ...primitives: Json[]): this {
    const { actions } = this.json;
    const runtime_data = parameters.map(([parameter, bitwidth]) => ({ name: parameter, bitwidth }));
    actions.push({ name, id: actions.length, runtime_data, primitives });
    return this;
  }

  actionId(name: string): number {
    return this.json.actions.findIndex((action) => action["name"] === name);
  }

  /** Add a table to the pipeline; the first one added is where it starts. */
  table(pipeline: "ingress" | "egress", name: string, spec: TableSpec): this {
    const target = this.#pipeline(pipeline);
    const kinds = (spec.key ?? []).map(([kind]) => kind);
    const match = ["range", "ternary", "lpm"].find((kind) => kinds.includes(kind)) ?? "exact";
    const defaultAction = spec.default === undefined ? spec.actions[0] : spec.default;
    target.tables.push({
      name,
      id: target.tables.length,
      key: (spec.key ?? []).map(([match_type, path, mask]) => ({
        match_type,
        name: path,
        target: fieldName(path),
        mask: mask ?? null,
      })),
      match_type: match,
      type: "simple",
      max_size: spec.size ?? 1024,
      action_ids: spec.actions.map((action) => this.actionId(action)),
      actions: spec.actions,
      base_default_next: null,
      next_tables: spec.next ?? Object.fromEntries(spec.actions.map((action) => [action, null])),
      ...(defaultAction === null || defaultAction === undefined
        ? {}
        : {
            default_entry: {
              action_id: this.actionId(defaultAction),
              action_const: false,
              action_data: spec.defaultData ?? [],
              action_entry_const: false,
            },
          }),
      ...spec.more,
    });
    return this.#start(pipeline, name);
  }

  /** A keyless table that always runs one action, as p4c makes of statements. */
  run(pipeline: "ingress" | "egress", name: string, action: string, next: string | null = null): this {
    const default_entry = {
      action_id: this.actionId(action),
      action_const: true,
      action_data: [],
      action_entry_const: true,
    };
    return this.table(pipeline, name, { actions: [action], next: { [action]: next }, more: { default_entry } });
  }

  conditional(
    pipeline: "ingress" | "egress",
    name: string,
    expression: Json,
    yes: string | null,
    no: string | null,
  ): this {
    const { conditionals } = this.#pipeline(pipeline);
    conditionals.push({ name, id: conditionals.length, expression, true_next: yes, false_next: no });
    return this.#start(pipeline, name);
  }

  profile(pipeline: "ingress" | "egress", name: string, selector?: Json): this {
    const { action_profiles } = this.#pipeline(pipeline);
    action_profiles.push({
      name,
      id: action_profiles.length,
      max_size: 128,
      ...(selector === undefined ? {} : { selector }),
    });
    return this;
  }

  calculation(name: string, algo: string, ...input: Json[]): this {
    const { calculations } = this.json;
    calculations.push({ name, id: calculations.length, algo, input });
    return this;
  }

  checksum(target: string, calculation: string, more: Json = {}): this {
    const { checksums } = this.json;
    checksums.push({
      name: `cksum${checksums.length}`,
      id: checksums.length,
      target: fieldName(target),
      type: "generic",
      calculation,
      verify: true,
      update: true,
      if_cond: null,
      ...more,
    });
    return this;
  }

  counter(name: string, size: number): this {
    this.json.counter_arrays.push({ name, id: this.json.counter_arrays.length, size, is_direct: false });
    return this;
  }

  meter(name: string, size: number, more: Json = {}): this {
    const { meter_arrays } = this.json;
    meter_arrays.push({
      name,
      id: meter_arrays.length,
      type: "packets",
      rate_count: 2,
      size,
      is_direct: false,
      ...more,
    });
    return this;
  }

  register(name: string, size: number, bitwidth: number): this {
    const { register_arrays } = this.json;
    register_arrays.push({ name, id: register_arrays.length, size, bitwidth });
    return this;
  }

  fieldList(...paths: string[]): this {
    const { field_lists } = this.json;
    const id = field_lists.length + 1;
    field_lists.push({ id, name: `fl${id}`, elements: paths.map((path) => field(path)) });
    return this;
  }

  learnList(...paths: string[]): this {
    const { learn_lists } = this.json;
    const id = learn_lists.length + 1;
    learn_lists.push({ id, name: `digest${id}`, elements: paths.map((path) => field(path)) });
    return this;
  }

  text(): string {
    return JSON.stringify(this.json);
  }

  #pipeline(name: string): PipelineDraft {
    const pipeline = this.json.pipelines.find((candidate) => candidate.name === name);
    if (pipeline === undefined) throw new Error(`no pipeline ${name}`);
    return pipeline;
  }

  #start(pipeline: string, node: string): this {
    this.#pipeline(pipeline).init_table ??= node;
    return this;
  }
}

/** Extract a header in a parse state. */
