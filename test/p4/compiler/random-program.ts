/**
 * Random programs together with what they do: each piece of text comes with a function that does the same to variables,
 * by the rules of the language (copy-in and copy-out, early leaving, order of evaluation).
 */
import { Dice } from "./dice.ts";
import type { Callable, Piece, TableUse, Variables } from "./random-piece.ts";
import { StatementMaker } from "./random-statement.ts";

/** Names of the variables that all of a program sees. */
export const globalNames = ["meta.x0", "meta.x1", "meta.x2", "meta.x3"] as const;

/** A program, and what its ingress does to the global variables. */
export function randomProgram(seed: number): { readonly text: string; readonly run: (variables: Variables) => void } {
  return new ProgramMaker(new Dice(seed)).make();
}

class ProgramMaker {
  readonly #dice: Dice;
  readonly #maker: StatementMaker;

  constructor(dice: Dice) {
    this.#dice = dice;
    this.#maker = new StatementMaker(dice);
  }

  make(): { text: string; run: (variables: Variables) => void } {
    const functions: Callable[] = [];
    for (let index = 0; index < 3; index++) functions.push(this.#function(functions));
    const control = this.#control(functions);
    const actions: Callable[] = [];
    for (let index = 0; index < 3; index++) actions.push(this.#action(functions, actions));
    const tables = Array.from({ length: 4 }, () => this.#table(actions));
    const body = this.#maker.statements({
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

  #function(functions: readonly Callable[]): Callable {
    const name = this.#maker.fresh("f");
    const [given, changed, result] = [this.#maker.fresh("p"), this.#maker.fresh("p"), this.#maker.fresh("r")];
    const early = this.#maker.expressions.condition([given, changed]);
    const body = this.#maker.statements({
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
    const name = this.#maker.fresh("a");
    const [changed, given, own] = [this.#maker.fresh("p"), this.#maker.fresh("p"), this.#maker.fresh("v")];
    const body = this.#maker.statements({
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
    const name = this.#maker.fresh("c");
    const [changed, given, own] = [this.#maker.fresh("p"), this.#maker.fresh("p"), this.#maker.fresh("v")];
    const body = this.#maker.statements({
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
    const name = this.#maker.fresh("t");
    const key = this.#dice.pick(globalNames);
    const names = actions.map((action) => action.name);
    const [first = "", second = ""] = names;
    const used = actions.slice(0, 2);
    const [changed, given] = [this.#dice.pick(globalNames), this.#dice.pick(globalNames)];
    const data = this.#maker.fresh("d");
    const wrapper = this.#maker.fresh("w");
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
