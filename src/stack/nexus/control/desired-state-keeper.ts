import { createHash } from "node:crypto";
import { type DesiredStates, desiredStates, type Target } from "../engine/desired-state.ts";
import { readSnapshot } from "../store/read-snapshot.ts";
import type { Store } from "../store/store.ts";

/** A change of one target's desired state. */
export interface TargetChange {
  readonly target: Target;
  readonly generation: number;
}

/** Keeps the desired states that follow from the database, and their generations in it. */
export class DesiredStateKeeper {
  readonly #store: Store;
  #states: DesiredStates = new Map();
  #generations = new Map<Target, number>();

  constructor(store: Store) {
    this.#store = store;
  }

  /** The generation of each target. */
  get generations(): ReadonlyMap<Target, number> {
    return this.#generations;
  }

  /** Work the states out anew; returns those that are others than before, each with its next generation. */
  refresh(): readonly TargetChange[] {
    const states = desiredStates(readSnapshot(this.#store));
    const { generations } = this.#store.tables;
    const known = new Map(generations.list().map((row) => [row.target, row]));
    const changes: TargetChange[] = [];
    const next = new Map<Target, number>();
    this.#store.transaction(() => {
      for (const [target, state] of states) {
        const digest = createHash("sha256").update(JSON.stringify(state)).digest("hex");
        const before = known.get(target);
        const generation = before?.digest === digest ? before.generation : (before?.generation ?? 0) + 1;
        next.set(target, generation);
        if (before?.generation === generation) continue;
        if (before === undefined) generations.insert({ target, generation, digest });
        else generations.update({ target }, { generation, digest });
        changes.push({ target, generation });
      }
    });
    this.#states = states;
    this.#generations = next;
    return changes;
  }

  /** Number a target's state anew, above a generation that it has from elsewhere. */
  raise(target: Target, above: number): void {
    const generation = above + 1;
    if ((this.#generations.get(target) ?? generation) >= generation) return;
    this.#store.transaction(() => this.#store.tables.generations.update({ target }, { generation }));
    this.#generations.set(target, generation);
  }

  /** A target's desired state with its generation, as JSON; undefined for a target that there is not. */
  text(target: Target): string | undefined {
    const state = this.#states.get(target);
    const generation = this.#generations.get(target);
    return state === undefined || generation === undefined ? undefined : JSON.stringify({ generation, ...state });
  }
}
