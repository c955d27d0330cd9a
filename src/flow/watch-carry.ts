import { KestrelError } from "../error/kestrel-error.ts";
import { type BackgroundKind, everydayBackground } from "./background.ts";
import { carryReport, type CarryPart } from "./carry-report.ts";
import { type CarryExpectation, CarryProgress, type Count } from "./carry.ts";
import { compileMatch, type FrameMatch } from "./frame-match.ts";
import { patience } from "./wait/patience.ts";
import { type Watched, WatchedGroup } from "./watched.ts";

/** How to look at what a wire carries. */
export interface CarryOptions {
  /**
   * How long the frames may take, from the moment of the expectation, milliseconds: 20 s unless given, or half the time of the
   * test where that is less; 500 ms where the point is that something does not come (`.not`, `noneOf`, `atMost`).
   */
  readonly within?: number;
  /** Until the last of them came, nothing else may come, background apart; where they are counted, all the time. */
  readonly only?: boolean;
  /** What counts as background: some kinds instead of the everyday ones, or `"none"`. */
  readonly background?: "none" | Iterable<BackgroundKind>;
  /** The frames may come in any order. */
  readonly inAnyOrder?: boolean;
  /** Each of the frames comes so many times, and no more within `quietFor` after the last. */
  readonly exactly?: number;
  /** Each of the frames comes at least so many times. */
  readonly atLeast?: number;
  /** Each of the frames comes at most so many times within the time. */
  readonly atMost?: number;
  /** How long after the last frame of `exactly` no further one may come, milliseconds: 500 unless given. */
  readonly quietFor?: number;
  /** First sequence number to look at, instead of the last send. */
  readonly since?: number;
}

/** That something does not come can only be waited out, so it is waited for less long. */
const defaultWithinAbsent = 500;
const defaultQuietFor = 500;

/** How an expectation came out. */
export interface CarryOutcome {
  readonly pass: boolean;
  /** Why it failed; to be asked for only then. */
  readonly report: string;
}

/** Watch wires until an expectation is decided or its time is over. `negated`: it is expected to fail. */
export async function watchCarry(
  watched: Watched | WatchedGroup,
  frames: FrameMatch | readonly FrameMatch[],
  options: CarryOptions,
  negated: boolean,
): Promise<CarryOutcome> {
  const expectation = carryExpectation(frames, options);
  const { bed } = watched;
  const members = watched instanceof WatchedGroup ? watched.members : [watched];
  const quantifier = watched instanceof WatchedGroup ? watched.quantifier : "all";
  const expectsAbsence = negated !== (quantifier === "none");
  const within = options.within ?? (expectsAbsence || isUpperBound(options) ? defaultWithinAbsent : patience());
  const since = options.since ?? bed.cursor;
  const deadline = performance.now() + within;
  const parts = await Promise.all(
    members.map(async (member) => {
      const place = await member.place();
      return { place, subject: place.subject, wire: place.wire, progress: new CarryProgress(expectation) };
    }),
  );
  // Of "any" and "none" one wire decides: then nobody needs to go on.
  const decided = new AbortController();
  await Promise.all(
    parts.map(async ({ place, progress }) => {
      let end = deadline;
      for await (const batch of place.follow(since, { deadline: () => end, signal: decided.signal })) {
        const wasAwaited = progress.awaited !== undefined;
        for (const seen of batch) progress.take(seen);
        if (wasAwaited && progress.isReached && options.exactly !== undefined)
          end = performance.now() + (options.quietFor ?? defaultQuietFor);
        if (!progress.isDecided) continue;
        if (progress.isCarried && quantifier !== "all") decided.abort();
        break;
      }
    }),
  );
  const carried = parts.filter(({ progress }) => progress.isCarried);
  const pass = quantifier === "all" ? carried.length === parts.length : carried.length > 0 === (quantifier === "any");
  if (pass !== negated) return { pass, report: "" };
  const blamed = expectsAbsence ? carried : parts.filter((part) => !carried.includes(part));
  const report = carryReport({
    parts: blamed.map(({ subject, wire, progress }): CarryPart => ({ subject, wire, progress })),
    headline: watched instanceof WatchedGroup ? groupHeadline(watched, carried.length, negated) : undefined,
    withinMilliseconds: within,
    negated: expectsAbsence,
    seen: await bed.seen(since),
    troubles: await bed.troubles(),
  });
  return { pass, report };
}

function groupHeadline({ quantifier, members }: WatchedGroup, carried: number, negated: boolean): string {
  const wanted = { any: "at least one", all: "each", none: "none" }[quantifier];
  return `expected ${negated ? "not " : ""}${wanted} of ${members.length} to carry it, ${carried === 0 ? "none" : carried} did`;
}

/** One line for the timeline. */
export function carryText(watched: Watched | WatchedGroup, frames: FrameMatch | readonly FrameMatch[]): string {
  const texts = (isList(frames) ? frames : [frames]).map((frame) => compileMatch(frame).text);
  const subject =
    watched instanceof WatchedGroup
      ? `${watched.quantifier} of ${watched.members.map(({ name }) => name).join(", ")}`
      : watched.name;
  return `${subject} to carry ${texts.join("; ")}`;
}

function carryExpectation(frames: FrameMatch | readonly FrameMatch[], options: CarryOptions): CarryExpectation {
  const { only = false, background, inAnyOrder = false } = options;
  return {
    frames: (isList(frames) ? frames : [frames]).map(compileMatch),
    only,
    anyOrder: inAnyOrder,
    count: countOf(options),
    background: background === undefined ? everydayBackground : new Set(background === "none" ? [] : background),
  };
}

function countOf({ exactly, atLeast, atMost }: CarryOptions): Count | undefined {
  if (exactly === undefined && atLeast === undefined && atMost === undefined) return undefined;
  const count = { least: exactly ?? atLeast ?? 0, most: exactly ?? atMost ?? Number.POSITIVE_INFINITY };
  const isAmbiguous = exactly !== undefined && (atLeast !== undefined || atMost !== undefined);
  const given = [exactly, atLeast, atMost].filter((each) => each !== undefined);
  const isSensible = given.every((each) => Number.isInteger(each) && each >= 0) && count.least <= count.most;
  if (isSensible && !isAmbiguous) return count;
  throw new KestrelError({
    kind: "input",
    step: "count frames",
    subject: "toCarry",
    expected: "either `exactly`, or `atLeast` and `atMost` in order; whole numbers",
    found: JSON.stringify({ exactly, atLeast, atMost }),
  });
}

function isUpperBound({ exactly, atLeast, atMost }: CarryOptions): boolean {
  return exactly === 0 || (atMost !== undefined && atLeast === undefined);
}

function isList(frames: FrameMatch | readonly FrameMatch[]): frames is readonly FrameMatch[] {
  return Array.isArray(frames);
}
