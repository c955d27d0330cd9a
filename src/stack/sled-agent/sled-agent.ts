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
import { nearLimit } from "../opte/opted/api/values.ts";
import type { SledState as OpteState } from "../opte/opted/sled-state.ts";
import type { SledAgentConfiguration } from "./configuration.ts";
import { type AgentInput, type AgentOutput, type AgentState, emptyAgent, reportOf, stepAgent } from "./engine/agent.ts";
import type { LightGuest } from "./engine/light-guest.ts";
import { optePortName } from "./engine/opte-state.ts";
import { GuestNames } from "./guest-names.ts";
import { watchLearntBoundary } from "./learnt-boundary.ts";
import { LightGuests } from "./light-guests.ts";

/** How long opted may take, milliseconds: in a machine that is emulated and busy. */
const optedTimeoutMs = 60_000;

/** The agent of a sled: does what the engine says, and tells it what came of it. */
export class SledAgent implements HeldAgentSubject<SledState, SledReport>, AsyncDisposable {
  readonly changes = new ChangeSignal();
  readonly #configuration: SledAgentConfiguration;
  readonly #log: DaemonLog;
  readonly #file: DesiredStateFile<SledState>;
  readonly #guests: LightGuests;
  readonly #timer: WakeTimer;
  readonly #ended = new AbortController();
  readonly #resources = new AsyncDisposableStack();
  #state: AgentState = emptyAgent;

  constructor(configuration: SledAgentConfiguration, log: DaemonLog) {
    this.#configuration = configuration;
    this.#log = log;
    this.#file = new DesiredStateFile(configuration.dataDirectory, sledState);
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
    this.#state = state;
    this.#timer.set(wakeMs);
    for (const output of outputs) this.#do(output);
    this.changes.changed();
  }

  #do(output: AgentOutput): void {
    switch (output.kind) {
      case "start-guest":
        void this.#start(output.guest);
        break;
      case "stop-guest":
        this.#guests.stop(output.key);
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

  async #tellOpted(state: Partial<OpteState>): Promise<readonly string[]> {
    const { signal } = this.#ended;
    const request = { method: "PUT", path: "/state", body: state, timeoutMs: optedTimeoutMs, signal } as const;
    const { status, body } = await requestApi({ socketPath: this.#configuration.opted }, request);
    if (status !== 200) throw new Error(refusal.safeParse(JSON.parse(body)).data?.message ?? `status ${status}`);
    return changes.parse(JSON.parse(body)).changes;
  }
}

const refusal = z.object({ message: z.string() });
const changes = z.object({ changes: z.array(z.string()) });

function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
