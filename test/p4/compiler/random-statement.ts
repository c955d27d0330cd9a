import type { Dice } from "./dice.ts";
import { ExpressionMaker } from "./random-expression.ts";
import type { Leave, Piece, Place } from "./random-piece.ts";

/** Makes statements. */
export class StatementMaker {
  readonly expressions: ExpressionMaker;
  readonly #dice: Dice;
  #names = 0;

  constructor(dice: Dice) {
    this.#dice = dice;
    this.expressions = new ExpressionMaker(dice);
  }

  /** A name that nothing else has. */
  fresh(prefix: string): string {
    return `${prefix}${this.#names++}`;
  }

  /** One to four statements, and declarations of variables between them. */
  statements(place: Place): Piece {
    const count = 1 + this.#dice.below(4);
    const pieces: Piece[] = [];
    let { names } = place;
    for (let index = 0; index < count; index++) {
      if (this.#dice.below(5) === 0) {
        const name = this.fresh("v");
        const initial = this.expressions.expression(names, 1);
        pieces.push({
          text: `bit<8> ${name} = ${initial.text};`,
          run: (variables) => {
            variables.set(name, { value: initial.value(variables) });
            return undefined;
          },
        });
        names = [...names, name];
      } else pieces.push(this.#statement({ ...place, names }));
    }
    return {
      text: pieces.map(({ text }) => text).join("\n"),
      run: (variables) => {
        for (const piece of pieces) {
          const left = piece.run(variables);
          if (left !== undefined) return left;
        }
        return undefined;
      },
    };
  }

  #statement(place: Place): Piece {
    const dice = this.#dice;
    const kind = dice.below(place.depth === 0 ? 4 : 14);
    switch (kind) {
      case 4:
      case 5:
        return this.#if(place);
      case 6:
        return this.#for(place);
      case 7:
        return this.#switch(place);
      case 8:
        return this.#leave(place) ?? this.#assignment(place);
      case 9:
        return this.#callFunction(place) ?? this.#assignment(place);
      case 10:
        return this.#callAction(place) ?? this.#assignment(place);
      case 11:
      case 12:
        return this.#applyTable(place) ?? this.#assignment(place);
      case 13:
        return this.#applyControl(place) ?? this.#assignment(place);
      default:
        return this.#assignment(place);
    }
  }

  #assignment({ names }: Place): Piece {
    const target = this.#dice.pick(names);
    const value = this.expressions.expression(names, 2);
    return {
      text: `${target} = ${value.text};`,
      run: (variables) => {
        const cell = variables.get(target);
        if (cell !== undefined) cell.value = value.value(variables);
        return undefined;
      },
    };
  }

  #if(place: Place): Piece {
    const inner = { ...place, depth: place.depth - 1 };
    const condition = this.expressions.condition(place.names);
    const [then, otherwise] = [this.statements(inner), this.statements(inner)];
    return {
      text: `if (${condition.text}) {\n${then.text}\n} else {\n${otherwise.text}\n}`,
      run: (variables) => (condition.holds(variables) ? then : otherwise).run(variables),
    };
  }

  #for(place: Place): Piece {
    const name = this.fresh("i");
    const last = this.#dice.below(4);
    const summed = this.#dice.pick(place.names);
    // Tables and controls are applied once only.
    const body = this.statements({ ...place, depth: place.depth - 1, loop: true, tables: [], controls: [] });
    const counted = this.#dice.below(2) === 0;
    const head = counted
      ? `for (bit<8> ${name} = 0; ${name} <= ${last}; ${name} = ${name} + 1)`
      : `for (bit<8> ${name} in 0..${last})`;
    return {
      text: `${head} {\n${summed} = ${summed} + ${name};\n${body.text}\n}`,
      run: (variables) => {
        for (let round = 0; round <= last; round++) {
          const cell = variables.get(summed);
          if (cell !== undefined) cell.value = (cell.value + round) & 0xff;
          const left = body.run(variables);
          if (left === "break") break;
          if (left === "exit" || left === "return") return left;
        }
        return undefined;
      },
    };
  }

  #switch(place: Place): Piece {
    const inner = { ...place, depth: place.depth - 1 };
    const value = this.expressions.expression(place.names, 1);
    const cases = [0, 1, 2].map((label) => ({ label, body: this.statements(inner) }));
    const otherwise = this.statements(inner);
    const texts = cases.map(({ label, body }) => `${label}: {\n${body.text}\n}`);
    return {
      text: `switch (${value.text}) {\n${texts.join("\n")}\n3:\ndefault: {\n${otherwise.text}\n}\n}`,
      run: (variables) => {
        const found = value.value(variables);
        return (cases.find(({ label }) => label === found)?.body ?? otherwise).run(variables);
      },
    };
  }

  /** Always behind a condition: what follows it could not be reached otherwise. */
  #leave(place: Place): Piece | undefined {
    const words: Leave[] = place.loop ? ["break", "continue"] : [];
    if (place.exit) words.push("exit", "return");
    if (words.length === 0) return undefined;
    const word = this.#dice.pick(words);
    const condition = this.expressions.condition(place.names);
    return {
      text: `if (${condition.text}) {\n${word};\n}`,
      run: (variables) => (condition.holds(variables) ? word : undefined),
    };
  }

  #callFunction({ names, functions }: Place): Piece | undefined {
    if (functions.length === 0) return undefined;
    const callee = this.#dice.pick(functions);
    const [target, changed] = [this.#dice.pick(names), this.#dice.pick(names)];
    const [given, added] = [this.expressions.expression(names, 1), this.expressions.expression(names, 1)];
    return {
      text: `${target} = ${added.text} + ${callee.name}(${given.text}, ${changed});`,
      run: (variables) => {
        const first = added.value(variables);
        const cell = variables.get(changed) ?? { value: 0 };
        const { result } = callee.call(variables, given.value(variables), cell);
        const place = variables.get(target);
        if (place !== undefined) place.value = (first + result) & 0xff;
        return undefined;
      },
    };
  }

  #callAction({ names, actions }: Place): Piece | undefined {
    if (actions.length === 0) return undefined;
    const callee = this.#dice.pick(actions);
    const changed = this.#dice.pick(names);
    const given = this.expressions.expression(names, 1);
    return {
      text: `${callee.name}(${changed}, ${given.text});`,
      run: (variables) => callee.call(variables, given.value(variables), variables.get(changed) ?? { value: 0 }).left,
    };
  }

  #applyTable(place: Place): Piece | undefined {
    const table = place.tables.pop();
    if (table === undefined) return undefined;
    const inner = { ...place, depth: place.depth - 1 };
    if (this.#dice.below(2) === 0) {
      const [hit, miss] = [this.statements(inner), this.statements(inner)];
      return {
        text: `if (${table.name}.apply().hit) {\n${hit.text}\n} else {\n${miss.text}\n}`,
        run: (variables) => {
          const outcome = table.apply(variables);
          return outcome.left ?? (outcome.hit ? hit : miss).run(variables);
        },
      };
    }
    const [first = "", second = ""] = table.actions;
    const [one, rest] = [this.statements(inner), this.statements(inner)];
    return {
      text: `switch (${table.name}.apply().action_run) {\n${first}: {\n${one.text}\n}\n${second}:\ndefault: {\n${rest.text}\n}\n}`,
      run: (variables) => {
        const outcome = table.apply(variables);
        return outcome.left ?? (outcome.action === first ? one : rest).run(variables);
      },
    };
  }

  #applyControl(place: Place): Piece | undefined {
    const control = place.controls.pop();
    if (control === undefined) return undefined;
    const changed = this.#dice.pick(place.names);
    const given = this.expressions.expression(place.names, 1);
    return {
      text: `${control.name}.apply(${changed}, ${given.text});`,
      run: (variables) => control.call(variables, given.value(variables), variables.get(changed) ?? { value: 0 }).left,
    };
  }
}
