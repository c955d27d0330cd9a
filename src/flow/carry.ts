import { type BackgroundKind, everydayBackground, isBackground } from "./background.ts";
import { isPlainTraffic } from "./frame-glance.ts";
import type { FrameMatcher } from "./frame-match.ts";
import type { FieldVerdict } from "./pattern.ts";
import type { Sighting } from "./sighting.ts";

/** How often frames have to come, from none to any number. */
export interface Count {
  readonly least: number;
  readonly most: number;
}

/** What a wire is expected to carry. */
export interface CarryExpectation {
  /** In the order in which the frames have to come, unless said otherwise; other frames may come between them. */
  readonly frames: readonly FrameMatcher[];
  /** The frames may come in any order. */
  readonly anyOrder?: boolean | undefined;
  /** How often each of the frames has to come, in any order; once unless given. */
  readonly count?: Count | undefined;
  /** No frame but these may come, background apart: until the last of them came, or all the time where they are counted. */
  readonly only?: boolean | undefined;
  /** What is background; {@link everydayBackground} unless given. */
  readonly background?: ReadonlySet<BackgroundKind> | undefined;
}

/** The frame that came nearest to what is waited for. */
export interface ClosestFrame {
  readonly seen: Sighting;
  readonly verdicts: readonly FieldVerdict[];
}

/** Sightings that are remembered for the report of a frame that is counted. */
const remembered = 1000;

/**
 * How far an expectation has come. It is given frame after frame, and knows no time: who gives it frames says when no more
 * will come.
 */
export class CarryProgress {
  readonly expectation: CarryExpectation;
  /** How often each of the frames came. */
  readonly counts: number[];
  /** The frames that matched, each with the place in the list of what it matched. */
  readonly matched: { readonly seen: Sighting; frame: number }[] = [];
  /** The frame that broke `only`, or was one too many. */
  unexpected: Sighting | undefined;
  /** Frames looked at, background included. */
  looked = 0;
  readonly #background: ReadonlySet<BackgroundKind>;
  /** Where the order does not matter: what each frame that may be exchanged for another could also be. */
  readonly #choices = new Map<Sighting, readonly number[]>();

  constructor(expectation: CarryExpectation) {
    this.expectation = expectation;
    this.counts = expectation.frames.map(() => 0);
    this.#background = expectation.background ?? everydayBackground;
  }

  /** Whether all that has to come has come. */
  get isReached(): boolean {
    const least = this.expectation.count?.least ?? 1;
    return this.counts.every((count) => count >= least);
  }

  /** Whether what has to come has come, and nothing that must not. */
  get isCarried(): boolean {
    return this.unexpected === undefined && this.isReached;
  }

  /** Whether nothing that may still come changes the verdict. */
  get isDecided(): boolean {
    if (this.unexpected !== undefined) return true;
    const { count, only = false } = this.expectation;
    return this.isReached && (count === undefined || (count.most === Number.POSITIVE_INFINITY && !only));
  }

  /** The place in the list of the frame that is waited for next; undefined when all have come. */
  get awaited(): number | undefined {
    const least = this.expectation.count?.least ?? 1;
    const index = this.counts.findIndex((count) => count < least);
    return index === -1 ? undefined : index;
  }

  /** Take in the next frame of the wire. */
  take(seen: Sighting): void {
    if (this.isDecided) return;
    this.looked += 1;
    const { count, anyOrder = false } = this.expectation;
    if (count !== undefined) this.#takeCounted(seen, count);
    else if (anyOrder) this.#takeInAnyOrder(seen);
    else this.#takeNext(seen);
  }

  #takeNext(seen: Sighting): void {
    const index = this.awaited;
    const frame = index === undefined ? undefined : this.expectation.frames[index];
    if (index === undefined || frame === undefined) return;
    if (this.#mayBe(frame, seen)) this.#match(seen, index);
    else this.#break(seen);
  }

  #takeCounted(seen: Sighting, { most }: Count): void {
    const index = this.expectation.frames.findIndex((frame) => this.#mayBe(frame, seen));
    if (index === -1) {
      this.#break(seen);
      return;
    }
    this.#match(seen, index);
    if ((this.counts[index] ?? 0) > most) this.unexpected = seen;
  }

  /** Each frame stands for one in the list; which one is changed again where that makes room for another. */
  #takeInAnyOrder(seen: Sighting): void {
    const { frames } = this.expectation;
    const choices = frames.flatMap((frame, index) => (this.#mayBe(frame, seen) ? [index] : []));
    if (choices.length > 0) this.#choices.set(seen, choices);
    if (!this.#place(seen, choices, new Set())) this.#break(seen);
  }

  /** Find a free place for a frame, moving others (an augmenting path of a bipartite matching). */
  #place(seen: Sighting, choices: readonly number[], tried: Set<number>): boolean {
    for (const index of choices) {
      if (tried.has(index)) continue;
      tried.add(index);
      const holder = this.matched.find(({ frame }) => frame === index);
      if (holder === undefined) {
        this.#match(seen, index);
        return true;
      }
      if (this.#place(holder.seen, this.#choices.get(holder.seen) ?? [], tried)) {
        this.matched.splice(this.matched.indexOf(holder), 1);
        this.counts[index] = 0;
        this.#match(seen, index);
        return true;
      }
    }
    return false;
  }

  #mayBe(frame: FrameMatcher, seen: Sighting): boolean {
    // Decoding is dear: whether a frame is background is asked only of one that matches and may be some.
    return frame.matches(seen) && (frame.wantsBackground || !this.#isBackground(seen));
  }

  #match(seen: Sighting, index: number): void {
    this.counts[index] = (this.counts[index] ?? 0) + 1;
    if (this.matched.length < remembered) this.matched.push({ seen, frame: index });
  }

  #break(seen: Sighting): void {
    const { only = false } = this.expectation;
    if (only && seen.fate === "delivered" && !this.#isBackground(seen)) this.unexpected = seen;
  }

  #isBackground(seen: Sighting): boolean {
    return !isPlainTraffic(seen) && isBackground(seen.packet, this.#background);
  }
}

/**
 * Of the frames since the last match, the first of those that come nearest to the one waited for. Background is passed over
 * where it is not asked for.
 */
export function closestFrame(progress: CarryProgress, frames: readonly Sighting[]): ClosestFrame | undefined {
  const { expectation, awaited, matched } = progress;
  const wanted = expectation.frames[awaited ?? -1];
  if (wanted === undefined) return undefined;
  const taken = new Set(matched.map(({ seen }) => seen.sequence));
  const inOrder = expectation.count === undefined && expectation.anyOrder !== true;
  const after = inOrder ? Math.max(-1, ...taken) : -1;
  let closest: ClosestFrame | undefined;
  let nearness = -1;
  for (const seen of frames) {
    if (seen.sequence <= after || taken.has(seen.sequence)) continue;
    if (!wanted.wantsBackground && isBackground(seen.packet, expectation.background ?? everydayBackground)) continue;
    const verdicts = wanted.compare(seen);
    const right = verdicts.filter(({ matches }) => matches).length;
    if (right > nearness) {
      closest = { seen, verdicts };
      nearness = right;
    }
  }
  return closest;
}
