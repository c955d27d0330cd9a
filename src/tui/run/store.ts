import type { Action } from "../model/action.ts";
import type { Effect } from "../model/effect.ts";
import type { TuiState } from "../model/state.ts";
import { update } from "../model/update.ts";

/** Actions after which a person waits for the screen. */
const urgent: ReadonlySet<Action["type"]> = new Set<Action["type"]>([
  "key",
  "resize",
  "select",
  "choose",
  "pick",
  "view",
  "explain",
  "scroll",
  "attached",
  "detached",
  "console",
]);

/** Holds the state; actions change it, and what they want done is handed on. */
export class Store {
  #state: TuiState;
  readonly #perform: (effect: Effect) => void;
  readonly #changed: (urgently: boolean) => void;

  constructor(state: TuiState, perform: (effect: Effect) => void, changed: (urgently: boolean) => void) {
    this.#state = state;
    this.#perform = perform;
    this.#changed = changed;
  }

  get state(): TuiState {
    return this.#state;
  }

  /** Let something happen. */
  readonly dispatch = (action: Action): void => {
    const { state, effects } = update(this.#state, action);
    if (state !== this.#state) {
      this.#state = state;
      this.#changed(urgent.has(action.type));
    }
    for (const effect of effects) this.#perform(effect);
  };
}
