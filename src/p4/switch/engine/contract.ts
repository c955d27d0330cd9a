import type { FaultReason, LogLevel } from "../dataplane.ts";
import type { AgeingNotification } from "./ageing.ts";
import type { EgressQueues } from "./egress-queues.ts";
import type { LearnNotification } from "./learning.ts";
import type { Mirroring } from "./mirroring.ts";
import type { Multicast, MulticastLimits } from "./multicast.ts";

/** What a switch gives. */
export interface EngineOutputs {
  /** A packet leaves: `bytes[start, start + length)`, valid until the call returns. */
  send(port: number, bytes: Uint8Array, start: number, length: number): void;
  notify?(notification: LearnNotification | AgeingNotification): void;
  log?(level: LogLevel, text: string): void;
}

/** How a switch works. */
export interface EngineOptions {
  /** Packets sent here are dropped (511). */
  readonly dropPort?: number;
  /** Queues per port (1). */
  readonly priorityQueues?: number;
  /** Root of the random numbers that programs draw (1). */
  readonly seed?: number;
  /** What the replication engine holds at most (4096 groups, 4096 nodes). */
  readonly multicast?: MulticastLimits;
  /** Whether the program runs as generated JavaScript (the default) or is walked by the interpreter. */
  readonly execution?: "compiled" | "interpreted";
}

/** What became of packets. */
export interface EngineCounters {
  received: number;
  sent: number;
  /** Sent to the drop port by the program. */
  dropped: number;
  /** A queue was full, or a priority had none. */
  queueDrops: number;
  /** Longer than can be handled, or the buffer for resubmitted and recirculated packets was full. */
  inputDrops: number;
  /** Sent to a multicast group that is not there. */
  unknownGroups: number;
  /** Dropped where the reference would crash, by reason. */
  readonly faults: Map<FaultReason, number>;
}

/** What survives a change of the program. */
export interface SharedParts {
  readonly multicast: Multicast;
  readonly mirroring: Mirroring;
  readonly queues: EgressQueues;
  readonly counters: EngineCounters;
}
