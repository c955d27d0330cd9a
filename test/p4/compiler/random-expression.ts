import type { Dice } from "./dice.ts";
import type { Expression, Variables } from "./random-piece.ts";

/** Makes expressions and conditions. */
export class ExpressionMaker {
  readonly #dice: Dice;

  constructor(dice: Dice) {
    this.#dice = dice;
  }

  /** An expression of type bit<8>. */
  expression(names: readonly string[], depth: number): Expression {
    const dice = this.#dice;
    if (depth === 0 || dice.below(3) === 0) {
      if (dice.below(3) === 0) {
        const number = dice.below(dice.below(2) === 0 ? 4 : 256);
        return { text: `8w${number}`, value: () => number };
      }
      const name = dice.pick(names);
      return { text: name, value: (variables) => variables.get(name)?.value ?? 0 };
    }
    const [a, b] = [this.expression(names, depth - 1), this.expression(names, depth - 1)];
    const operators: readonly (readonly [string, (x: number, y: number) => number])[] = [
      ["+", (x, y) => x + y],
      ["-", (x, y) => x - y],
      ["&", (x, y) => x & y],
      ["|", (x, y) => x | y],
      ["^", (x, y) => x ^ y],
    ];
    const [operator, calculate] = dice.pick(operators);
    return {
      text: `(${a.text} ${operator} ${b.text})`,
      value: (variables) => calculate(a.value(variables), b.value(variables)) & 0xff,
    };
  }

  condition(names: readonly string[]): { text: string; holds: (variables: Variables) => boolean } {
    const dice = this.#dice;
    const [a, b] = [this.expression(names, 1), this.expression(names, 1)];
    const comparisons: readonly (readonly [string, (x: number, y: number) => boolean])[] = [
      ["==", (x, y) => x === y],
      ["!=", (x, y) => x !== y],
      ["<", (x, y) => x < y],
      [">=", (x, y) => x >= y],
    ];
    const [operator, compare] = dice.pick(comparisons);
    const simple = {
      text: `${a.text} ${operator} ${b.text}`,
      holds: (variables: Variables) => compare(a.value(variables), b.value(variables)),
    };
    if (dice.below(3) > 0) return simple;
    const other = this.condition(names);
    if (dice.below(2) === 0) {
      return {
        text: `(${simple.text}) && (${other.text})`,
        holds: (variables) => simple.holds(variables) && other.holds(variables),
      };
    }
    return {
      text: `(${simple.text}) || !(${other.text})`,
      holds: (variables) => simple.holds(variables) || !other.holds(variables),
    };
  }
}
