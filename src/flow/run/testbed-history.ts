import { join } from "node:path";
import { sha256Json } from "../../host/index.ts";
import type { Testbed, TestbedEvent } from "../../testbed/index.ts";
import type { BundleWriter } from "../bundle/bundle-writer.ts";
import { bundleFiles, type TimelineEntry } from "../bundle/layout.ts";
import { keepLogs } from "../bundle/testbed-logs.ts";
import { describeTestbedEvent } from "../launch-progress.ts";
import type { RunEvent } from "./run-events.ts";
import type { TestbedRecord } from "./run-record.ts";
import type { PoolListener } from "./testbed-pool.ts";

/** Where the history of testbeds goes. */
export interface HistoryOptions {
  readonly bundle: BundleWriter;
  readonly note: (entry: Omit<TimelineEntry, "round">) => void;
  readonly onEvent: (event: RunEvent) => void;
}

/** What happens to the testbeds of a run, from launch to end: their records, plans, events and logs. */
export class TestbedHistory implements PoolListener {
  readonly #options: HistoryOptions;
  readonly #records = new Map<string, TestbedRecord>();
  /** When the launch of each began, milliseconds since the epoch, and the last event of it that is noted. */
  readonly #launches = new Map<string, { readonly begun: number; lastEvent: number }>();
  readonly #following = new Set<Promise<void>>();
  readonly #stopFollowing = new AbortController();

  constructor(options: HistoryOptions) {
    this.#options = options;
  }

  /** All that came up, in that order. */
  get records(): readonly TestbedRecord[] {
    return [...this.#records.values()];
  }

  onEvent(testbed: string, event: TestbedEvent): void {
    const launch = this.#launches.get(testbed) ?? { begun: Date.now(), lastEvent: 0 };
    this.#launches.set(testbed, launch);
    launch.lastEvent = event.sequence;
    this.#options.onEvent({ type: "testbed", testbed, event });
    this.#note(testbed, event);
  }

  async onLaunched(testbed: Testbed): Promise<void> {
    const { name, plan } = testbed;
    const provenance = await testbed.provenance();
    const planSha256 = sha256Json(plan);
    const planFile = join(bundleFiles.plans, `${plan.name}-${planSha256.slice(0, 8)}.json`);
    await this.#options.bundle.writeJson(planFile, plan);
    this.#records.set(name, { name, topology: plan.name, plan: planFile, planSha256, provenance, kept: false });
    const launch = this.#launches.get(name);
    this.#following.add(this.#follow(testbed, launch?.lastEvent ?? 0).catch(() => undefined));
    const tookMs = launch === undefined ? 0 : Date.now() - launch.begun;
    this.#options.onEvent({ type: "testbed-launched", testbed: name, tookMs });
  }

  /** A testbed stays up for somebody to look at. */
  onKept(name: string, frozen: boolean): void {
    const record = this.#records.get(name);
    if (record !== undefined) this.#records.set(name, { ...record, kept: true });
    this.#options.onEvent({ type: "testbed-kept", testbed: name, frozen });
  }

  /** Resolves when what is left of the testbeds is in the bundle; they have been taken down or are kept. */
  async close(): Promise<void> {
    this.#stopFollowing.abort();
    await Promise.all(this.#following);
    await Promise.all([...this.#launches.keys()].map((name) => keepLogs(this.#options.bundle, name)));
  }

  /** Note what happens after the launch, whose events come by themselves. */
  async #follow(testbed: Testbed, since: number): Promise<void> {
    for await (const event of testbed.events({ since, signal: this.#stopFollowing.signal }))
      this.#note(testbed.name, event);
  }

  #note(testbed: string, event: TestbedEvent): void {
    const text = describeTestbedEvent(event);
    if (text === undefined || event.type === "progress") return;
    const outcome = event.type === "node-failed" || event.type === "panel" ? "failed" : "done";
    this.#options.note({ at: event.time, kind: "testbed", testbed, text, outcome });
  }
}
