/** Gives names that have not been given before: the second `x` is `x_0`, the third `x_1`. */
export class UniqueNames {
  readonly #taken: Set<string>;
  readonly #next = new Map<string, number>();

  /** @param taken - names that are never given as they are */
  constructor(taken: Iterable<string> = []) {
    this.#taken = new Set(taken);
  }

  give(name: string): string {
    let unique = name;
    let number = this.#next.get(name) ?? 0;
    while (this.#taken.has(unique)) unique = `${name}_${number++}`;
    this.#next.set(name, number);
    this.#taken.add(unique);
    return unique;
  }
}
