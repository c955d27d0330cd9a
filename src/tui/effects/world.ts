import { sweepDeadRuns } from "../../testbed/sweep.ts";
import { Testbed } from "../../testbed/testbed.ts";
import type { PlanOptions } from "../../topology/plan-topology.ts";
import type { Effect } from "../model/effect.ts";
import { AttachedBed, isBedEffect } from "./attached-bed.ts";
import { FlowRuns, projectFlows } from "./flow-runs.ts";
import { Launching, runningBeds } from "./launching.ts";
import { openReport } from "./report.ts";
import { type Outcomes, work } from "./services.ts";
import { findTopologies } from "./topologies.ts";

/** Does what the model wants done, through the public API of testbeds and flows. */
export class World implements AsyncDisposable {
  readonly #outcomes: Outcomes;
  readonly #quit: () => void;
  readonly #launching: Launching;
  readonly #flows: FlowRuns;
  #bed: AttachedBed | undefined;

  /** @param quit - ends the user interface */
  constructor(outcomes: Outcomes, quit: () => void) {
    this.#outcomes = outcomes;
    this.#quit = quit;
    this.#launching = new Launching(outcomes, (name) => this.attach(name));
    this.#flows = new FlowRuns(outcomes);
  }

  /** Do one thing. What comes of it is an action, errors included. */
  readonly perform = (effect: Effect): void => {
    if (isBedEffect(effect)) this.#bed?.perform(effect);
    else void this.#perform(effect);
  };

  /** Attach to a testbed instead of the one attached to so far. Says whether it came to that. */
  attach(name: string): Promise<boolean> {
    return work(this.#outcomes, `attach to ${name}`, async () => {
      const testbed = await Testbed.connect(name);
      await this.#letGo();
      this.#bed = new AttachedBed(testbed, this.#outcomes);
      this.#outcomes.dispatch({ type: "attached", name: testbed.name, plan: testbed.plan });
      this.#bed.follow();
    });
  }

  /** Launch a topology file and attach to what comes up. Says whether it came to that. */
  async launch(file: string, options: PlanOptions = {}): Promise<boolean> {
    const isUp = await this.#launching.launch(file, options);
    this.#outcomes.dispatch({ type: "beds", names: await runningBeds() });
    return isUp;
  }

  /** Let everything go: testbeds run on, what was broken for a while is healed, an unfinished launch ends. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#launching.cancel();
    this.#flows.stop();
    await this.#letGo();
  }

  async #perform(effect: Exclude<Effect, Parameters<AttachedBed["perform"]>[0]>): Promise<void> {
    const { dispatch, services } = this.#outcomes;
    switch (effect.type) {
      case "quit":
        this.#quit();
        return;
      case "find-beds":
        dispatch({ type: "beds", names: await runningBeds() });
        return;
      case "find-topologies":
        await sweepDeadRuns().catch(() => undefined);
        dispatch({ type: "beds", names: await runningBeds() });
        dispatch({ type: "topologies", topologies: await findTopologies(services, process.cwd()) });
        return;
      case "launch":
        await this.launch(effect.file);
        return;
      case "cancel-launch":
        this.#launching.cancel();
        return;
      case "attach":
        await this.attach(effect.name);
        return;
      case "detach":
        await this.#letGo();
        dispatch({ type: "detached" });
        return;
      case "down":
        await this.#down(effect.name);
        return;
      case "find-flows":
        dispatch({ type: "flow-files", files: await projectFlows(process.cwd()) });
        return;
      case "run-flows":
        await this.#flows.run(effect.files);
        return;
      case "stop-flows":
        this.#flows.stop();
        return;
      case "open-report":
        openReport(effect.bundle, this.#outcomes);
    }
  }

  async #down(name: string): Promise<void> {
    const { dispatch } = this.#outcomes;
    if (this.#bed?.name === name) {
      await this.#letGo();
      dispatch({ type: "detached" });
    }
    await work(this.#outcomes, `end ${name}`, async () => {
      const testbed = await Testbed.connect(name);
      const { leftovers } = await testbed.down();
      const rest = leftovers.length === 0 ? "" : `; left: ${leftovers.join(", ")}`;
      dispatch({ type: "notice", kind: leftovers.length === 0 ? "done" : "problem", text: `${name} has ended${rest}` });
    });
    dispatch({ type: "beds", names: await runningBeds() });
  }

  async #letGo(): Promise<void> {
    const bed = this.#bed;
    this.#bed = undefined;
    await bed?.[Symbol.asyncDispose]();
  }
}
