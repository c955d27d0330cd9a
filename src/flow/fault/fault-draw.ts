import { RandomDraw } from "../../wire/random-draw.ts";
import type { Range } from "./campaign-options.ts";

/** The draws about one fault of a campaign: each by its name, and independent of all others. */
export class FaultDraw {
  readonly #seed: string;
  readonly #index: number;

  /** @param index - position of the fault in the campaign */
  constructor(seed: string, index: number) {
    this.#seed = seed;
    this.#index = index;
  }

  /** A number in [0, 1). */
  fraction(...names: readonly string[]): number {
    return this.#draw(names).fraction(this.#index);
  }

  /** A whole number of a range. */
  wholeNumber(name: string, { from, to }: Range): number {
    return Math.floor(from + this.fraction(name) * (Math.floor(to) - from + 1));
  }

  /** Of several, the one with the highest draw of its own: with one more or less, all others keep theirs. */
  oneOf<Choice extends string>(name: string, choices: readonly Choice[]): Choice | undefined {
    const [best] = choices
      .map((choice) => ({ choice, rank: this.#draw([name, choice]).integer(this.#index) }))
      .toSorted((a, b) => b.rank - a.rank);
    return best?.choice;
  }

  #draw(names: readonly string[]): RandomDraw {
    return new RandomDraw(this.#seed, "fault", ...names);
  }
}
