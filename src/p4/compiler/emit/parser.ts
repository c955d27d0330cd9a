import type { Label, LoweredState, LoweredTransition, Operation } from "../lower/operation.ts";
import { UniqueNames } from "../lower/unique-names.ts";
import { type Value, widthOf } from "../lower/value.ts";
import { toParameter } from "./expression.ts";
import { hex, type Json } from "./json.ts";
import { parserOperation, setOperation } from "./parser-operation.ts";
import { simplify } from "./simplify.ts";

/** The state that reports that no case of a select applied. BMv2 by itself would accept. */
const noMatchName = "no_match";

interface ParseState {
  readonly name: string;
  readonly operations: Json[];
  key: readonly Json[];
  transitions: readonly Json[];
  /** Whether its transitions have been set. */
  closed: boolean;
}

/** What a state leads to: a state, or `null` for the end of parsing. */
type Target = string | null;

/**
 * The parser of BMv2. Conditions inside of states, and calls of other parsers, are turned into states of their own.
 *
 * @param condition - gives a new field to keep a condition in
 */
export function parserJson(operations: readonly Operation[], condition: () => Value, noMatch: bigint): Json {
  const builder = new ParserBuilder(condition, noMatch);
  const states = builder.build(operations);
  return {
    name: "parser",
    id: 0,
    init_state: "start",
    parse_states: states.map(({ name, operations: parserOperations, transitions, key }, id) => ({
      name,
      id,
      parser_ops: parserOperations,
      transitions,
      transition_key: key,
    })),
  };
}

class ParserBuilder {
  readonly #states: ParseState[] = [];
  readonly #names = new UniqueNames(["accept", "reject", noMatchName]);
  readonly #labels = new Map<Label, Target>();
  readonly #condition: () => Value;
  readonly #noMatch: bigint;
  #usesNoMatch = false;

  constructor(condition: () => Value, noMatch: bigint) {
    this.#condition = condition;
    this.#noMatch = noMatch;
  }

  build(operations: readonly Operation[]): readonly ParseState[] {
    const first = this.#state("start");
    this.#run(first, simplify(operations), null);
    if (this.#usesNoMatch) {
      const error: Json = { type: "hexstr", value: hex(this.#noMatch, 1) };
      const verify: Json = { op: "verify", parameters: [{ type: "bool", value: false }, error] };
      this.#states.push({
        name: noMatchName,
        operations: [verify],
        key: [],
        transitions: [defaultTo(null)],
        closed: true,
      });
    }
    return this.#states;
  }

  #state(name: string): ParseState {
    const state: ParseState = { name: this.#names.give(name), operations: [], key: [], transitions: [], closed: false };
    this.#states.push(state);
    return state;
  }

  /** Put operations into a state, and into others that go on from there; the end leads to a target. */
  #run(start: ParseState, operations: readonly Operation[], target: Target): void {
    let state = start;
    for (const [index, operation] of operations.entries()) {
      const isLast = index === operations.length - 1;
      // What follows the last operation is what follows all of them.
      const behind = (): { name: Target; next: ParseState | undefined } => {
        if (isLast) return { name: target, next: undefined };
        const next = this.#state(`${start.name}_after`);
        return { name: next.name, next };
      };
      switch (operation.kind) {
        case "block": {
          const { name, next } = behind();
          this.#labels.set(operation.label, name);
          this.#run(state, operation.body, name);
          if (next === undefined) return;
          state = next;
          break;
        }
        case "leave":
          close(state, [], [defaultTo(this.#labels.get(operation.label) ?? null)]);
          return;
        case "if": {
          const { name, next } = behind();
          const field = this.#condition();
          state.operations.push(setOperation(field, operation.condition));
          const then = this.#state(`${start.name}_then`);
          this.#run(then, operation.then, name);
          let otherwise = name;
          if (operation.otherwise.length > 0) {
            const other = this.#state(`${start.name}_else`);
            this.#run(other, operation.otherwise, name);
            otherwise = other.name;
          }
          close(state, [toParameter(field)], [transition("0x01", null, then.name), defaultTo(otherwise)]);
          if (next === undefined) return;
          state = next;
          break;
        }
        case "states": {
          const { name, next } = behind();
          this.#subparser(state, operation.states, name);
          if (next === undefined) return;
          state = next;
          break;
        }
        default:
          addOperation(state, operation);
      }
    }
    if (!state.closed) close(state, [], [defaultTo(target)]);
  }

  /** The states of a parser: the first goes into the state that calls it, `accept` goes on behind. */
  #subparser(caller: ParseState, states: readonly LoweredState[], accepted: Target): void {
    const names = new Map<string, Target>([
      ["accept", accepted],
      ["reject", null],
    ]);
    const own = new Map<LoweredState, ParseState>();
    // The states of the parser itself keep their names, those of a called one tell where it was called.
    const prefix = this.#states.length === 1 ? "" : `${caller.name}.`;
    const isLoop = states.some((state) => targetsOf(state.transition).includes("start"));
    for (const state of states) {
      // A state that nothing leads back to needs no place of its own.
      const place =
        state.name === "start" && !(isLoop && caller.operations.length > 0) ? caller : this.#state(prefix + state.name);
      own.set(state, place);
      names.set(state.name, place.name);
    }
    const start = names.get("start");
    if (start !== undefined && start !== caller.name) close(caller, [], [defaultTo(start)]);
    for (const [lowered, state] of own) {
      this.#leave(this.#runOpen(state, lowered.operations), lowered.transition, names);
    }
  }

  /** Operations of a state whose transition comes later; returns the state that they end in. */
  #runOpen(state: ParseState, operations: readonly Operation[]): ParseState {
    if (!operations.some(({ kind }) => branching.has(kind))) {
      for (const operation of operations) addOperation(state, operation);
      return state;
    }
    const end = this.#state(`${state.name}_end`);
    this.#run(state, operations, end.name);
    return end;
  }

  #leave(state: ParseState, leads: LoweredTransition, names: ReadonlyMap<string, Target>): void {
    const target = (name: string): Target => names.get(name) ?? null;
    if (leads.kind === "direct") {
      close(state, [], [defaultTo(target(leads.next))]);
      return;
    }
    const widths = leads.keys.map((key) => Math.ceil(widthOf(key.shape) / 8) * 8);
    const transitions: Json[] = [];
    let hasDefault = false;
    for (const { match, next } of leads.cases) {
      if (match.kind === "default") {
        transitions.push(defaultTo(target(next)));
        hasDefault = true;
      } else if (match.kind === "set") {
        transitions.push({ type: "parse_vset", value: match.name, mask: null, next_state: target(next) });
      } else {
        const masked = match.parts.some(({ mask }) => mask !== undefined);
        const value = join(
          match.parts.map((part) => part.value),
          widths,
        );
        const keyWidths = leads.keys.map((key) => widthOf(key.shape));
        const mask = masked
          ? join(
              match.parts.map((part, index) => part.mask ?? (1n << BigInt(keyWidths[index] ?? 0)) - 1n),
              widths,
            )
          : null;
        transitions.push(transition(value, mask, target(next)));
      }
    }
    if (!hasDefault) {
      this.#usesNoMatch = true;
      transitions.push(defaultTo(noMatchName));
    }
    close(state, leads.keys.map(keyJson), transitions);
  }
}

function targetsOf(leads: LoweredTransition): readonly string[] {
  return leads.kind === "direct" ? [leads.next] : leads.cases.map(({ next }) => next);
}

function close(state: ParseState, key: readonly Json[], transitions: readonly Json[]): void {
  state.key = key;
  state.transitions = transitions;
  state.closed = true;
}

/** The values of several keys as one, each in whole bytes. */
function join(parts: readonly bigint[], widths: readonly number[]): string {
  const total = widths.reduce((sum, width) => sum + width, 0);
  const value = parts.reduce((joined, part, index) => (joined << BigInt(widths[index] ?? 0)) | part, 0n);
  return hex(value, total / 4);
}

function keyJson(key: Value): Json {
  if (key.kind === "last-field") return { type: "stack_field", value: [key.stack, key.name] };
  return toParameter(key);
}

function defaultTo(next: Target): Json {
  return { type: "default", value: null, mask: null, next_state: next };
}

function transition(value: string, mask: string | null, next: Target): Json {
  return { type: "hexstr", value, mask, next_state: next };
}

/** Operations that need more than one state; blocks are there only where they are left early. */
const branching: ReadonlySet<Operation["kind"]> = new Set(["if", "states", "block", "leave"]);

function addOperation(state: ParseState, operation: Operation): void {
  const json = parserOperation(operation);
  if (json !== undefined) state.operations.push(json);
}
