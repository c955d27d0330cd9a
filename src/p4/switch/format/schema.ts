import { z } from "zod";

/**
 * The shape of BMv2 JSON, version 2.x, as p4c writes it and simple_switch reads it. Only what a switch uses is named;
 * everything else in the file (source_info, compiler, …) passes unread.
 */

/** `{type, value}`: a field, a constant, an expression, a reference to some object by name. */
const operand = z.looseObject({ type: z.string(), value: z.unknown() });

const fieldName = z.tuple([z.string(), z.string()]);
const id = z.int().nonnegative();
/** Wider than any header: what is beyond is a mistake that would only use up memory. */
const width = z.int().positive().max(65_536);
/** Cells of an array of registers, counters or meters. */
const size = z.int().nonnegative().max(16_777_216);
const list = <T extends z.ZodType>(item: T) => z.array(item).default([]);

const primitive = z.looseObject({
  op: z.string(),
  parameters: list(operand),
});

const headerType = z.looseObject({
  name: z.string(),
  id,
  fields: z.array(
    z.union([
      z.tuple([z.string(), z.union([width, z.literal("*")])]),
      z.tuple([z.string(), z.union([width, z.literal("*")]), z.boolean()]),
      z.tuple([z.string(), z.union([width, z.literal("*")]), z.boolean(), z.boolean()]),
    ]),
  ),
  length_exp: operand.nullish(),
  max_length: z.int().nonnegative().max(65_536).nullish(),
});

const transition = z.looseObject({
  type: z.enum(["default", "hexstr", "parse_vset"]).optional(),
  value: z.union([z.string(), z.null()]).optional(),
  mask: z.union([z.string(), z.null()]).optional(),
  next_state: z.string().nullable(),
});

const parseState = z.looseObject({
  name: z.string(),
  id,
  parser_ops: list(z.looseObject({ op: z.string(), parameters: list(z.unknown()) })),
  transitions: list(transition),
  transition_key: list(operand),
});

const calculationInput = z.looseObject({
  type: z.enum(["field", "hexstr", "header", "payload"]),
  value: z.unknown().optional(),
  bitwidth: width.optional(),
});

const tableKey = z.looseObject({
  match_type: z.enum(["exact", "lpm", "ternary", "range", "valid"]),
  target: z.union([fieldName, z.string()]),
  mask: z.string().nullish(),
  name: z.string().nullish(),
});

const actionEntry = z.looseObject({
  action_id: id,
  action_const: z.boolean().default(false),
  action_data: list(z.string()),
  action_entry_const: z.boolean().default(false),
});

const constantEntry = z.looseObject({
  match_key: z.array(z.looseObject({ match_type: z.string() })),
  action_entry: z.looseObject({ action_id: id, action_data: list(z.string()) }),
  priority: z.int().optional(),
});

const table = z.looseObject({
  name: z.string(),
  id,
  key: list(tableKey),
  match_type: z.enum(["exact", "lpm", "ternary", "range"]),
  type: z.enum(["simple", "indirect", "indirect_ws"]).default("simple"),
  action_profile: z.string().nullish(),
  max_size: z.int().nonnegative().default(1024),
  with_counters: z.boolean().default(false),
  support_timeout: z.boolean().default(false),
  direct_meters: z.string().nullish(),
  action_ids: z.array(id).optional(),
  actions: list(z.string()),
  next_tables: z.record(z.string(), z.string().nullable()),
  base_default_next: z.string().nullish(),
  default_entry: actionEntry.nullish(),
  entries: list(constantEntry),
});

const pipeline = z.looseObject({
  name: z.string(),
  init_table: z.string().nullish(),
  tables: list(table),
  action_profiles: list(
    z.looseObject({
      name: z.string(),
      id,
      max_size: size.optional(),
      selector: z.looseObject({ algo: z.string(), input: z.array(operand) }).nullish(),
    }),
  ),
  conditionals: list(
    z.looseObject({
      name: z.string(),
      id,
      expression: operand,
      true_next: z.string().nullish(),
      false_next: z.string().nullish(),
    }),
  ),
  action_calls: list(z.looseObject({ name: z.string(), id, action_id: id, next_node: z.string().nullish() })),
});

/** A whole file. */
export const programSchema = z.looseObject({
  program: z.string().optional(),
  __meta__: z.looseObject({ version: z.tuple([z.int(), z.int()]).optional() }).optional(),
  header_types: list(headerType),
  headers: list(z.looseObject({ name: z.string(), id, header_type: z.string(), metadata: z.boolean().default(false) })),
  header_stacks: list(z.looseObject({ name: z.string(), id, header_type: z.string(), header_ids: z.array(id) })),
  header_union_types: list(z.looseObject({ name: z.string(), id, headers: z.array(fieldName) })),
  header_unions: list(z.looseObject({ name: z.string(), id, union_type: z.string(), header_ids: z.array(id) })),
  header_union_stacks: list(
    z.looseObject({ name: z.string(), id, union_type: z.string(), header_union_ids: z.array(id) }),
  ),
  errors: list(z.tuple([z.string(), z.int()])),
  field_aliases: list(z.tuple([z.string(), fieldName])),
  parsers: list(z.looseObject({ name: z.string(), init_state: z.string(), parse_states: z.array(parseState) })),
  parse_vsets: list(z.looseObject({ name: z.string(), id, compressed_bitwidth: width })),
  deparsers: list(z.looseObject({ name: z.string(), order: z.array(z.string()), primitives: list(primitive) })),
  learn_lists: list(z.looseObject({ id, name: z.string(), elements: z.array(operand) })),
  field_lists: list(
    z.looseObject({
      id,
      name: z.string(),
      elements: z.array(operand.extend({ bitwidth: width.optional() })),
    }),
  ),
  actions: list(
    z.looseObject({
      name: z.string(),
      id,
      runtime_data: list(z.looseObject({ name: z.string(), bitwidth: width })),
      primitives: list(primitive),
    }),
  ),
  calculations: list(z.looseObject({ name: z.string(), id, algo: z.string(), input: z.array(calculationInput) })),
  checksums: list(
    z.looseObject({
      name: z.string(),
      id,
      target: fieldName,
      type: z.literal("generic"),
      calculation: z.string(),
      update: z.boolean().default(true),
      verify: z.boolean().default(true),
      if_cond: operand.nullish(),
    }),
  ),
  counter_arrays: list(
    z.looseObject({
      name: z.string(),
      id,
      size: size.optional(),
      is_direct: z.boolean().default(false),
      binding: z.string().nullish(),
    }),
  ),
  meter_arrays: list(
    z.looseObject({
      name: z.string(),
      id,
      type: z.enum(["packets", "bytes"]),
      rate_count: z.int().positive().max(16),
      size: size.optional(),
      is_direct: z.boolean().default(false),
      binding: z.string().nullish(),
      result_target: fieldName.nullish(),
    }),
  ),
  register_arrays: list(z.looseObject({ name: z.string(), id, size, bitwidth: width })),
  extern_instances: list(z.looseObject({ name: z.string(), id, type: z.string() })),
  pipelines: list(pipeline),
});

/** A file whose shape is right; names in it may still lead nowhere. */
export type ProgramFile = z.infer<typeof programSchema>;
/** `{type, value}` as it stands in the file. */
export type Operand = z.infer<typeof operand>;
/** A primitive call as it stands in the file. */
export type PrimitiveCall = z.infer<typeof primitive>;
/** A table as it stands in the file. */
export type TableFile = z.infer<typeof table>;
/** A parse state as it stands in the file. */
export type ParseStateFile = z.infer<typeof parseState>;
