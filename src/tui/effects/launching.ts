import { dirname, resolve } from "node:path";
import { Batch } from "../../testbed/batch.ts";
import { launchTestbed } from "../../testbed/launch-testbed.ts";
import { listRuns } from "../../testbed/run-directory.ts";
import { deployStack } from "../../rack/deploy.ts";
import { type PlanOptions, readTopology } from "../../topology/plan-topology.ts";
import type { TestbedEvent } from "../model/public-api.ts";
import { errorText, type Outcomes } from "./services.ts";
import { expectedLaunchMs } from "./topologies.ts";

/** Milliseconds in which the events of a launch are collected. */
const batchMs = 100;

/** Names of the testbeds that run, those being launched left out. */
export async function runningBeds(): Promise<readonly string[]> {
  const runs = await listRuns();
  return runs.filter(({ alive, owner }) => alive && owner?.role === "supervisor").map(({ name }) => name);
}

/** Launches topologies, one at a time. */
export class Launching {
  readonly #outcomes: Outcomes;
  readonly #attach: (name: string) => Promise<boolean>;
  #cancel: AbortController | undefined;

  constructor(outcomes: Outcomes, attach: (name: string) => Promise<boolean>) {
    this.#outcomes = outcomes;
    this.#attach = attach;
  }

  /** Launch a file and attach to what comes up. A name that is taken gets a number behind it. */
  async launch(file: string, options: PlanOptions = {}): Promise<boolean> {
    const { dispatch } = this.#outcomes;
    if (this.#cancel !== undefined) return false;
    const cancel = new AbortController();
    this.#cancel = cancel;
    const batch = new Batch<TestbedEvent>(batchMs, (events) => {
      dispatch({ type: "launch-events", events });
    });
    try {
      const plan = deployStack(await readTopology(resolve(file), options));
      const name = await freeName(plan.name);
      dispatch({ type: "launch-begins", name, file, plan, expectedMs: await expectedLaunchMs(plan) });
      using testbed = await launchTestbed(plan, {
        name,
        topologyDirectory: dirname(resolve(file)),
        signal: cancel.signal,
        onEvent: (event) => {
          batch.add(event);
        },
      });
      batch.flush();
      dispatch({ type: "launched" });
      return await this.#attach(testbed.name);
    } catch (error) {
      batch.flush();
      dispatch({ type: "launch-failed", reason: cancel.signal.aborted ? "it was ended on request" : errorText(error) });
      return false;
    } finally {
      this.#cancel = undefined;
    }
  }

  /** End the launch under way; nothing of it is left. */
  cancel(): void {
    this.#cancel?.abort(new Error("the launch was ended"));
  }
}

async function freeName(wanted: string): Promise<string> {
  const taken = new Set((await listRuns()).map(({ name }) => name));
  for (let number = 1; ; number += 1) {
    const name = number === 1 ? wanted : `${wanted}-${number}`;
    if (!taken.has(name)) return name;
  }
}
