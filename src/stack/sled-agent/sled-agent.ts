import { join } from "node:path";
import { z } from "zod";
import { monotonicMs, WakeTimer } from "../daemon/clock.ts";
import type { HeldAgentSubject } from "../daemon/agent-api.ts";
import { DesiredStateFile } from "../daemon/desired-state-file.ts";
import { ChangeSignal } from "../daemon/held-answer.ts";
import { HeldWatch } from "../daemon/held-watch.ts";
import type { DaemonLog } from "../daemon/log.ts";
import { requestApi } from "../daemon/request.ts";
import { NameResolver } from "../directory/name-resolver.ts";
import type { GuestVpc } from "../directory/engine/guest-view.ts";
import { type SledReport, type SledState, sledState } from "../nexus/sled-interface/sled-state.ts";
import { portSnapshot, type SledState as OpteState } from "../opte/opted/sled-state.ts";
import { nearLimit } from "../opte/opted/api/values.ts";
import type { SledAgentConfiguration } from "./configuration.ts";
import { type AgentInput, type AgentOutput, type AgentState, emptyAgent, reportOf, stepAgent } from "./engine/agent.ts";
import type { LightGuest } from "./engine/light-guest.ts";
import type { SaveFlows } from "./engine/machines.ts";
import { optePortName } from "./engine/opte-state.ts";
import { GuestNames } from "./guest-names.ts";
import { watchLearntBoundary } from "./learnt-boundary.ts";
import { LightGuests } from "./light-guests.ts";
import type { MachineSubject } from "./machine-api.ts";
import {
  type Flows,
  machineEntry,
  type MachineEntry,
  type MachineList,
  type MachineOffer,
} from "./machine-interface.ts";

/** How long opted may take, milliseconds: in a machine that is emulated and busy. */
const optedTimeoutMs = 60_000;

/** The agent of a sled: does what the engine says, and tells it what came of it. */
export class SledAgent implements HeldAgentSubject<SledState, SledReport>, MachineSubject, AsyncDisposable {
  readonly changes = new ChangeSignal();
  readonly #configuration: SledAgentConfiguration;
  readonly #log: DaemonLog;
  readonly #file: DesiredStateFile<SledState>;
  readonly #guests: LightGuests;
  readonly #timer: WakeTimer;
  readonly #ended = new AbortController();
  readonly #resources = new AsyncDisposableStack();
  readonly #machinesFile: DesiredStateFile<MachineEntry[]>;
  /** Of lists of machines, across runs. */
  #sequence = Date.now();
  #machinesSaved: Promise<void> = Promise.resolve();
  #state: AgentState = emptyAgent;

  constructor(configuration: SledAgentConfiguration, log: DaemonLog) {
    this.#configuration = configuration;
    this.#log = log;
    this.#file = new DesiredStateFile(configuration.dataDirectory, sledState);
    this.#machinesFile = new DesiredStateFile(join(configuration.dataDirectory, "machines"), z.array(machineEntry));
    const { instanceDirectory: directory, instanceInit: program } = configuration;
    this.#guests = new LightGuests({ directory, program }, (key) => {
      log.info({ guest: key }, "ended");
      this.#step({ kind: "guest-ended", key });
    });
    this.#timer = new WakeTimer(() => {
      this.#step({ kind: "tick" });
    });
  }

  /** See what is there, and go on where the last run ended. Rejects with a KestrelError for a saved state that is none. */
  async begin(): Promise<void> {
    for (const key of await this.#guests.find()) {
      this.#log.info({ guest: key }, "found running");
      this.#step({ kind: "guest-running", key });
    }
    const found = (await this.#machinesFile.load()) ?? [];
    if (found.length > 0) this.#step({ kind: "machines-found", machines: foundMachines(found) });
    const desired = await this.#file.load();
    if (desired !== undefined) this.#step({ kind: "desired", state: desired });
    const { ddmd, opted: socketPath, nameServers } = this.#configuration;
    if (ddmd !== undefined) {
      const learnt = watchLearntBoundary(ddmd, (boundary) => {
        this.#step({ kind: "learnt", boundary });
      });
      this.#resources.use(learnt);
    }
    const limits = new HeldWatch({ socketPath }, "/near-limits", (body) => {
      this.#step({ kind: "near-limits", nearLimits: z.array(nearLimit).parse(body) });
    });
    this.#resources.use(limits);
    if (nameServers.length === 0) return;
    const resolver = this.#resources.use(await NameResolver.open(nameServers));
    const vpcOf = (port: string): GuestVpc | undefined => this.#vpcOf(port);
    this.#resources.use(new GuestNames({ socketPath, resolver, vpcOf, log: this.#log }));
  }

  #vpcOf(name: string): GuestVpc | undefined {
    const port = this.#state.desired?.ports.find(({ id }) => optePortName(id) === name);
    const domain = port?.dhcp.domain ?? undefined;
    return port === undefined || domain === undefined ? undefined : { vni: port.vni, domain };
  }

  fault({ underlay_ip: found }: SledState): string | undefined {
    const { underlay } = this.#configuration;
    return found === underlay ? undefined : `underlay_ip: this is the sled ${underlay}, not ${found}`;
  }

  /** What nexus wants of the sled; undefined before it has said anything. */
  get desired(): SledState | undefined {
    return this.#state.desired;
  }

  get generation(): number {
    return this.#state.desired?.generation ?? 0;
  }

  report(): SledReport {
    return reportOf(this.#state);
  }

  async take(state: SledState): Promise<void> {
    await this.#file.save(state);
    // A later one may have come meanwhile.
    if (state.generation >= this.generation) this.#step({ kind: "desired", state });
  }

  machines(): MachineList {
    return { sequence: this.#sequence, machines: [...this.#state.machines.values()] };
  }

  async offerMachine(key: string, offer: MachineOffer): Promise<void> {
    this.#log.info({ guest: key, ...("fault" in offer ? offer : { machine: offer.machine }) }, "machine offered");
    this.#step({ kind: "machine-offered", key, offer });
    await this.#machinesSaved;
  }

  async releaseMachine(key: string): Promise<void> {
    this.#log.info({ guest: key }, "machine released");
    this.#step({ kind: "machine-released", key });
    await this.#machinesSaved;
  }

  /** Guests and forwarding go on. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#ended.abort();
    await this.#resources.disposeAsync();
    this.#timer[Symbol.dispose]();
    this.#guests[Symbol.dispose]();
  }

  #step(input: AgentInput): void {
    if (this.#ended.signal.aborted) return;
    const { state, outputs, wakeMs } = stepAgent(this.#state, input, monotonicMs());
    const hasMachinesChanged = state.machines !== this.#state.machines;
    this.#state = state;
    if (hasMachinesChanged) this.#saveMachines();
    this.#timer.set(wakeMs);
    for (const output of outputs) this.#do(output);
    this.changes.changed();
  }

  #saveMachines(): void {
    this.#sequence += 1;
    this.#machinesSaved = this.#machinesFile.save([...this.#state.machines.values()]);
    this.#machinesSaved.catch((error: unknown) => {
      this.#log.error({ fault: wordsOf(error) }, "machines cannot be saved");
    });
  }

  #do(output: AgentOutput): void {
    switch (output.kind) {
      case "start-guest":
        void this.#start(output.guest);
        break;
      case "stop-guest":
        this.#guests.stop(output.key);
        break;
      case "save-flows":
        void this.#saveFlows(output);
        break;
      case "apply-opte":
        void this.#apply(output.state);
        break;
    }
  }

  async #start(guest: LightGuest): Promise<void> {
    const { key } = guest;
    try {
      await this.#guests.start(guest);
      this.#log.info({ guest: key, hostname: guest.hostname }, "started");
      this.#step({ kind: "guest-running", key });
    } catch (error) {
      this.#log.error({ guest: key, fault: wordsOf(error) }, "cannot be started");
      this.#step({ kind: "guest-failed", key });
    }
  }

  async #apply(state: Partial<OpteState>): Promise<void> {
    try {
      for (const change of await this.#tellOpted(state)) this.#log.info({ change }, "opted");
      this.#step({ kind: "opte-applied" });
    } catch (error) {
      if (this.#ended.signal.aborted) return;
      const fault = `opted: ${wordsOf(error)}`;
      if (this.#state.opte.fault !== fault) this.#log.warn({ fault }, "ports are not as they shall be");
      this.#step({ kind: "opte-failed", fault });
    }
  }

  /** A port that cannot be asked has no connections to bring along: its guest goes on all the same. */
  async #saveFlows({ key, nic }: SaveFlows): Promise<void> {
    const port = `/ports/${optePortName(nic)}`;
    let flows: Flows = noFlows;
    try {
      await this.#askOpted("PUT", `${port}/state`, "pause");
      flows = portSnapshot.parse(await this.#askOpted("GET", `${port}/snapshot`));
    } catch (error) {
      if (this.#ended.signal.aborted) return;
      this.#log.error({ guest: key, fault: wordsOf(error) }, "connections cannot be saved");
    }
    this.#step({ kind: "flows-saved", key, flows });
  }

  async #tellOpted(state: Partial<OpteState>): Promise<readonly string[]> {
    return changes.parse(await this.#askOpted("PUT", "/state", state)).changes;
  }

  async #askOpted(method: "GET" | "PUT", path: string, content?: unknown): Promise<unknown> {
    const { signal } = this.#ended;
    const request = { method, path, body: content, timeoutMs: optedTimeoutMs, signal } as const;
    const { status, body } = await requestApi({ socketPath: this.#configuration.opted }, request);
    const answer: unknown = body === "" ? undefined : JSON.parse(body);
    if (status >= 300) throw new Error(refusal.safeParse(answer).data?.message ?? `status ${status}`);
    return answer;
  }
}

const noFlows: Flows = { version: 1, layerFlows: [], tcpFlows: [] };
const refusal = z.object({ message: z.string() });
const changes = z.object({ changes: z.array(z.string()) });

/** One whose connections were being saved is asked for them again. */
function foundMachines(entries: readonly MachineEntry[]): ReadonlyMap<string, MachineEntry> {
  return new Map(
    entries.map((entry) => [entry.key, entry.phase === "leaving" ? { ...entry, phase: "here" } : entry] as const),
  );
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
