import type { AgentSubject } from "../daemon/agent-api.ts";
import { monotonicMs, WakeTimer } from "../daemon/clock.ts";
import { DesiredStateFile } from "../daemon/desired-state-file.ts";
import { HeldWatch } from "../daemon/held-watch.ts";
import type { DaemonLog } from "../daemon/log.ts";
import { type SwitchReport, type SwitchState, switchState } from "../nexus/sled-interface/switch-state.ts";
import { bfdSessions, bgpExported, bgpImported, bgpPeers } from "./bgp-status.ts";
import type { MgdConfiguration } from "./configuration.ts";
import { applyTunnelOrigins } from "./ddmd-client.ts";
import { DpdClient } from "./dpd-client.ts";
import type { LearntRoute } from "./engine/learnt-route.ts";
import { emptyMgd, faultsOf, type MgdInput, type MgdOutput, type MgdState, stepMgd } from "./engine/mgd-engine.ts";
import { FrrDaemon } from "./frr-daemon.ts";
import { KernelView } from "./kernel.ts";

/** The daemon of a switch's way out: does what the engine says, and tells it what came of it. */
export class Mgd implements AgentSubject<SwitchState, SwitchReport>, Disposable {
  readonly #configuration: MgdConfiguration;
  readonly #log: DaemonLog;
  readonly #file: DesiredStateFile<SwitchState>;
  readonly #dpd: DpdClient;
  readonly #frr: Readonly<Record<"bgpd" | "bfdd" | "staticd", FrrDaemon>>;
  readonly #kernel: KernelView;
  readonly #resources = new DisposableStack();
  readonly #timer: WakeTimer;
  readonly #ended = new AbortController();
  #state: MgdState;

  constructor(configuration: MgdConfiguration, log: DaemonLog) {
    this.#configuration = configuration;
    this.#log = log;
    this.#state = emptyMgd(configuration.tunnelEndpoint);
    this.#file = new DesiredStateFile(configuration.dataDirectory, switchState);
    this.#dpd = new DpdClient(configuration.dpd, this.#ended.signal);
    this.#timer = this.#resources.use(
      new WakeTimer(() => {
        this.#step({ kind: "tick" });
      }),
    );
    const frr = (name: "bgpd" | "bfdd" | "staticd"): FrrDaemon =>
      this.#resources.use(
        new FrrDaemon(configuration.frrDirectory, name, () => {
          log.info({ daemon: name }, "is there");
          this.#step({ kind: "unknown", subjects: [name] });
        }),
      );
    this.#frr = { bgpd: frr("bgpd"), bfdd: frr("bfdd"), staticd: frr("staticd") };
    this.#kernel = this.#resources.use(
      new KernelView({
        learnt: (routes) => {
          this.#step({ kind: "learnt", routes });
        },
        interfacesChanged: () => {
          this.#step({ kind: "unknown", subjects: ["addresses"] });
        },
        failed: (error) => {
          log.warn({ error }, "the kernel's routes cannot be read");
        },
      }),
    );
  }

  /** Go on where the last run ended. Rejects with a KestrelError for a saved state that is none. */
  async begin(): Promise<void> {
    const desired = await this.#file.load();
    if (desired !== undefined) this.#step({ kind: "desired", state: desired });
    const { dpd, ddmd } = this.#configuration;
    // Both answer anew when they have started anew.
    this.#resources.use(
      new HeldWatch(dpd, "/links/tfport_data", () => {
        this.#step({ kind: "unknown", subjects: ["dpd", "routes"] });
      }),
    );
    this.#resources.use(
      new HeldWatch(ddmd, "/tunnel_endpoints", () => {
        this.#step({ kind: "unknown", subjects: ["ddmd"] });
      }),
    );
  }

  get generation(): number {
    return this.#state.desired?.generation ?? 0;
  }

  /** What nexus wants; undefined before it has said anything. */
  get desired(): SwitchState | undefined {
    return this.#state.desired;
  }

  /** The generation in effect. */
  get effective(): number {
    return this.#state.effective;
  }

  /** What is not as it shall be. */
  get faults(): string[] {
    return faultsOf(this.#state);
  }

  /** The routes out of the rack. */
  get learnt(): readonly LearntRoute[] {
    return this.#state.learnt ?? [];
  }

  async report(): Promise<SwitchReport> {
    const { bgpd, bfdd } = this.#frr;
    const [router] = this.#state.desired?.bgp ?? [];
    const peers = router === undefined ? [] : await bgpPeers(bgpd);
    return {
      generation: this.effective,
      faults: this.faults,
      bgp_peers: peers,
      bgp_exported: await bgpExported(bgpd, peers),
      bgp_imported: router === undefined ? [] : await bgpImported(bgpd, router.asn),
      bfd: (this.#state.desired?.bfd ?? []).length === 0 ? [] : await bfdSessions(bfdd),
    };
  }

  /** Any state is one for this switch: what of it cannot be is told in the report. */
  fault(): undefined {
    return undefined;
  }

  /** Take a desired state; resolves when it is on the disk. */
  async take(state: SwitchState): Promise<void> {
    await this.#file.save(state);
    // A later one may have come meanwhile.
    if (state.generation >= this.generation) this.#step({ kind: "desired", state });
  }

  /** Let the session with a BGP peer begin anew. Rejects when bgpd is away, or refuses it. */
  async clearPeer(name: string): Promise<void> {
    await this.#frr.bgpd.show(`clear bgp ${name}`);
  }

  /** Forwarding and FRR go on. */
  [Symbol.dispose](): void {
    this.#ended.abort();
    this.#resources.dispose();
  }

  #step(input: MgdInput): void {
    if (this.#ended.signal.aborted) return;
    const before = this.#state.effective;
    const { state, outputs, wakeMs } = stepMgd(this.#state, input, monotonicMs());
    this.#state = state;
    this.#timer.set(wakeMs);
    if (state.effective !== before) this.#log.info({ generation: state.effective }, "in effect");
    for (const output of outputs) void this.#apply(output);
  }

  async #apply(output: MgdOutput): Promise<void> {
    const { subject } = output;
    try {
      for (const change of await this.#tell(output)) this.#log.info({ change }, subject);
      this.#step({ kind: "applied", subject });
    } catch (error) {
      if (this.#ended.signal.aborted) return;
      const fault = error instanceof Error ? error.message : String(error);
      if (this.#state.progress[subject].fault !== fault) this.#log.warn({ fault }, `${subject} is not as it shall be`);
      this.#step({ kind: "failed", subject, fault });
    }
  }

  #tell(output: MgdOutput): Promise<readonly string[]> {
    switch (output.subject) {
      case "dpd":
        return this.#dpd.apply(output.wanted);
      case "routes":
        return this.#dpd.applyRoutes(output.wanted);
      case "ddmd": {
        const { ddmd, tunnelEndpoint } = this.#configuration;
        return applyTunnelOrigins(ddmd, tunnelEndpoint, output.wanted, this.#ended.signal);
      }
      case "addresses":
        return this.#kernel.applyAddresses(output.wanted);
      case "bgpd":
      case "bfdd":
      case "staticd":
        return this.#frr[output.subject].apply(output.wanted);
    }
  }
}
