/** One end of a cable: an interface of a router. */
export interface End {
  readonly router: string;
  readonly link: string;
}

/** A cable between two interfaces. */
export interface Cable {
  readonly ends: readonly [End, End];
  /** Nothing passes, and nobody is told. */
  cut: boolean;
}

/** All cables of a network. */
export class Cabling {
  readonly #cables: Cable[] = [];

  get size(): number {
    return this.#cables.length;
  }

  add(ends: readonly [End, End]): void {
    this.#cables.push({ ends, cut: false });
  }

  /** The cable between two routers; throws if there is none. */
  between(a: string, b: string): Cable {
    const cable = this.#cables.find(({ ends }) => [a, b].every((name) => ends.some(({ router }) => router === name)));
    if (cable === undefined) throw new Error(`no cable between ${a} and ${b}`);
    return cable;
  }

  /** The cable at an interface, and its other end. */
  at(router: string, link: string): { readonly cable: Cable; readonly far: End } | undefined {
    for (const cable of this.#cables) {
      const [one, other] = cable.ends;
      if (one.router === router && one.link === link) return { cable, far: other };
      if (other.router === router && other.link === link) return { cable, far: one };
    }
    return undefined;
  }
}
