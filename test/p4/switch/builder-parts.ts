import type { FieldSpec, Json } from "./json-operands.ts";

/** Fields that every program has, with their widths. */
export const standardMetadata: readonly FieldSpec[] = [
  ["ingress_port", 9],
  ["egress_spec", 9],
  ["egress_port", 9],
  ["instance_type", 32],
  ["packet_length", 32],
  ["enq_timestamp", 32],
  ["enq_qdepth", 19],
  ["deq_timedelta", 32],
  ["deq_qdepth", 19],
  ["ingress_global_timestamp", 48],
  ["egress_global_timestamp", 48],
  ["mcast_grp", 16],
  ["egress_rid", 16],
  ["checksum_error", 1],
  ["parser_error", 32],
  ["priority", 3],
  ["_padding", 3],
];

/** What the target calls some of them. */
export const aliases: Readonly<Record<string, string>> = {
  "queueing_metadata.enq_timestamp": "enq_timestamp",
  "queueing_metadata.enq_qdepth": "enq_qdepth",
  "queueing_metadata.deq_timedelta": "deq_timedelta",
  "queueing_metadata.deq_qdepth": "deq_qdepth",
  "intrinsic_metadata.ingress_global_timestamp": "ingress_global_timestamp",
  "intrinsic_metadata.egress_global_timestamp": "egress_global_timestamp",
  "intrinsic_metadata.mcast_grp": "mcast_grp",
  "intrinsic_metadata.egress_rid": "egress_rid",
  "intrinsic_metadata.priority": "priority",
};

/** A state of the parser. */
export interface StateSpec {
  readonly ops?: readonly Json[];
  readonly key?: readonly Json[];
  /** Value (with the bytes of the key), or null for the default; mask; next state. */
  readonly to?: readonly (readonly [value: string | null, next: string | null, mask?: string])[];
}

/** A table; what is left out is as p4c has it for a plain table. */
export interface TableSpec {
  readonly key?: readonly (readonly [kind: string, target: string, mask?: string])[];
  readonly actions: readonly string[];
  readonly default?: string | null;
  readonly defaultData?: readonly string[];
  readonly size?: number;
  readonly next?: Readonly<Record<string, string | null>>;
  readonly more?: Json;
}

/** A pipeline that is not finished. */
export interface PipelineDraft {
  readonly name: string;
  init_table: string | null;
  readonly tables: Json[];
  readonly conditionals: Json[];
  readonly action_profiles: Json[];
}
