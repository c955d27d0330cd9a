/** The routers that a route has passed, its originator first. */
export interface Path {
  readonly routers: readonly string[];
  /** The same as one text, for comparison. */
  readonly text: string;
}

/**
 * Stands in a path for routers that are not known: tunnel origins of a reference peer come without a path. It is no name
 * that a router can have.
 */
export const unknownRouters = "*";

/** The path through these routers. */
export function pathOf(routers: readonly string[]): Path {
  return { routers, text: routers.join("\n") };
}

/** Order of preference: the fewest routers first; equally long ones in the order of their text, so that every router decides alike. */
export function comparePaths(a: Path, b: Path): number {
  return a.routers.length - b.routers.length || (a.text < b.text ? -1 : Number(a.text > b.text));
}

/** Appends one router to paths; paths that came in one update are one object, and so are they when extended. */
export class PathExtender {
  readonly #router: string;
  readonly #extended = new WeakMap<Path, Path>();

  constructor(router: string) {
    this.#router = router;
  }

  extend(path: Path): Path {
    const known = this.#extended.get(path);
    if (known !== undefined) return known;
    const extended = pathOf([...path.routers, this.#router]);
    this.#extended.set(path, extended);
    return extended;
  }
}
