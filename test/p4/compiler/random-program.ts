/**
 * Random programs together with what they do: each piece of text comes with a function that does the same to variables,
 * by the rules of the language (copy-in and copy-out, early leaving, order of evaluation).
 */

/** Variables that are in reach, all of type bit<8>. */
export type Variables = Map<string, { value: number }>;

type Leave = "exit" | "return" | "break" | "continue";

interface Piece {
  readonly text: string;
  /** Does what the text says; tells when what follows is not reached. */
  readonly run: (variables: Variables) => Leave | undefined;
}

interface Expression {
  readonly text: string;
  readonly value: (variables: Variables) => number;
}

/** What statements may contain where they are. */
interface Place {
  readonly names: readonly string[];
  readonly depth: number;
  readonly loop: boolean;
  readonly exit: boolean;
  /** Things that are declared and can be called from there. */
  readonly functions: readonly Callable[];
  readonly actions: readonly Callable[];
  readonly tables: TableUse[];
  readonly controls: Callable[];
}

interface Callable {
  readonly name: string;
  readonly text: string;
  /** Returns what it returns, after it has changed its inout argument. */
  readonly call: (
    variables: Variables,
    given: number,
    changed: { value: number },
  ) => { result: number; left: Leave | undefined };
}

interface TableUse {
  readonly name: string;
  readonly text: string;
  readonly actions: readonly string[];
  readonly apply: (variables: Variables) => { hit: boolean; action: string; left: Leave | undefined };
}

/** A sequence of numbers that looks random and is always the same (mulberry32). */
export class Dice {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** A whole number from 0 to `count` - 1. */
  below(count: number): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % count;
  }

  pick<T>(list: readonly T[]): T {
    const found = list[this.below(list.length)];
    if (found === undefined) throw new RangeError("a choice from nothing");
    return found;
  }
}

/** Names of the variables that all of a program sees. */
export const globalNames = ["meta.x0", "meta.x1", "meta.x2", "meta.x3"] as const;

/** A program, and what its ingress does to the global variables. */
export function randomProgram(seed: number): { readonly text: string; readonly run: (variables: Variables) => void } {
  return new ProgramMaker(new Dice(seed)).make();
}

class ProgramMaker {
  readonly #dice: Dice;
  #names = 0;

  constructor(dice: Dice) {
    this.#dice = dice;
  }

  make(): { text: string; run: (variables: Variables) => void } {
    const functions: Callable[] = [];
    for (let index = 0; index < 3; index++) functions.push(this.#function(functions));
    const control = this.#control(functions);
    const actions: Callable[] = [];
    for (let index = 0; index < 3; index++) actions.push(this.#action(functions, actions));
    const tables = Array.from({ length: 4 }, () => this.#table(actions));
    const body = this.#statements({
      names: globalNames,
      depth: 3,
      loop: false,
      exit: true,
      functions,
      actions,
      tables: [...tables],
      controls: [control],
    });
    const text = `#include <v1model.p4>
header h_t { bit<8> x; }
struct headers_t { h_t h; }
struct metadata_t { bit<8> x0; bit<8> x1; bit<8> x2; bit<8> x3; }
parser P(packet_in packet, out headers_t hdr, inout metadata_t meta, inout standard_metadata_t standard) {
    state start { transition accept; }
}
control C(inout headers_t hdr, inout metadata_t meta) { apply { } }
${functions.map(({ text: each }) => each).join("\n")}
${control.text}
control I(inout headers_t hdr, inout metadata_t meta, inout standard_metadata_t standard) {
Sub() ${control.name};
${actions.map(({ text: each }) => each).join("\n")}
${tables.map(({ text: each }) => each).join("\n")}
apply {
${body.text}
}
}
control E(inout headers_t hdr, inout metadata_t meta, inout standard_metadata_t standard) { apply { } }
control D(packet_out packet, in headers_t hdr) { apply { } }
V1Switch(P(), C(), I(), E(), C(), D()) main;
`;
    return {
      text,
      run: (variables) => {
        body.run(variables);
      },
    };
  }

  #fresh(prefix: string): string {
    return `${prefix}${this.#names++}`;
  }

  #expression(names: readonly string[], depth: number): Expression {
    const dice = this.#dice;
    if (depth === 0 || dice.below(3) === 0) {
      if (dice.below(3) === 0) {
        const number = dice.below(dice.below(2) === 0 ? 4 : 256);
        return { text: `8w${number}`, value: () => number };
      }
      const name = dice.pick(names);
      return { text: name, value: (variables) => variables.get(name)?.value ?? 0 };
    }
    const [a, b] = [this.#expression(names, depth - 1), this.#expression(names, depth - 1)];
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

  #condition(names: readonly string[]): { text: string; holds: (variables: Variables) => boolean } {
    const dice = this.#dice;
    const [a, b] = [this.#expression(names, 1), this.#expression(names, 1)];
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
    const other = this.#condition(names);
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

  #statements(place: Place): Piece {
    const count = 1 + this.#dice.below(4);
    const pieces: Piece[] = [];
    let { names } = place;
    for (let index = 0; index < count; index++) {
      if (this.#dice.below(5) === 0) {
        const name = this.#fresh("v");
        const initial = this.#expression(names, 1);
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
    const value = this.#expression(names, 2);
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
    const condition = this.#condition(place.names);
    const [then, otherwise] = [this.#statements(inner), this.#statements(inner)];
    return {
      text: `if (${condition.text}) {\n${then.text}\n} else {\n${otherwise.text}\n}`,
      run: (variables) => (condition.holds(variables) ? then : otherwise).run(variables),
    };
  }

  #for(place: Place): Piece {
    const name = this.#fresh("i");
    const last = this.#dice.below(4);
    const summed = this.#dice.pick(place.names);
    // Tables and controls are applied once only.
    const body = this.#statements({ ...place, depth: place.depth - 1, loop: true, tables: [], controls: [] });
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
    const value = this.#expression(place.names, 1);
    const cases = [0, 1, 2].map((label) => ({ label, body: this.#statements(inner) }));
    const otherwise = this.#statements(inner);
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
    const condition = this.#condition(place.names);
    return {
      text: `if (${condition.text}) {\n${word};\n}`,
      run: (variables) => (condition.holds(variables) ? word : undefined),
    };
  }

  #callFunction({ names, functions }: Place): Piece | undefined {
    if (functions.length === 0) return undefined;
    const callee = this.#dice.pick(functions);
    const [target, changed] = [this.#dice.pick(names), this.#dice.pick(names)];
    const [given, added] = [this.#expression(names, 1), this.#expression(names, 1)];
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
    const given = this.#expression(names, 1);
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
      const [hit, miss] = [this.#statements(inner), this.#statements(inner)];
      return {
        text: `if (${table.name}.apply().hit) {\n${hit.text}\n} else {\n${miss.text}\n}`,
        run: (variables) => {
          const outcome = table.apply(variables);
          return outcome.left ?? (outcome.hit ? hit : miss).run(variables);
        },
      };
    }
    const [first = "", second = ""] = table.actions;
    const [one, rest] = [this.#statements(inner), this.#statements(inner)];
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
    const given = this.#expression(place.names, 1);
    return {
      text: `${control.name}.apply(${changed}, ${given.text});`,
      run: (variables) => control.call(variables, given.value(variables), variables.get(changed) ?? { value: 0 }).left,
    };
  }

  #function(functions: readonly Callable[]): Callable {
    const name = this.#fresh("f");
    const [given, changed, result] = [this.#fresh("p"), this.#fresh("p"), this.#fresh("r")];
    const early = this.#condition([given, changed]);
    const body = this.#statements({
      names: [changed, result],
      depth: 2,
      loop: false,
      exit: false,
      functions: [...functions],
      actions: [],
      tables: [],
      controls: [],
    });
    return {
      name,
      text: `bit<8> ${name}(in bit<8> ${given}, inout bit<8> ${changed}) {
bit<8> ${result} = ${given};
if (${early.text}) {\n${changed} = 1;\nreturn ${result} + 1;\n}
${body.text}
return ${result};
}`,
      call: (_variables, argument, cell) => {
        const local: Variables = new Map([
          [given, { value: argument }],
          [changed, { value: cell.value }],
          [result, { value: argument }],
        ]);
        const back = (value: number): { result: number; left: undefined } => {
          cell.value = local.get(changed)?.value ?? 0;
          return { result: value & 0xff, left: undefined };
        };
        if (early.holds(local)) {
          local.set(changed, { value: 1 });
          return back(argument + 1);
        }
        body.run(local);
        return back(local.get(result)?.value ?? 0);
      },
    };
  }

  #action(functions: readonly Callable[], actions: readonly Callable[]): Callable {
    const name = this.#fresh("a");
    const [changed, given, own] = [this.#fresh("p"), this.#fresh("p"), this.#fresh("v")];
    const body = this.#statements({
      names: [changed, own, ...globalNames],
      depth: 2,
      loop: false,
      exit: true,
      functions: [...functions],
      actions: [...actions],
      tables: [],
      controls: [],
    });
    return {
      name,
      text: `action ${name}(inout bit<8> ${changed}, in bit<8> ${given}) {\nbit<8> ${own} = ${given};\n${body.text}\n}`,
      call: copying(changed, own, body, true),
    };
  }

  #control(functions: readonly Callable[]): Callable {
    const name = this.#fresh("c");
    const [changed, given, own] = [this.#fresh("p"), this.#fresh("p"), this.#fresh("v")];
    const body = this.#statements({
      names: [changed, own],
      depth: 3,
      loop: false,
      exit: true,
      functions: [...functions],
      actions: [],
      tables: [],
      controls: [],
    });
    return {
      name,
      text: `control Sub(inout bit<8> ${changed}, in bit<8> ${given}) {\napply {\nbit<8> ${own} = ${given};\n${body.text}\n}\n}`,
      call: copying(changed, own, body, false),
    };
  }

  #table(actions: readonly Callable[]): TableUse {
    const name = this.#fresh("t");
    const key = this.#dice.pick(globalNames);
    const names = actions.map((action) => action.name);
    const [first = "", second = ""] = names;
    const used = actions.slice(0, 2);
    const [changed, given] = [this.#dice.pick(globalNames), this.#dice.pick(globalNames)];
    const data = this.#fresh("d");
    const wrapper = this.#fresh("w");
    const entries = [0, 1, 2, 7].map((value) => ({
      value,
      action: this.#dice.pick([0, 1, 2]),
      data: this.#dice.below(256),
    }));
    const fallback = this.#dice.below(2);
    const written = ({ action, data: number }: (typeof entries)[number]): string =>
      action === 2 ? `${wrapper}(${number})` : `${names[action] ?? ""}()`;
    return {
      name,
      actions: [first, second],
      text: `action ${wrapper}(bit<8> ${data}) {\nmeta.x1 = meta.x1 ^ ${data};\n}
table ${name} {
key = { ${key}: exact; }
actions = { ${first}(${changed}, ${given}); ${second}(${changed}, ${given} + 1); ${wrapper}; }
const default_action = ${names[fallback] ?? ""}();
const entries = {
${entries.map((entry) => `${entry.value}: ${written(entry)};`).join("\n")}
}
}`,
      apply: (variables) => {
        const found = variables.get(key)?.value ?? 0;
        const entry = entries.find(({ value }) => value === found);
        const chosen = entry?.action ?? fallback;
        if (chosen === 2) {
          const cell = variables.get("meta.x1");
          if (cell !== undefined) cell.value ^= entry?.data ?? 0;
          return { hit: true, action: wrapper, left: undefined };
        }
        const argument = ((variables.get(given)?.value ?? 0) + chosen) & 0xff;
        const left = used[chosen]?.call(variables, argument, variables.get(changed) ?? { value: 0 }).left;
        return { hit: entry !== undefined, action: names[chosen] ?? "", left };
      },
    };
  }
}

/** A call with one argument copied in and back, also when it ends by exit. */
function copying(changed: string, own: string, body: Piece, seesGlobals: boolean): Callable["call"] {
  return (variables, argument, cell) => {
    const local: Variables = new Map(
      seesGlobals ? globalNames.map((name) => [name, variables.get(name) ?? { value: 0 }]) : [],
    );
    local.set(changed, { value: cell.value });
    local.set(own, { value: argument });
    const left = body.run(local);
    cell.value = local.get(changed)?.value ?? 0;
    return { result: 0, left: left === "exit" ? "exit" : undefined };
  };
}
