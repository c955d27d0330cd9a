import { isDeepStrictEqual } from "node:util";
import type { Plan } from "../../topology/index.ts";
import type { TestbedRequest } from "../run/testbed-pool.ts";

/** Gives the flows of a replay the plans that they had in the run that is repeated. */
export class RecordedPlans {
  readonly #plans: readonly Plan[];
  readonly #replaced = new Set<string>();

  constructor(plans: Iterable<Plan>) {
    this.#plans = [...plans];
  }

  /** Topologies that come to another plan today, for which the recorded one was used. */
  get replaced(): readonly string[] {
    return [...this.#replaced];
  }

  /** The request with the recorded plan of the same name; as it is where there is none, or more than one to choose from. */
  adjust(request: TestbedRequest): TestbedRequest {
    const candidates = this.#plans.filter(({ name }) => name === request.plan.name);
    const [recorded] = candidates;
    if (recorded === undefined || candidates.some((plan) => isDeepStrictEqual(plan, plain(request.plan))))
      return request;
    if (candidates.length > 1) return request;
    this.#replaced.add(request.plan.name);
    return { ...request, plan: recorded };
  }
}

/** Without the members that JSON leaves out. */
function plain(plan: Plan): unknown {
  return JSON.parse(JSON.stringify(plan));
}
