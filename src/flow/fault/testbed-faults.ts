import { TestRunner } from "vitest";
import type { FlowTestbed } from "../flow-testbed.ts";
import { noteStep } from "../timeline.ts";
import { breakerOf } from "./breaker.ts";
import { healBeforeEnding } from "./ending-process.ts";
import { despiteErrors } from "./despite-errors.ts";
import type { Fault } from "./fault.ts";
import { type FaultClock, realClock } from "./fault-clock.ts";
import { FaultRun } from "./fault-run.ts";
import { describeFault } from "./fault-text.ts";
import type { FaultAction, FaultWindow } from "./fault-window.ts";
import { type FaultSchedule, scheduleLengthMs } from "./schedule.ts";
import { checkedWindows } from "./schedule-problems.ts";
import { TargetQueues } from "./target-queues.ts";
import { WireBreakers } from "./wire-breaker.ts";

/** All that a flow breaks of its testbed; healed at the end of the scope, the test, or the process, whichever comes first. */
export class TestbedFaults {
  readonly #bed: FlowTestbed;
  readonly #clock: FaultClock;
  readonly #wires: WireBreakers;
  readonly #queues = new TargetQueues();
  readonly #runs = new Set<FaultRun>();
  readonly #watchedTests = new WeakSet();
  #forgetProcess: (() => void) | undefined;

  constructor(bed: FlowTestbed, clock: FaultClock = realClock) {
    this.#bed = bed;
    this.#clock = clock;
    this.#wires = new WireBreakers(bed.testbed.wires);
  }

  /**
   * Start a schedule. Resolves when what begins at once is there; the rest happens in its time.
   *
   * @throws KestrelError (input) with all that is wrong with the schedule; nothing is broken then
   */
  start(schedule: FaultSchedule): Promise<FaultRun> {
    return this.#start(schedule, { mustEnd: false });
  }

  /** Do something while something is broken; healed afterwards, whatever came of it. */
  async whileBroken<Result>(schedule: FaultSchedule, work: () => Promise<Result>): Promise<Result> {
    const run = await this.start(schedule);
    const [result] = await despiteErrors<[Result, unknown]>(
      () => work(),
      () => run.heal(),
    );
    return result;
  }

  /**
   * Carry out a schedule to its end.
   *
   * @throws KestrelError (input) as {@link start} does, and for what has no end; (flow) when it is ended before, healed
   */
  async campaign(schedule: FaultSchedule, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    const run = await this.#start(schedule, { mustEnd: true });
    const heal = (): void => void run.heal().catch(() => undefined);
    signal?.addEventListener("abort", heal, { once: true });
    try {
      if (signal?.aborted === true) heal();
      await run.finished;
    } catch (error) {
      // What could not be healed matters more than why it was ended.
      await run.heal();
      signal?.throwIfAborted();
      throw error;
    } finally {
      signal?.removeEventListener("abort", heal);
    }
  }

  /**
   * Heal everything: the youngest schedule first, and of one wire or node the youngest fault. Goes on after an error.
   *
   * @throws what could not be healed: the error, or an AggregateError of several
   */
  async healAll(): Promise<void> {
    await despiteErrors(...[...this.#runs].toReversed().map((run) => () => run.heal()));
  }

  async #start(schedule: FaultSchedule, { mustEnd }: { readonly mustEnd: boolean }): Promise<FaultRun> {
    const windows = checkedWindows(schedule, this.#bed.plan, { others: this.#present(), mustEnd });
    if (windows.length > 1) this.#tellOf(schedule, windows.length);
    const run = new FaultRun(windows, {
      testbed: this.#bed.name,
      clock: this.#clock,
      queues: this.#queues,
      breakerOf: (fault) => breakerOf(fault, this.#bed, this.#wires),
      told: (type, fault, work) => this.#told(type, fault, work),
      onHealed: () => {
        this.#forget(run);
      },
    });
    this.#remember(run);
    await run.begun;
    return run;
  }

  /** What is broken or will be, on the clock of a schedule that starts now. */
  #present(): readonly FaultWindow[] {
    const now = this.#clock.now();
    return [...this.#runs].flatMap(({ startedAt, windows }) =>
      windows
        .map((window) => ({
          ...window,
          beginMs: window.beginMs + startedAt - now,
          endMs: window.endMs + startedAt - now,
        }))
        .filter(({ endMs }) => endMs > 0),
    );
  }

  #tellOf(schedule: FaultSchedule, faults: number): void {
    const lengthMs = scheduleLengthMs(schedule);
    const time = lengthMs === Number.POSITIVE_INFINITY ? "until they are healed" : `in ${lengthMs} ms`;
    const text = `a schedule of ${faults} faults ${time}`;
    noteStep({ kind: "note", testbed: this.#bed.name, text, outcome: "done", detail: schedule });
  }

  async #told(type: FaultAction["type"], fault: Fault, work: () => Promise<void>): Promise<void> {
    const bed = this.#bed;
    const what = describeFault(fault);
    const step = {
      kind: type === "begin" ? "fault" : "heal",
      testbed: bed.name,
      cursor: await bed.testbed.wires.cursor().catch(() => undefined),
      detail: fault,
    } as const;
    try {
      await bed.guarded(type === "begin" ? `break: ${what}` : `heal: ${what}`, work);
    } catch (error) {
      if (type === "heal" && (await this.#isGone())) {
        noteStep({ ...step, text: `${what}: gone with its testbed`, outcome: "done" });
        return;
      }
      const failed = type === "begin" ? "not done" : "not healed";
      const reason = error instanceof Error ? error.message : String(error);
      noteStep({ ...step, text: `${what}: ${failed}: ${reason}`, outcome: "failed" });
      throw error;
    }
    noteStep({ ...step, text: type === "begin" ? what : `${what}: healed`, outcome: "done" });
  }

  /** Nothing is left to be healed of a testbed that has ended. */
  #isGone(): Promise<boolean> {
    return this.#bed.testbed.status().then(
      () => false,
      () => true,
    );
  }

  #remember(run: FaultRun): void {
    this.#runs.add(run);
    this.#forgetProcess ??= healBeforeEnding(() => this.healAll());
    // A test that runs out of time does not come to the end of its scopes.
    const test = TestRunner.getCurrentTest();
    if (test === undefined || this.#watchedTests.has(test)) return;
    this.#watchedTests.add(test);
    test.context.onTestFinished(() => this.healAll());
  }

  #forget(run: FaultRun): void {
    this.#runs.delete(run);
    if (this.#runs.size > 0) return;
    this.#forgetProcess?.();
    this.#forgetProcess = undefined;
  }
}
