import { relative } from "node:path";
import type { BundleWriter } from "../bundle/bundle-writer.ts";
import { keepEvidence } from "../bundle/evidence.ts";
import type { TimelineEntry } from "../bundle/layout.ts";
import type { Testbed } from "../../testbed/index.ts";
import type { FlowStep } from "../timeline.ts";
import type { FlowWatcher } from "./lease-server.ts";
import type { FlowReference } from "./lease-protocol.ts";
import type { FlowListener, FlowOutcome } from "./reporter.ts";
import type { FlowName, RunEvent } from "./run-events.ts";
import type { FlowRecord, FlowRound, RunFault, TestbedRecord } from "./run-record.ts";
import { TestbedHistory } from "./testbed-history.ts";
import type { TestbedRequest } from "./testbed-pool.ts";

/** What a recorder needs to know of its run. */
export interface RecorderOptions {
  readonly root: string;
  /** Only flows whose name matches are run. */
  readonly name?: string | undefined;
  readonly onFailure: "go on" | "keep" | "freeze";
  readonly onEvent: (event: RunEvent) => void;
  readonly adjust?: (request: TestbedRequest) => TestbedRequest;
}

/** What is known of a flow in the present round before vitest says how it ended. */
interface FlowNotes {
  readonly leftBehind: string[];
  readonly evidence: string[];
  underWay: readonly string[];
  /** Milliseconds that keeping the evidence took, which are not the flow's. */
  keepingMs: number;
}

/** Keeps everything that a run says about itself: the timeline, the results, the evidence of failures. */
export class RunRecorder implements FlowListener, FlowWatcher {
  readonly testbeds: TestbedHistory;
  readonly #bundle: BundleWriter;
  readonly #options: RecorderOptions;
  readonly #flows = new Map<string, { readonly flow: FlowName; readonly rounds: FlowRound[] }>();
  readonly #faults: RunFault[] = [];
  readonly #notes = new Map<string, FlowNotes>();
  /** By flow and testbed: where its recording stood when the flow got it. */
  readonly #cursors = new Map<string, number>();
  /** Ids of the flows of the round that have begun. */
  readonly #begun = new Set<string>();
  #round = 0;
  #failures = 0;
  #failedInRound = false;

  constructor(bundle: BundleWriter, options: RecorderOptions) {
    this.#bundle = bundle;
    this.#options = options;
    this.testbeds = new TestbedHistory({
      bundle,
      note: (entry) => {
        bundle.note({ round: this.#round, ...entry });
      },
      onEvent: options.onEvent,
    });
  }

  get failedInRound(): boolean {
    return this.#failedInRound;
  }

  /** Whether there is nothing to tell: no flow, and no reason why. */
  get isEmpty(): boolean {
    return this.#flows.size === 0 && this.#faults.length === 0;
  }

  beginRound(round: number): void {
    this.#round = round;
    this.#failedInRound = false;
    this.#notes.clear();
    this.#cursors.clear();
    this.#begun.clear();
    this.#options.onEvent({ type: "round", round });
  }

  results(): {
    readonly flows: readonly FlowRecord[];
    readonly testbeds: readonly TestbedRecord[];
    readonly faults: readonly RunFault[];
  } {
    return {
      flows: [...this.#flows.values()].map(({ flow, rounds }) => ({ ...flow, rounds })),
      testbeds: this.testbeds.records,
      faults: this.#faults,
    };
  }

  // What vitest says.

  onEnd(id: string, flow: FlowName, reported: FlowOutcome): void {
    // vitest says of what it did not begin any more that it passed.
    const outcome: FlowOutcome =
      reported.state === "passed" && !this.#begun.has(id)
        ? { ...reported, state: "skipped", note: "the run ended before it began" }
        : reported;
    // vitest reports what the filter leaves out as skipped, which is not worth a line each.
    if (this.#options.name !== undefined && outcome.state === "skipped" && outcome.note === undefined) return;
    const failed = outcome.state === "failed";
    this.#failedInRound ||= failed;
    const { leftBehind, evidence, underWay, keepingMs } = this.#notesOf(id);
    const durationMs = Math.max(0, Math.round(outcome.durationMs - keepingMs));
    const round: FlowRound = { round: this.#round, ...outcome, durationMs, leftBehind, underWay, evidence };
    const key = JSON.stringify(flow);
    const known = this.#flows.get(key) ?? { flow, rounds: [] };
    this.#flows.set(key, known);
    known.rounds.push(round);
    if (outcome.state !== "skipped") {
      const text = failed ? (outcome.failures[0]?.message.split("\n")[0] ?? "failed") : outcome.state;
      // vitest tells of it only when everything about the flow is done, its evidence kept.
      const at = outcome.startedAt + durationMs;
      this.#bundle.note({ at, round: this.#round, kind: "end", flow, text, outcome: failed ? "failed" : "done" });
    }
    this.#options.onEvent({ type: "flow-ends", flow, round });
  }

  onFault(fault: RunFault): void {
    this.#failedInRound = true;
    this.#faults.push(fault);
    this.#note({
      kind: "note",
      text: `${fault.file ?? "run"}: ${fault.message.split("\n")[0] ?? ""}`,
      outcome: "failed",
    });
    this.#options.onEvent({ type: "fault", fault });
  }

  onOutput(text: string): void {
    this.#options.onEvent({ type: "output", text });
  }

  // What workers say.

  adjust(request: TestbedRequest): TestbedRequest {
    return this.#options.adjust?.(request) ?? request;
  }

  onFlowBegins(reference: FlowReference): void {
    const flow = this.#nameOf(reference);
    this.#begun.add(reference.id);
    this.#note({ kind: "begin", flow, text: flow.name, outcome: "done" });
    this.#options.onEvent({ type: "flow-begins", flow });
  }

  onStep(reference: FlowReference | undefined, step: FlowStep): void {
    const flow = reference === undefined ? undefined : this.#nameOf(reference);
    if (reference !== undefined && step.kind === "launch" && step.testbed !== undefined && step.cursor !== undefined) {
      const key = cursorKey(reference.id, step.testbed);
      if (!this.#cursors.has(key)) this.#cursors.set(key, step.cursor);
    }
    this.#bundle.note({ ...step, round: this.#round, flow });
    this.#options.onEvent({ type: "step", flow, step });
  }

  async onFailure(
    reference: FlowReference,
    testbeds: readonly Testbed[],
    underWay: readonly string[],
  ): Promise<"keep" | "give back"> {
    const { id } = reference;
    const flow = this.#nameOf(reference);
    const { onFailure } = this.#options;
    const frozen = onFailure === "freeze";
    const notes = this.#notesOf(id);
    notes.underWay = underWay;
    const begun = performance.now();
    if (frozen) await Promise.all(testbeds.map(freeze));
    for (const testbed of new Set(testbeds)) {
      notes.evidence.push(
        await keepEvidence(this.#bundle, (this.#failures += 1), {
          flow,
          round: this.#round,
          testbed,
          since: this.#cursors.get(cursorKey(id, testbed.name)) ?? 0,
          steps: this.#stepsOf(flow, testbed.name),
        }),
      );
    }
    notes.keepingMs = performance.now() - begun;
    if (onFailure === "go on") return "give back";
    for (const { name } of testbeds) this.testbeds.onKept(name, frozen);
    return "keep";
  }

  onChanges(flow: FlowReference | undefined, file: string, changes: readonly string[]): void {
    if (flow !== undefined) this.#notesOf(flow.id).leftBehind.push(...changes);
    else
      this.#note({
        kind: "note",
        text: `${relative(this.#options.root, file)} left behind: ${changes.join("; ")}`,
        outcome: "failed",
      });
  }

  #stepsOf(flow: FlowName, testbed: string): readonly TimelineEntry[] {
    return this.#bundle.entries.filter(
      (entry) =>
        entry.round === this.#round &&
        entry.kind !== "testbed" &&
        entry.flow?.file === flow.file &&
        entry.flow.name === flow.name &&
        (entry.testbed === undefined || entry.testbed === testbed),
    );
  }

  #nameOf({ file, name }: FlowReference): FlowName {
    return { file: relative(this.#options.root, file), name };
  }

  #notesOf(id: string): FlowNotes {
    const notes = this.#notes.get(id) ?? { leftBehind: [], evidence: [], underWay: [], keepingMs: 0 };
    this.#notes.set(id, notes);
    return notes;
  }

  #note(entry: Omit<TimelineEntry, "at" | "round">): void {
    this.#bundle.note({ at: Date.now(), round: this.#round, ...entry });
  }
}

function cursorKey(flow: string, testbed: string): string {
  return `${flow} ${testbed}`;
}

/** Stop every machine where it stands; one that does not run stands already. */
async function freeze(testbed: Testbed): Promise<void> {
  const status = await testbed.status().catch(() => undefined);
  const running = (status?.nodes ?? []).filter(({ state }) => state === "ready");
  await Promise.allSettled(running.map(({ name }) => testbed.node(name).act("pause")));
}
