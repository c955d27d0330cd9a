import { parse, type Packet } from "../../../packet/index.ts";
import { isBackground } from "../../background.ts";
import type { KeptFrame, TimelineEntry } from "../layout.ts";

/** A frame as a report shows it. */
export interface ShownFrame {
  readonly frame: KeptFrame;
  readonly packet: Packet;
  /** Milliseconds since the epoch, with fractions. */
  readonly at: number;
  readonly background: boolean;
}

/** Something in the order of time: a step of the flow, something that happened to its testbed, a frame. */
export type Incident =
  | { readonly type: "entry"; readonly at: number; readonly entry: TimelineEntry }
  | { readonly type: "frame"; readonly at: number; readonly shown: ShownFrame };

/** Frames of a failure that are told one by one; those before the last ones are counted. */
const shownFrames = 250;

/** What is told of a failure: from the moment the flow got its testbed to the failure. */
export interface Story {
  /** Milliseconds since the epoch. */
  readonly begin: number;
  readonly end: number;
  readonly frames: readonly ShownFrame[];
  readonly incidents: readonly Incident[];
  /** Frames of the flow that are in the capture file only. */
  readonly omitted: number;
}

/** Put a failure into the order of time. */
export function tellStory(frames: readonly KeptFrame[], entries: readonly TimelineEntry[], failedAt: number): Story {
  const begin = entries.find(({ kind }) => kind === "launch")?.at ?? entries[0]?.at ?? failedAt;
  const decoded = frames.map(decode).filter(({ at }) => at >= begin - 1 && at <= failedAt);
  const told = decoded.slice(-shownFrames);
  const incidents: Incident[] = [
    ...entries.map((entry) => ({ type: "entry" as const, at: entry.at, entry })),
    ...told.map((shown) => ({ type: "frame" as const, at: shown.at, shown })),
  ];
  return {
    begin,
    end: failedAt,
    frames: decoded,
    incidents: incidents.toSorted((a, b) => a.at - b.at),
    omitted: decoded.length - told.length,
  };
}

function decode(frame: KeptFrame): ShownFrame {
  const packet = parse(Buffer.from(frame.frame, "hex"));
  const at = Number(BigInt(frame.time) / 1000n) / 1000;
  return { frame, packet, at, background: isBackground(packet) };
}

/** A time during which something was broken. */
export interface FaultSpan {
  readonly text: string;
  readonly begin: number;
  readonly end: number;
  readonly healed: boolean;
}

/** The faults of a flow: each from the step that broke something to the one that healed the same, or to the end. */
export function faultSpans(entries: readonly TimelineEntry[], end: number): readonly FaultSpan[] {
  const heals = entries.filter(({ kind }) => kind === "heal");
  const used = new Set<TimelineEntry>();
  return entries
    .filter(({ kind, outcome }) => kind === "fault" && outcome === "done")
    .map((fault) => {
      const heal = heals.find((each) => !used.has(each) && each.at >= fault.at && isSame(each.detail, fault.detail));
      if (heal !== undefined) used.add(heal);
      return { text: fault.text, begin: fault.at, end: heal?.at ?? end, healed: heal !== undefined };
    });
}

function isSame(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
