import { mkdirSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describeError, KestrelError, serializeError } from "../error/kestrel-error.ts";
import { hostResources } from "../host/index.ts";
import type { Plan, PortPlan } from "../topology/index.ts";
import { Panel, type WireStatus } from "../wire/index.ts";
import { Companion } from "./companion.ts";
import { EventLog } from "./event-log.ts";
import { Journal } from "./journal.ts";
import { panelConfiguration, wireOfPort } from "./launch.ts";
import { noSuchNode } from "./no-such-node.ts";
import { NodeProvisioner } from "./node-provisioner.ts";
import { NodeRuntime } from "./node-runtime.ts";
import type {
  DownReport,
  Happening,
  LaunchRequest,
  NodeVerb,
  TestbedProvenance,
  TestbedState,
  TestbedStatus,
} from "./protocol.ts";
import { describeProvenance } from "./provenance.ts";
import { prepareResources, type Resources } from "./resources.ts";
import { retireRunDirectory, runFiles, writeOwner } from "./run-directory.ts";
import { makeTestbedKeys } from "./testbed-keys.ts";

/** A running testbed from the inside: owns the panel, the nodes, the journal and the event stream. */
export class Supervisor {
  readonly request: LaunchRequest;
  readonly directory: string;
  readonly events: EventLog;
  readonly #journal: Journal;
  #attached: boolean;
  #provisioner: NodeProvisioner | undefined;
  readonly #startedAt = Date.now();
  readonly #abort = new AbortController();
  readonly #nodes = new Map<string, NodeRuntime>();
  /** The wire that each port (`node:port`) is in; changes when it is re-plugged. */
  readonly #plugged = new Map<string, string | null>();
  readonly #downWires = new Set<string>();
  #state: TestbedState = "starting";
  #panel: Panel | undefined;
  #panelRuns = false;
  readonly #companions: Companion[] = [];
  #resources: Resources | undefined;
  #failure: Error | undefined;
  #down: Promise<DownReport> | undefined;

  constructor(request: LaunchRequest, directory: string) {
    this.request = request;
    this.directory = directory;
    this.#attached = request.attached;
    this.events = new EventLog(join(directory, runFiles.events));
    this.#journal = new Journal(join(directory, runFiles.journal));
    for (const node of request.plan.nodes) {
      for (const port of node.ports)
        this.#plugged.set(`${node.name}:${port.name}`, wireOfPort(request.plan, node.name, port));
    }
  }

  get plan(): Plan {
    return this.request.plan;
  }

  get state(): TestbedState {
    return this.#state;
  }

  /** Whether the testbed ends with the process that launched it. */
  get attached(): boolean {
    return this.#attached;
  }

  /** Let the testbed outlive the process that launched it. */
  keep(): void {
    this.#attached = false;
  }

  /** The panel; throws KestrelError when it is gone. */
  get panel(): Panel {
    if (this.#panel === undefined || !this.#panelRuns) {
      throw new KestrelError({
        kind: "internal",
        step: "reach the wires",
        subject: this.request.name,
        expected: "a running panel",
        found: this.#panel === undefined ? "one that has not started yet" : "one that died",
        hint: `its last words are in the events; start again: kestrel down --testbed ${this.request.name}, then kestrel up`,
      });
    }
    return this.#panel;
  }

  /** Bring everything up. When any part fails, all is torn down again and the reason thrown. */
  async start(): Promise<void> {
    try {
      await writeOwner(this.directory, "supervisor");
      await writeFile(join(this.directory, runFiles.plan), JSON.stringify(this.plan), { mode: 0o600 });
      const [resources, keys] = await Promise.all([
        prepareResources({
          testbed: this.request.name,
          plan: this.plan,
          accelerator: this.request.accelerator,
          emit: this.emit,
          signal: this.#abort.signal,
        }),
        makeTestbedKeys(this.directory, this.request.name),
        this.#startPanel(),
      ]);
      this.#resources = resources;
      this.#abort.signal.throwIfAborted();
      const provisioner = new NodeProvisioner({
        testbed: this.request.name,
        plan: this.plan,
        runDirectory: this.directory,
        topologyDirectory: this.request.topologyDirectory,
        cold: this.request.cold,
        resources,
        keys,
        journal: this.#journal,
        concurrency: startConcurrency(this.request.cold),
        emit: this.emit,
      });
      this.#provisioner = provisioner;
      this.#startCompanions();
      await provisioner.prepareTemplates(this.#abort.signal);
      await this.#startNodes(provisioner);
      // The panel, or a machine, may have died after the last look at it.
      this.#abort.signal.throwIfAborted();
      this.#enter("ready");
      this.emit({ type: "phase", phase: "ready", message: `${this.plan.nodes.length} nodes are ready` });
      this.#assess();
    } catch (error) {
      this.#failure ??= error instanceof Error ? error : new Error(String(error));
      throw this.#failure;
    }
  }

  /** Note something that happened. */
  readonly emit = (happening: Happening): void => {
    this.events.emit(happening);
  };

  /** A node by name; throws KestrelError (input) when there is none. */
  node(name: string): NodeRuntime {
    const node = this.#nodes.get(name);
    if (node !== undefined) return node;
    throw noSuchNode(name, this.plan, this.request.name);
  }

  status(): TestbedStatus {
    return {
      name: this.request.name,
      topology: this.plan.name,
      state: this.#state,
      accelerator: this.#resources?.accelerator ?? null,
      supervisor: { pid: process.pid, startedAt: this.#startedAt },
      panel: { pid: this.#panel?.pid ?? null, running: this.#panelRuns },
      runDirectory: this.directory,
      nodes: [...this.#nodes.values()].map((node) => node.status()),
      failure: this.#failure === undefined ? null : serializeError(this.#failure),
    };
  }

  /** What the testbed is made from. Throws KestrelError while that is not known yet. */
  async provenance(): Promise<TestbedProvenance> {
    const resources = this.#resources;
    if (resources === undefined) {
      throw new KestrelError({
        kind: "input",
        step: "say what the testbed is made from",
        subject: this.request.name,
        expected: "a testbed whose images are prepared",
        found: `one that is ${this.#state}`,
      });
    }
    return describeProvenance(resources, this.#nodes.values(), this.#provisioner);
  }

  /** Do a verb on a node's machine; resolves when its effect is there. */
  async act(node: string, verb: NodeVerb): Promise<void> {
    await this.node(node).act(verb, this.#abort.signal);
    this.#assess();
  }

  /** Take the carrier of a wire away at both ends, or give it back. */
  async setWireUp(wire: string, up: boolean): Promise<void> {
    await (up ? this.panel.up(wire) : this.panel.down(wire));
    if (up) this.#downWires.delete(wire);
    else this.#downWires.add(wire);
    this.emit({ type: "wire", wire, message: up ? "up" : "down" });
    await this.#updateLinks();
  }

  /** Take over where the panel's wires end now, after something was plugged or pulled. */
  async followPlugs(): Promise<void> {
    const { wires } = await this.panel.list();
    for (const port of this.#plugged.keys()) {
      const now = wires.find((wire) => endsAt(wire, port))?.name ?? null;
      const direct = this.plan.wires.some(
        ({ direct, a, b }) => direct && [a, b].some((end) => `${end.node}:${end.port}` === port),
      );
      if (!direct && this.#plugged.get(port) !== now) {
        this.#plugged.set(port, now);
        this.emit({ type: "wire", wire: now ?? "none", message: `${port} is plugged into ${now ?? "nothing"}` });
      }
    }
    await this.#updateLinks();
  }

  /** End everything; never stops at the first error. The second caller gets the first one's report. */
  down(): Promise<DownReport> {
    this.#down ??= this.#tearDown();
    return this.#down;
  }

  async #startPanel(): Promise<void> {
    mkdirSync(join(this.directory, "w"), { recursive: true, mode: 0o700 });
    this.#journal.write({ act: "spawn", what: "panel" });
    const panel = await Panel.start({ runDirectory: this.directory, seed: String(this.plan.seed) });
    this.#journal.spawned("panel", panel.pid);
    this.#panel = panel;
    this.#panelRuns = true;
    void panel.ended.then((reason) => {
      this.#panelRuns = false;
      if (reason === undefined || this.#state === "stopping") return;
      this.emit({ type: "panel", message: describeError(reason) });
      this.#failure = reason;
      if (this.#state === "starting") this.#abort.abort(reason);
      else this.#enter("degraded", reason);
    });
    await panel.configure(panelConfiguration(this.plan));
  }

  #startCompanions(): void {
    for (const program of this.plan.companions ?? []) {
      const companion = new Companion({
        program,
        testbed: this.request.name,
        onSpawn: (pid) => {
          this.#journal.spawned(program, pid);
        },
        onEnd: (message) => {
          this.emit({ type: "notice", message });
        },
      });
      this.#companions.push(companion);
    }
  }

  async #startNodes(provisioner: NodeProvisioner): Promise<void> {
    this.emit({ type: "phase", phase: "nodes", message: `start ${this.plan.nodes.length} nodes` });
    for (const node of this.plan.nodes) {
      this.#nodes.set(
        node.name,
        new NodeRuntime({
          node,
          provisioner,
          consoleLog: join(this.directory, runFiles.nodes, node.name, "console.log"),
          topologyDirectory: this.request.topologyDirectory,
          emit: this.emit,
          signal: this.#abort.signal,
          wireOf: (port) => this.#plugged.get(`${node.name}:${port.name}`) ?? null,
          carrier: (port) => this.#carrier(node.name, port),
        }),
      );
    }
    const stop = new AbortController();
    const signal = AbortSignal.any([stop.signal, this.#abort.signal]);
    const starts = [...this.#nodes.values()].map((node) => this.#startNode(node, signal));
    try {
      await Promise.all(starts);
    } catch (error) {
      // One that fails ends the start: the others need not go on for minutes.
      stop.abort(error);
      await Promise.allSettled(starts);
      throw error;
    }
  }

  async #startNode(node: NodeRuntime, signal: AbortSignal): Promise<void> {
    try {
      for (const { node: name, ready } of node.node.after) {
        const other = this.node(name);
        await (ready ? other.ready.comes : other.answers.comes);
      }
    } catch (error) {
      const reason = error instanceof Error ? error : new Error(String(error));
      node.giveUp(reason);
      throw reason;
    }
    signal.throwIfAborted();
    await node.start(signal);
    // From here on a node that fails is the testbed's news, not its end.
    void node.machine?.exited.then(() => {
      this.#assess();
    });
  }

  #carrier(node: string, port: PortPlan): boolean {
    const wire = this.#plugged.get(`${node}:${port.name}`);
    return wire !== undefined && wire !== null && !this.#downWires.has(wire);
  }

  async #updateLinks(): Promise<void> {
    await Promise.all([...this.#nodes.values()].map((node) => node.updateLinks()));
  }

  #assess(): void {
    if (this.#state !== "ready" && this.#state !== "degraded") return;
    const broken = !this.#panelRuns || [...this.#nodes.values()].some(({ state }) => state === "failed");
    this.#enter(broken ? "degraded" : "ready");
  }

  #enter(state: TestbedState, error?: Error): void {
    if (this.#state === state) return;
    this.#state = state;
    this.emit({ type: "state", state, error: error === undefined ? undefined : serializeError(error) });
  }

  async #tearDown(): Promise<DownReport> {
    const startedAt = performance.now();
    this.#enter("stopping");
    this.emit({ type: "phase", phase: "stopping", message: "end all machines" });
    this.#abort.abort(new Error("the testbed is being taken down"));
    const leftovers: string[] = [];
    for (const companion of this.#companions) {
      await companion[Symbol.asyncDispose]().catch((error: unknown) => leftovers.push(describeError(error)));
    }
    const ends = [...this.#nodes.values()].map(async (node) => {
      await node.end().catch((error: unknown) => leftovers.push(`${node.node.name}: ${describeError(error)}`));
    });
    await Promise.all(ends);
    await this.#panel?.close().catch((error: unknown) => leftovers.push(`panel: ${describeError(error)}`));
    await this.events.close();
    this.#journal.close();
    const keptLogs = await retireRunDirectory(this.request.name, this.directory);
    return { name: this.request.name, keptLogs, leftovers, elapsedMs: Math.round(performance.now() - startedAt) };
  }
}

/** Waking a clone is short work for one CPU; booting is long work, and four at a time was measured to arrive (docs/performance.md). */
function startConcurrency(cold: boolean): number {
  const { cpus } = hostResources();
  return Math.max(2, Math.floor(cold ? cpus : cpus * 2));
}

function endsAt(wire: WireStatus, port: string): boolean {
  return wire.ends.some((end) => end !== null && "port" in end && end.port === port);
}
