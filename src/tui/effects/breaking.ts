import { drawCampaign, type FaultRun, flapping } from "../../flow/fault/index.ts";
import { FlowTestbed } from "../../flow/flow-testbed.ts";
import { hasArrived } from "../../flow/path/follow-packet.ts";
import { isPlaceOfTestbed, probe } from "../../flow/probe.ts";
import { onStep } from "../../flow/timeline.ts";
import type { Testbed } from "../../testbed/testbed.ts";
import { errorText, type Outcomes } from "./services.ts";

/** A second down, a second up; for an hour at most. */
const flapMs = 2000;
const flaps = 1800;

/** What flows can do to a testbed, done from the user interface: flaps, campaigns, traces. All is healed in the end. */
export class Breaking implements AsyncDisposable {
  readonly #bed: FlowTestbed;
  readonly #outcomes: Outcomes;
  readonly #flaps = new Map<string, FaultRun>();
  #campaign: AbortController | undefined;

  constructor(testbed: Testbed, outcomes: Outcomes) {
    this.#bed = new FlowTestbed(testbed, 0, () => Promise.resolve());
    this.#outcomes = outcomes;
  }

  /** Let a wire flap, or heal it. */
  async flap(wire: string, on: boolean): Promise<void> {
    const { dispatch } = this.#outcomes;
    if (!on) {
      await this.#flaps.get(wire)?.heal();
      return;
    }
    const run = await this.#bed.break(flapping(wire, { periodMs: flapMs, count: flaps }));
    this.#flaps.set(wire, run);
    dispatch({ type: "flapping", wire, on: true });
    const ended = (): void => {
      this.#flaps.delete(wire);
      dispatch({ type: "flapping", wire, on: false });
    };
    void run.finished.then(ended, ended);
  }

  /** Break what the seed says, one at a time, each healed before the next. */
  async campaign(count: number, seed: string): Promise<void> {
    const { dispatch } = this.#outcomes;
    const cancel = new AbortController();
    this.#campaign = cancel;
    const forget = onStep(({ kind, text, outcome, testbed }) => {
      if (testbed === this.#bed.name && (kind === "fault" || kind === "heal"))
        dispatch({ type: "campaign-step", kind, text, failed: outcome === "failed" });
    });
    try {
      const options = { count, durationMs: { from: 1500, to: 4000 }, quietMs: { from: 1000, to: 2000 } };
      await this.#bed.campaign(drawCampaign(seed, options, this.#bed.plan), { signal: cancel.signal });
      dispatch({ type: "campaign-ended", outcome: "all healed" });
    } catch (error) {
      dispatch({
        type: "campaign-ended",
        outcome: cancel.signal.aborted ? "ended on request, healed" : errorText(error),
      });
    } finally {
      forget();
      this.#campaign = undefined;
    }
  }

  /** End the campaign; what it broke is healed. */
  stopCampaign(): void {
    this.#campaign?.abort(new Error("the campaign was ended"));
  }

  /** Send a packet from a port and follow it over all wires. */
  async trace(from: string, to: string): Promise<void> {
    const { dispatch } = this.#outcomes;
    try {
      const place = isPlaceOfTestbed(this.#bed, to) ? to : undefined;
      const port = this.#bed.port(from);
      await this.#bed.mark();
      const packet = await probe(port, { to });
      const followed = await port.trace(packet, place === undefined ? {} : { to: place });
      const arrived = place === undefined ? followed.sightings.length > 0 : hasArrived(followed.sightings, place);
      dispatch({ type: "traced", lines: String(followed).split("\n"), verdict: arrived ? "arrived" : "lost" });
    } catch (error) {
      dispatch({ type: "traced", lines: errorText(error).split("\n"), verdict: "failed" });
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.stopCampaign();
    await this.#bed[Symbol.asyncDispose]();
  }
}
