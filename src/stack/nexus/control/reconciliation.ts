import { ChangeSignal } from "../../daemon/held-answer.ts";
import { HeldWatch } from "../../daemon/held-watch.ts";
import { requestApi } from "../../daemon/request.ts";
import { monotonicMs, WakeTimer } from "../../daemon/clock.ts";
import type { DaemonLog } from "../../daemon/log.ts";
import type { FabricStatus, SwitchStatus, TargetStatus } from "../api/operation.ts";
import type { Target } from "../engine/desired-state.ts";
import { reconcile, type ReconcilerInput, type ReconcilerOutput, type ReconcilerState } from "../engine/reconciler.ts";
import { directoryReport } from "../sled-interface/directory-state.ts";
import { sledReport } from "../sled-interface/sled-state.ts";
import { type SwitchReport, switchReport } from "../sled-interface/switch-state.ts";
import type { Store } from "../store/store.ts";
import { DesiredStateKeeper } from "./desired-state-keeper.ts";
import { recordReport } from "./reports.ts";

/** Where the agent of a sled or switch listens. */
export interface AgentAddress {
  readonly host: string;
  readonly port: number;
}

/** What reconciliation works with. */
export interface ReconciliationOptions {
  readonly store: Store;
  readonly agents: ReadonlyMap<Target, AgentAddress>;
  readonly log: DaemonLog;
  /** How long an agent may take for an answer. */
  readonly timeoutMs: number;
}

/** Keeps sleds and switches as the database wants them; ends when it is disposed of. */
export class Reconciliation implements FabricStatus, Disposable {
  /** Tells when the database may be another. */
  readonly changes = new ChangeSignal();
  readonly #options: ReconciliationOptions;
  readonly #keeper: DesiredStateKeeper;
  readonly #timer: WakeTimer;
  readonly #alerts = new Map<Target, readonly string[]>();
  readonly #switchReports = new Map<string, SwitchReport>();
  #state: ReconcilerState = new Map();
  #revision = 0;
  #isRefreshing = false;
  #isDisposed = false;
  readonly #told = new DisposableStack();

  constructor(options: ReconciliationOptions) {
    this.#options = options;
    this.#keeper = new DesiredStateKeeper(options.store);
    this.#timer = new WakeTimer(() => {
      this.#step({ kind: "tick" });
    });
    this.#refresh();
    for (const [target, address] of options.agents) {
      const question = new HeldWatch(address, "/v1/report", (body) => {
        this.#step({ ...this.#takeReport(target, body), kind: "told" });
      });
      this.#told.use(question);
    }
  }

  /** The database has changed. Changes that come together are looked at once. */
  changed(): void {
    this.#revision += 1;
    this.changes.changed();
    if (this.#isRefreshing) return;
    this.#isRefreshing = true;
    setImmediate(() => {
      this.#isRefreshing = false;
      if (!this.#isDisposed) this.#refresh();
    });
  }

  /** How many changes of the database there were. */
  get revision(): number {
    return this.#revision;
  }

  targets(): readonly TargetStatus[] {
    return [...this.#state].map(([target, { wanted, confirmed, fault }]) => ({
      target,
      wanted_generation: wanted,
      confirmed_generation: confirmed ?? null,
      last_fault: fault ?? null,
      alerts: this.#alerts.get(target) ?? [],
    }));
  }

  switchReport(switchId: string): SwitchStatus | undefined {
    return this.#switchReports.get(switchId);
  }

  [Symbol.dispose](): void {
    this.#isDisposed = true;
    this.#told.dispose();
    this.#timer[Symbol.dispose]();
  }

  #refresh(): void {
    for (const { target, generation } of this.#keeper.refresh()) {
      this.#options.log.debug({ target, generation }, "desired state changed");
    }
    this.#step({ kind: "wanted", generations: this.#withAgents() });
  }

  #withAgents(): ReadonlyMap<Target, number> {
    return new Map([...this.#keeper.generations].filter(([target]) => this.#options.agents.has(target)));
  }

  #step(input: ReconcilerInput): void {
    if (this.#isDisposed) return;
    const { state, outputs, wakeMs } = reconcile(this.#state, input, monotonicMs());
    this.#state = state;
    this.#timer.set(wakeMs);
    for (const output of outputs) this.#do(output);
  }

  #do(output: ReconcilerOutput): void {
    const { target } = output;
    if (output.kind === "overtaken") {
      this.#options.log.warn({ target, generation: output.generation }, "has a later state than this database knows");
      this.#keeper.raise(target, output.generation);
      this.#step({ kind: "wanted", generations: this.#withAgents() });
      return;
    }
    this.#ask(target, output.kind === "push" ? this.#keeper.text(target) : undefined).then(
      (input) => {
        this.#step(input);
      },
      (error: unknown) => {
        const fault = error instanceof Error ? error.message : String(error);
        const isNew = this.#state.get(target)?.fault !== fault;
        if (isNew && !this.#isDisposed) this.#options.log.warn({ target, fault }, "does not answer as it should");
        this.#step({ kind: "failed", target, fault });
      },
    );
  }

  async #ask(target: Target, text: string | undefined): Promise<ReconcilerInput> {
    const { agents, timeoutMs } = this.#options;
    const address = agents.get(target);
    if (address === undefined) throw new Error("has no agent");
    const request =
      text === undefined
        ? ({ method: "GET", path: "/v1/report" } as const)
        : ({ method: "PUT", path: "/v1/desired-state", text } as const);
    const { status, body } = await requestApi(address, { ...request, timeoutMs });
    if (status !== 200) throw new Error(`${request.method} ${request.path}: status ${status}: ${body.slice(0, 200)}`);
    return this.#takeReport(target, JSON.parse(body));
  }

  #takeReport(target: Target, value: unknown): Extract<ReconcilerInput, { readonly kind: "answered" }> {
    if (this.#isDisposed) throw new Error("disposed of");
    const [kind, id = ""] = target.split(":");
    if (kind === "switch") {
      const report = switchReport.parse(value);
      this.#switchReports.set(id, report);
      return { kind: "answered", target, generation: report.generation, isSettled: report.faults.length === 0 };
    }
    if (kind === "dns") {
      const { generation, faults } = directoryReport.parse(value);
      return { kind: "answered", target, generation, isSettled: faults.length === 0 };
    }
    const report = sledReport.parse(value);
    for (const alert of report.alerts) {
      if (this.#alerts.get(target)?.includes(alert) !== true) this.#options.log.warn({ target, alert }, "alert");
    }
    this.#alerts.set(target, report.alerts);
    const wanted = this.#keeper.generations.get(target) ?? 0;
    const { hasChanged, isSettled } = recordReport(this.#options.store, id, report, wanted);
    if (hasChanged) this.changed();
    return {
      kind: "answered",
      target,
      generation: report.generation,
      isSettled: isSettled && report.faults.length === 0,
    };
  }
}
