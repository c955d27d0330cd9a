/** Something that runs across a gap between two rows, from one column to another. */
export interface Crossing {
  /** Crossings of one net share a lane. */
  readonly net: string;
  readonly upper: number;
  readonly lower: number;
}

/** The lanes of a gap: how many, and which one each net has (0 is the topmost). */
export interface Lanes {
  readonly count: number;
  readonly laneOf: ReadonlyMap<string, number>;
}

/** Give every net a lane where it touches no other: as few lanes as first come, first served gives. */
export function packLanes(crossings: readonly Crossing[]): Lanes {
  const spans = new Map<string, { from: number; to: number }>();
  for (const { net, upper, lower } of crossings) {
    const span = spans.get(net) ?? { from: Number.POSITIVE_INFINITY, to: Number.NEGATIVE_INFINITY };
    spans.set(net, { from: Math.min(span.from, upper, lower), to: Math.max(span.to, upper, lower) });
  }
  const laneOf = new Map<string, number>();
  const taken: { from: number; to: number }[][] = [];
  for (const [net, span] of [...spans].toSorted(([, one], [, other]) => one.from - other.from)) {
    let lane = taken.findIndex((spansThere) =>
      spansThere.every(({ from, to }) => span.from > to + 1 || span.to < from - 1),
    );
    if (lane < 0) {
      lane = taken.length;
      taken.push([]);
    }
    taken[lane]?.push(span);
    laneOf.set(net, lane);
  }
  return { count: taken.length, laneOf };
}
