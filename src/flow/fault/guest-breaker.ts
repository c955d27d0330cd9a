import { KestrelError } from "../../error/kestrel-error.ts";
import type { Breaker } from "./breaker.ts";

/** How long a guest may take over a fault, or over healing it, milliseconds. */
const defaultDeadlineMs = 30_000;

/** A fault inside a guest: one that hangs must not keep the flow, nor the healing of everything else. */
export class GuestBreaker implements Breaker {
  readonly #node: string;
  readonly #breaker: Breaker;
  readonly #deadlineMs: number;

  /** @param breaker - who asks the guest */
  constructor(node: string, breaker: Breaker, deadlineMs = defaultDeadlineMs) {
    this.#node = node;
    this.#breaker = breaker;
    this.#deadlineMs = deadlineMs;
  }

  begin(): Promise<void> {
    return this.#inTime("break something in the node", this.#breaker.begin());
  }

  heal(): Promise<void> {
    return this.#inTime("heal something in the node", this.#breaker.heal());
  }

  async #inTime(step: string, work: Promise<void>): Promise<void> {
    const { promise, reject } = Promise.withResolvers<never>();
    const timer = setTimeout(() => {
      reject(
        new KestrelError({
          kind: "flow",
          step,
          subject: this.#node,
          expected: `its guest to have done it within ${this.#deadlineMs} ms`,
          found: "that it has not answered",
          hint: "see whether it hangs: kestrel console shows its console",
        }),
      );
    }, this.#deadlineMs);
    try {
      await Promise.race([work, promise]);
    } finally {
      clearTimeout(timer);
    }
  }
}
