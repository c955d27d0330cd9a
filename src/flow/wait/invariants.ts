import { KestrelError } from "../../error/kestrel-error.ts";
import { noteStep } from "../timeline.ts";
import { type Check, look } from "./check.ts";

const defaultEvery = 200;
/** A check that has not answered for so long does not hold, milliseconds. */
const answerDeadlineMs = 20_000;

/** How an invariant is watched. */
export interface InvariantOptions {
  /** Time between looks, milliseconds: 200 unless given. */
  readonly every?: number;
}

interface Invariant {
  readonly name: string;
  readonly check: Check;
  looks: number;
  since: number;
  timer: NodeJS.Timeout | undefined;
  looking: Promise<void>;
  ended: boolean;
}

/**
 * Checks that have to hold all the time. They are looked at in the background; the first that does not hold fails whatever
 * the flow does next, and at the latest its end.
 */
export class Invariants {
  readonly #testbed: string;
  readonly #invariants = new Set<Invariant>();
  #violation: KestrelError | undefined;
  #told = false;

  /** @param testbed - its name, for the timeline */
  constructor(testbed: string) {
    this.#testbed = testbed;
  }

  /** Watch a check from now on; disposing the result ends it. */
  add(name: string, check: Check, { every = defaultEvery }: InvariantOptions = {}): Disposable {
    const invariant: Invariant = {
      name,
      check,
      looks: 0,
      since: performance.now(),
      timer: undefined,
      looking: Promise.resolve(),
      ended: false,
    };
    this.#invariants.add(invariant);
    const again = (): void => {
      invariant.looking = this.#look(invariant).then(() => {
        if (!invariant.ended && this.#violation === undefined) invariant.timer = setTimeout(again, every);
      });
    };
    again();
    return {
      [Symbol.dispose]: () => {
        this.#end(invariant);
      },
    };
  }

  /** @throws KestrelError (flow) when an invariant did not hold */
  check(): void {
    if (this.#violation === undefined) return;
    this.#told = true;
    throw this.#violation;
  }

  /** Look at all of them for the last time. @throws KestrelError (flow) for one that did not hold, unless it was told already */
  async finish(): Promise<void> {
    const left = [...this.#invariants];
    await Promise.all(left.map(({ looking }) => looking));
    if (this.#violation === undefined) await Promise.all(left.map((invariant) => this.#look(invariant)));
    for (const invariant of left) this.#end(invariant);
    if (!this.#told) this.check();
  }

  #end(invariant: Invariant): void {
    invariant.ended = true;
    clearTimeout(invariant.timer);
    this.#invariants.delete(invariant);
  }

  async #look(invariant: Invariant): Promise<void> {
    const found = await look(invariant.check, performance.now() + answerDeadlineMs);
    invariant.looks += 1;
    if (found.holds || invariant.ended || this.#violation !== undefined) return;
    const { name, looks, since } = invariant;
    noteStep({
      kind: "expect",
      testbed: this.#testbed,
      text: `invariant "${name}": ${found.reason}`,
      outcome: "failed",
    });
    this.#violation = new KestrelError(
      {
        kind: "flow",
        step: "watch an invariant",
        subject: name,
        expected: "that it holds during the whole flow",
        found:
          `that it did not, at look ${looks}, ${Math.round(performance.now() - since)} ms after it was watched first: ` +
          found.reason,
      },
      { cause: found.error },
    );
  }
}
