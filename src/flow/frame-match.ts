import { Packet } from "../packet/index.ts";
import { asksForBackground } from "./background.ts";
import { compileGlance } from "./frame-glance.ts";
import { FrameMask, masked } from "./frame-mask.ts";
import { allMatch, compareWithPattern, type FieldVerdict, type FramePattern } from "./pattern.ts";
import { formatPattern } from "./pattern-text.ts";
import type { Sighting } from "./sighting.ts";

/**
 * What a frame must be: a pattern of some of its fields, a function; or the whole frame, as a packet, as bytes, or
 * {@link masked}.
 */
export type FrameMatch = FramePattern | FrameMask | Packet | Uint8Array;

/** A {@link FrameMatch} made ready to be compared with many frames. */
export interface FrameMatcher {
  /** As a person reads it in a report. */
  readonly text: string;
  /** Whether it is about frames that are otherwise passed over. */
  readonly wantsBackground: boolean;
  /** Whether a frame is the one. Decodes it only where its bytes leave that open. */
  matches(seen: Sighting): boolean;
  /** The same with reasons; all agree exactly when {@link matches} holds. */
  compare(seen: Sighting): readonly FieldVerdict[];
}

/** Make a match ready for use. @throws PacketError when a packet is given that cannot be built */
export function compileMatch(match: FrameMatch): FrameMatcher {
  if (match instanceof FrameMask) return wholeFrame(match);
  if (match instanceof Packet || match instanceof Uint8Array) return wholeFrame(masked(match));
  const glance = compileGlance(match);
  return {
    text: formatPattern(match),
    wantsBackground: asksForBackground(match),
    matches(seen) {
      const verdict = glance(seen);
      return verdict === "unsure" ? allMatch(compareWithPattern(match, seen)) : verdict === "yes";
    },
    compare: (seen) => compareWithPattern(match, seen),
  };
}

function wholeFrame(mask: FrameMask): FrameMatcher {
  return {
    text: mask.toString(),
    wantsBackground: true,
    matches: (seen) => seen.fate === "delivered" && mask.matches(seen.frame),
    compare: (seen) => [
      { field: "fate", matches: seen.fate === "delivered", expected: "delivered", found: seen.fate },
      ...mask.compare(seen.frame),
    ],
  };
}
