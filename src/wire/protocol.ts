import type { DirectionSettings } from "../topology/direction-settings.ts";

/**
 * The words that the panel and its client exchange, all JSON-serialisable.
 * Times are nanoseconds of CLOCK_REALTIME as decimal strings where they cross the control channel (a number would lose digits).
 */

/** One end of a wire, by position in {@link WireDescription.ends}: 0 is "a", 1 is "b". */
export type EndIndex = 0 | 1;

/** A direction, named by the end that sends: `aToB` carries what end 0 sends to end 1. */
export type DirectionName = "aToB" | "bToA";

/** Both directions, in the order of the ends which send into them. */
export const directionNames = ["aToB", "bToA"] as const satisfies readonly DirectionName[];

/** Why a frame did not come out of a wire; `absent` means that nothing is connected at the far end. */
export type DropReason = "queue" | "loss" | "cut" | "down" | "mtu" | "absent";

/** What became of a frame that entered a wire. */
export type Fate = "delivered" | DropReason;

/** Every fate; its index is the code of the fate in a recording. */
export const fates = ["delivered", "queue", "loss", "cut", "down", "mtu", "absent"] as const satisfies readonly Fate[];

/** What a wire did to a frame besides its fate, and where the frame came from. */
export type FrameMark = "injected" | "duplicated" | "corrupted" | "reordered";

/** Every mark; bit `1 << index` stands for it in a recording. */
export const frameMarks = ["injected", "duplicated", "corrupted", "reordered"] as const satisfies readonly FrameMark[];

/** The marks whose bits are set. */
export function marksOf(bits: number): FrameMark[] {
  return frameMarks.filter((_mark, index) => (bits & (1 << index)) !== 0);
}

/** What a wire end is plugged into: a port, a segment, or nothing. */
export type WireEnd = { readonly port: string } | { readonly segment: string } | null;

/** A wire to be added: its unique name, what it connects, and how each direction behaves (clean where left out). */
export interface WireDescription {
  readonly name: string;
  readonly ends: readonly [WireEnd, WireEnd];
  readonly aToB?: Partial<DirectionSettings>;
  readonly bToA?: Partial<DirectionSettings>;
}

/** A port to listen for: `node` and `port` as the topology names them. Its name on the panel is `node:port`. */
export interface PortDescription {
  readonly node: string;
  readonly port: string;
}

/**
 * A shared Ethernet. Without `vde` it is a hub; with it, every wire which ends here is a port of a VDE switch:
 * of the one whose control directory is given, or of one that the panel starts (`true`).
 */
export interface SegmentDescription {
  readonly name: string;
  readonly vde?: true | { readonly controlDirectory: string };
}

/** What a panel is asked to carry; may be extended at any time by further calls. */
export interface PanelConfiguration {
  readonly ports?: readonly PortDescription[];
  readonly segments?: readonly SegmentDescription[];
  readonly wires?: readonly WireDescription[];
}

/** Counters of one direction since the wire was added. Bytes are frame bytes without the length prefix. */
export interface DirectionCounters {
  /** Entered the direction, whatever their fate; injected ones included. */
  readonly frames: number;
  readonly bytes: number;
  /** Came out at the far end (accepted by its queue); duplicates included. */
  readonly deliveredFrames: number;
  readonly deliveredBytes: number;
  readonly dropped: Readonly<Record<DropReason, number>>;
  readonly injected: number;
  readonly duplicated: number;
  readonly corrupted: number;
  readonly reordered: number;
  /** On their way: delayed or waiting for the serialisation rate. */
  readonly inFlightFrames: number;
  readonly inFlightBytes: number;
  /** Bytes accepted but not yet read by the far end's machine (length prefixes included). */
  readonly waitingBytes: number;
}

/** A direction as `ls` shows it. */
export interface DirectionStatus {
  readonly settings: DirectionSettings;
  readonly counters: DirectionCounters;
}

/** A wire as `ls` shows it. */
export interface WireStatus {
  readonly name: string;
  readonly ends: readonly [WireEnd, WireEnd];
  /** `false` between `down` and `up`: the carrier is lost at both ends. */
  readonly up: boolean;
  readonly aToB: DirectionStatus;
  readonly bToA: DirectionStatus;
  readonly recording: RecordingStatus;
}

/** How much of a wire's traffic its ring still holds. */
export interface RecordingStatus {
  readonly capacityBytes: number;
  readonly frames: number;
  /** Frames that had to make room for newer ones. */
  readonly overwrittenFrames: number;
}

/** A port as `ls` shows it. */
export interface PortStatus {
  readonly name: string;
  /** Socket path, relative to the run directory. */
  readonly path: string;
  readonly connected: boolean;
  /** Connections accepted so far: one more than the number of power cycles. */
  readonly connections: number;
}

/** One frame of a recording, as it entered the wire. */
export interface WireRecord {
  /** Position in the order of all frames of the panel. */
  readonly sequence: number;
  readonly wire: string;
  readonly direction: DirectionName;
  /** Nanoseconds since the epoch at which the panel read the frame from its sender. */
  readonly timestampNanoseconds: bigint;
  readonly fate: Fate;
  readonly marks: readonly FrameMark[];
  readonly comment?: string;
  /** The Ethernet frame without FCS, as its sender sent it (a corrupted one: before the corruption). */
  readonly frame: Buffer;
}

/** What to read of the recordings. */
export interface ReadQuery {
  /** Wires to look at; all of them where left out. */
  readonly wires?: readonly string[];
  /** First sequence number wanted, e.g. of {@link ReadResult.cursor}; 0 for everything still held. */
  readonly since: number;
  /** At most so many records (default 1000). */
  readonly limit?: number;
  /** Where there is no record yet: wait for the first one for at most so long, milliseconds. */
  readonly waitMilliseconds?: number;
}

/** What a read found, in sequence order. */
export interface ReadResult {
  readonly records: readonly WireRecord[];
  /** Pass it as `since` to go on. */
  readonly cursor: number;
  /** Records at or after `since` were overwritten before they could be read. */
  readonly lost: boolean;
  /** The limit was reached: there may be more. */
  readonly more: boolean;
}

/** What to follow of the recordings. */
export interface FollowQuery {
  /** Wires to look at; all of them where left out. */
  readonly wires?: readonly string[];
  /** First sequence number wanted. */
  readonly since: number;
}

/** What to capture. */
export interface CaptureQuery {
  readonly wires?: readonly string[];
  /** Begin with what the rings still hold (default: from now on). */
  readonly includeRecorded?: boolean;
  /** End after what is recorded now, instead of following (needs `includeRecorded`). */
  readonly follow?: boolean;
}

/** Something that happened on the panel without being asked for. */
export type PanelEvent =
  | { readonly type: "port-connected"; readonly port: string; readonly connections: number }
  | { readonly type: "port-disconnected"; readonly port: string; readonly reason: string }
  | { readonly type: "segment-failed"; readonly segment: string; readonly wire?: string; readonly reason: string };

/** Counters of every wire at one instant, for rates. */
export interface Statistics {
  /** Nanoseconds since the epoch, decimal. */
  readonly timestamp: string;
  readonly wires: Readonly<Record<string, Readonly<Record<DirectionName, DirectionCounters>>>>;
}
