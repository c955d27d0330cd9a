import { listInstances, NexusClient } from "../../rack/index.ts";
import type { Testbed } from "../../testbed/testbed.ts";
import type { Outcomes } from "./services.ts";

/** Asks the control plane of a testbed for its instances, one question at a time. */
export class Instances {
  readonly #testbed: Testbed;
  readonly #outcomes: Outcomes;
  #isAsking = false;

  constructor(testbed: Testbed, outcomes: Outcomes) {
    this.#testbed = testbed;
    this.#outcomes = outcomes;
  }

  /** Ask, unless the answer to an earlier question is still to come. */
  async find(): Promise<void> {
    if (this.#isAsking) return;
    this.#isAsking = true;
    try {
      const instances = await listInstances(await NexusClient.of(this.#testbed));
      this.#outcomes.dispatch({ type: "instances", bed: this.#testbed.name, instances });
    } catch {
      // A control plane that does not answer leaves what was known of its instances; the state of its node says why.
    } finally {
      this.#isAsking = false;
    }
  }
}
