import { ChangeSignal } from "../daemon/held-answer.ts";
import type { Intent, IntentChange } from "./engine/intent.ts";
import type { RowChange } from "./engine/row-store.ts";
import type { SwitchDriver } from "./driver/switch-driver.ts";

/** Changes that are done together at most. */
const batchSize = 64;

interface Waiting {
  readonly act: (intent: Intent) => unknown;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
}

type Outcome = { readonly waiting: Waiting } & (
  { readonly change: IntentChange<unknown> } | { readonly change?: undefined; readonly error: unknown }
);

/** Changes the intent and the switch together. */
export class Control {
  readonly intent: Intent;
  readonly driver: SwitchDriver;
  /** Says when something about the intent has changed. */
  readonly changes = new ChangeSignal();
  #waiting: Waiting[] = [];

  constructor(intent: Intent, driver: SwitchDriver) {
    this.intent = intent;
    this.driver = driver;
  }

  /**
   * Change the intent; fulfilled when the switch has it too. While the switch is away the intent is changed all the same:
   * the switch gets it when it is back. Changes are made in the order in which they were asked for; those that wait for
   * the same answer of the switch go to it together.
   *
   * @throws Refusal when the change cannot be, SwitchFault when the switch did not take it; nothing has changed then
   */
  change<T>(act: (intent: Intent) => T): Promise<T> {
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    this.#waiting.push({ act, resolve: resolve as Waiting["resolve"], reject });
    void this.driver.exclusive(() => this.#batch(this.#waiting.splice(0, batchSize)));
    return promise;
  }

  async #batch(batch: readonly Waiting[]): Promise<void> {
    const outcomes = batch.map((waiting) => this.#attempt(waiting));
    const changes = outcomes.flatMap(({ change }) => (change === undefined ? [] : [change]));
    const rows = changes.flatMap((change): readonly RowChange[] => change.rows);
    try {
      await this.driver.apply(rows);
    } catch (error) {
      for (const { undo } of changes.toReversed()) undo();
      // Whose fault it was is seen when each is alone; what was refused on account of another may be possible now.
      if (batch.length > 1) for (const waiting of batch) await this.#batch([waiting]);
      else batch[0]?.reject(error);
      return;
    }
    for (const outcome of outcomes) {
      if (outcome.change === undefined) outcome.waiting.reject(outcome.error);
      else outcome.waiting.resolve(outcome.change.value);
    }
    this.changes.changed();
  }

  #attempt(waiting: Waiting): Outcome {
    try {
      return { waiting, change: this.intent.change(() => waiting.act(this.intent)) };
    } catch (error) {
      return { waiting, error };
    }
  }
}
