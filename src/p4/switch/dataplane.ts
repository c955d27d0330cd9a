import type { Field, Program } from "./format/program.ts";

/** Fields through which target and program speak to each other, by the target's names. */
export const standardFieldNames = [
  "standard_metadata.ingress_port",
  "standard_metadata.packet_length",
  "standard_metadata.instance_type",
  "standard_metadata.egress_spec",
  "standard_metadata.egress_port",
  "standard_metadata.parser_error",
  "standard_metadata.checksum_error",
  "intrinsic_metadata.ingress_global_timestamp",
  "intrinsic_metadata.egress_global_timestamp",
  "intrinsic_metadata.mcast_grp",
  "intrinsic_metadata.egress_rid",
  "intrinsic_metadata.priority",
  "queueing_metadata.enq_timestamp",
  "queueing_metadata.enq_qdepth",
  "queueing_metadata.deq_timedelta",
  "queueing_metadata.deq_qdepth",
  "queueing_metadata.qid",
] as const;

/** Positions in {@link standardFieldNames}. */
export const standard = {
  ingressPort: 0,
  packetLength: 1,
  instanceType: 2,
  egressSpec: 3,
  egressPort: 4,
  parserError: 5,
  checksumError: 6,
  ingressTimestamp: 7,
  egressTimestamp: 8,
  multicastGroup: 9,
  egressRid: 10,
  priority: 11,
  enqueueTimestamp: 12,
  enqueueDepth: 13,
  dequeueDelta: 14,
  dequeueDepth: 15,
  queueId: 16,
} as const;

/** The program's fields in the order of {@link standardFieldNames}; undefined where it has none. */
export function standardFields(program: Program): readonly (Field | undefined)[] {
  return standardFieldNames.map((name) => program.standardFields.get(name));
}

/** What primitives ask of the target; it is done at the end of the pipeline, and the last word counts. */
export class Intents {
  /** Clone session, or -1. */
  cloneIngressSession = -1;
  cloneIngressList = 0;
  cloneEgressSession = -1;
  cloneEgressList = 0;
  /** Field list of a resubmission, or 0 for none. */
  resubmitList = 0;
  recirculateList = 0;
  /** Learn list of a digest, or 0 for none. */
  digestList = 0;
  /** Bytes to cut the packet to. */
  truncateTo = Number.MAX_SAFE_INTEGER;
  /** Length of the packet as headers come and go, bytes. */
  packetLength = 0;
  /** Length with which it came in, bytes: what counters and meters count. */
  ingressLength = 0;
  exited = false;

  reset(length: number): void {
    this.cloneIngressSession = -1;
    this.cloneIngressList = 0;
    this.cloneEgressSession = -1;
    this.cloneEgressList = 0;
    this.resubmitList = 0;
    this.recirculateList = 0;
    this.digestList = 0;
    this.truncateTo = Number.MAX_SAFE_INTEGER;
    this.packetLength = length;
    this.ingressLength = length;
    this.exited = false;
  }

  copyFrom(other: Intents): void {
    Object.assign(this, other);
  }
}

/** Why a packet was dropped by the data plane itself, where the reference would crash. */
export type FaultReason =
  | "division by zero"
  | "division of a negative number"
  | "negative shift"
  | "stack index out of range"
  | "jump out of the action"
  | "assertion failed"
  | "register index out of range"
  | "endless loop";

/** Thrown through the pipeline to drop the packet; made once, since packets may come in floods. */
export class PacketFault extends Error {
  readonly reason: FaultReason;

  constructor(reason: FaultReason) {
    super(reason);
    this.name = "PacketFault";
    this.reason = reason;
  }
}

/** The faults, by reason. */
export const packetFaults: Readonly<Record<FaultReason, PacketFault>> = {
  "division by zero": new PacketFault("division by zero"),
  "division of a negative number": new PacketFault("division of a negative number"),
  "negative shift": new PacketFault("negative shift"),
  "stack index out of range": new PacketFault("stack index out of range"),
  "jump out of the action": new PacketFault("jump out of the action"),
  "assertion failed": new PacketFault("assertion failed"),
  "register index out of range": new PacketFault("register index out of range"),
  "endless loop": new PacketFault("endless loop"),
};

/** Parse states, jumps within an action, or nodes of a pipeline after which a packet counts as going round for ever. */
export const stepLimit = 10_000;

export type LogLevel = "info" | "warn" | "error";

/** Where messages of the data plane go. */
export type DataplaneLog = (level: LogLevel, text: string) => void;

/**
 * A program that handles one packet at a time. Parsing and pipelines may throw a {@link PacketFault}: the packet is to
 * be dropped. `Snapshot` is a packet that waits: all its headers, metadata, intents and payload.
 */
export interface Dataplane<Snapshot = unknown> {
  readonly intents: Intents;
  /** Start with a packet: its bytes are copied, all headers invalid, all metadata 0, no intents. */
  begin(bytes: Uint8Array, start: number, length: number): void;
  /** Also sets parser_error and checksum_error. */
  parse(): void;
  ingress(): void;
  egress(): void;
  /** Update checksums and write the packet; it is then `output.bytes[start, start + length)` until the next call. */
  deparse(): void;
  readonly output: { readonly bytes: Uint8Array; readonly start: number; readonly length: number };
  clearMetadata(): void;
  /** A standard field, by its number; 0 if the program has none. */
  getStandard(field: number): number;
  /** Without effect if the program has no such field. */
  setStandard(field: number, value: number): void;
  readField(field: Field): bigint;
  writeField(field: Field, value: bigint): void;
  save(): Snapshot;
  restore(snapshot: Snapshot): void;
}
