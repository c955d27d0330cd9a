import { wordSearch } from "./search.ts";

/** A frame that a wire carried, decoded. */
export interface FrameRow {
  readonly sequence: number;
  /** Wall clock, milliseconds since the epoch, with fractions. */
  readonly timeMs: number;
  readonly direction: "aToB" | "bToA";
  /** `delivered`, or why it was not. */
  readonly fate: string;
  readonly marks: readonly string[];
  readonly bytes: number;
  readonly summary: string;
  /** Every layer with its fields, a line each. */
  readonly explanation: readonly string[];
}

/** The wire view, besides the wire itself. */
export interface WirePane {
  /** The wire whose frames are followed. */
  readonly following: string | undefined;
  /** The newest frames, oldest first. */
  readonly frames: readonly FrameRow[];
  /** Frames that came faster than they could be shown. */
  readonly skipped: number;
  readonly paused: boolean;
  readonly filter: string;
  /** Which frame is explained, by sequence number. */
  readonly explained: number | undefined;
  /** Which direction impairments are set in. */
  readonly direction: "aToB" | "bToA" | undefined;
  readonly capture: { readonly wire: string; readonly file: string; readonly bytes: number | undefined } | undefined;
  /** Wires that flap on request. */
  readonly flapping: readonly string[];
}

/** Frames that are kept. */
const keptFrames = 500;

/** Nothing looked at yet. */
export const wirePaneBegins: WirePane = {
  following: undefined,
  frames: [],
  skipped: 0,
  paused: false,
  filter: "",
  explained: undefined,
  direction: undefined,
  capture: undefined,
  flapping: [],
};

/** Frames that have all words of the filter in their summary, direction or fate. */
export function shownFrames({ frames, filter }: WirePane): readonly FrameRow[] {
  const wanted = wordSearch(filter);
  return frames.filter(({ summary, fate, marks }) => wanted(`${summary} ${fate} ${marks.join(" ")}`));
}

/** The pane after more frames. A paused one keeps what it shows. */
export function afterFrames(pane: WirePane, wire: string, frames: readonly FrameRow[], skipped: number): WirePane {
  if (pane.following !== wire || pane.paused) return pane;
  return {
    ...pane,
    frames: [...pane.frames, ...frames].slice(-keptFrames),
    skipped: pane.skipped + skipped,
  };
}
