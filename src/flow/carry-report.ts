import { type BackgroundKind, everydayBackground, isBackground } from "./background.ts";
import { carryHeadline, countText } from "./carry-headline.ts";
import { type CarryExpectation, type CarryProgress, type ClosestFrame, closestFrame } from "./carry.ts";
import { describePacket } from "./inner-packet.ts";
import { verdictLines } from "./pattern-text.ts";
import { describeSighting, type Sighting } from "./sighting.ts";

/** Frames shown on either side of the place where an expectation failed. */
const contextFrames = 12;
/** Of a long recording, only the end is searched for the closest frame and shown: decoding is dear. */
const searchedFrames = 5000;

/** What was seen at one wire or tap, of an expectation that may be about several. */
export interface CarryPart {
  /** `wire h1:net0--r1:net0`. */
  readonly subject: string;
  /** As in {@link Sighting.wire}. */
  readonly wire: string;
  readonly progress: CarryProgress;
}

/** All that is known when an expectation has failed. */
export interface CarryFailure {
  /** The wires and taps that did not do what they should. */
  readonly parts: readonly CarryPart[];
  /** Said first where the expectation is about several wires. */
  readonly headline?: string | undefined;
  readonly withinMilliseconds: number;
  /** Whether the frames were expected not to come. */
  readonly negated: boolean;
  /** Everything recorded on all wires and taps since the cursor. */
  readonly seen: readonly Sighting[];
  /** What is wrong with the testbed itself, if anything. */
  readonly troubles: readonly string[];
}

/** The text of a failed expectation: what was expected, the nearest frame field by field, the frames around it. */
export function carryReport(failure: CarryFailure): string {
  const { parts, troubles, negated, headline } = failure;
  const seen = failure.seen.slice(-searchedFrames);
  const [first] = parts;
  if (first === undefined) return headline ?? "nothing was looked at";
  const closest = parts.map(({ wire, progress }) =>
    negated || progress.isReached
      ? undefined
      : closestFrame(
          progress,
          seen.filter((each) => each.wire === wire),
        ),
  );
  // What was expected of all alike is said once.
  const isSame = parts.length === 1 || parts.every(({ progress }) => progress.counts.every((count) => count === 0));
  return [
    ...(headline === undefined ? [] : [headline]),
    ...parts.map(({ subject, progress }) => carryHeadline(subject, progress, failure)),
    ...troubles.map((trouble) => `note: ${trouble}`),
    "",
    ...(isSame ? expectedLines(first.progress, negated) : []),
    ...parts.flatMap((part, index) => [
      ...(isSame ? [] : [`${part.subject}:`, ...expectedLines(part.progress, negated)]),
      ...(negated || part.progress.isReached ? [] : closestLines(part, closest[index], parts.length > 1)),
    ]),
    "",
    ...frameLines(failure, seen, closest.find((each) => each !== undefined)?.seen),
  ].join("\n");
}

function expectedLines({ expectation, counts, awaited }: CarryProgress, negated: boolean): readonly string[] {
  const { frames, anyOrder = false, count } = expectation;
  const isOrdered = count === undefined && !anyOrder;
  const isWrong = (index: number, came: number): boolean => {
    if (isOrdered) return index === awaited;
    return count === undefined ? came === 0 : came < count.least || came > count.most;
  };
  return [
    expectedHeading(expectation, negated),
    ...frames.map(({ text }, index) => {
      const came = counts[index] ?? 0;
      const mark = isWrong(index, came) ? "✗" : isOrdered && came === 0 ? " " : "✓";
      return `  ${negated ? " " : mark} ${index + 1}. ${text}`;
    }),
  ];
}

function expectedHeading({ frames, anyOrder = false, count }: CarryExpectation, negated: boolean): string {
  if (negated) return "not expected:";
  if (count !== undefined) return `expected ${countText(count)}${frames.length > 1 ? " each" : ""}:`;
  return `expected, in ${anyOrder ? "any" : "this"} order:`;
}

function closestLines(
  { subject, progress }: CarryPart,
  closest: ClosestFrame | undefined,
  ofSeveral: boolean,
): readonly string[] {
  const { frames } = progress.expectation;
  const what = frames.length === 1 ? "closest frame" : `closest to ${(progress.awaited ?? 0) + 1}.`;
  const words = ofSeveral ? `${what} on ${subject}` : what;
  if (closest === undefined) return ["", `${words}: no frame came at all`];
  const { seen, verdicts } = closest;
  return ["", `${words}: ${seen.from} → ${seen.to}  ${describePacket(seen.packet)}`, ...verdictLines(verdicts)];
}

function frameLines(
  { parts, seen: all }: CarryFailure,
  seen: readonly Sighting[],
  closest: Sighting | undefined,
): readonly string[] {
  const [first] = parts;
  const background: ReadonlySet<BackgroundKind> = first?.progress.expectation.background ?? everydayBackground;
  const shown = seen.filter(({ packet }) => !isBackground(packet, background));
  const hiddenFrames = seen.length - shown.length;
  const hidden = hiddenFrames === 0 ? "" : ` (background frames not shown: ${hiddenFrames})`;
  if (shown.length === 0) return [`no wire carried anything since the last send${hidden}`];
  // What broke the expectation was read earlier: the same frame has other objects.
  const middle = first?.progress.unexpected ?? closest;
  const centre = shown.findIndex(({ wire, sequence }) => wire === middle?.wire && sequence === middle.sequence);
  const begin = Math.max(0, (centre === -1 ? shown.length - 1 : centre) - contextFrames);
  const around = shown.slice(begin, begin + 2 * contextFrames + 1);
  const origin = seen[0]?.timestampNanoseconds ?? 0n;
  const watched = new Set(parts.map(({ wire }) => wire));
  const matched = new Map(
    parts.flatMap(({ wire, progress }) =>
      progress.matched.map(({ seen: { sequence }, frame }) => [`${wire} ${sequence}`, `${frame + 1}.`] as const),
    ),
  );
  const omitted = all.length - seen.length + shown.length - around.length;
  return [
    `all wires since the last send${hidden}:`,
    ...around.map((each) => {
      const mark = matched.get(`${each.wire} ${each.sequence}`) ?? (watched.has(each.wire) ? "·" : "");
      return `  ${mark.padEnd(2)} ${describeSighting(each, origin)}`;
    }),
    ...(omitted === 0 ? [] : [`  … and ${omitted} more`]),
  ];
}
