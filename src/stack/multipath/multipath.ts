import { claimIpv6Protocol } from "../../netdev/protocol-claim.ts";
import { parseMac } from "../../packet/mac.ts";
import { monotonicMs, WakeTimer } from "../daemon/clock.ts";
import { type DaemonLog, OnceLog } from "../daemon/log.ts";
import { randomSource } from "../daemon/random.ts";
import { MultipathEngine } from "./engine/engine.ts";
import type {
  DestinationStatus,
  MultipathInput,
  MultipathOutput,
  MultipathTarget,
  PathWeights,
} from "./engine/input-output.ts";
import { defaultMultipathSettings, type MultipathSettings } from "./engine/settings.ts";
import { ddmNextHeader, InterfaceSockets } from "./interface-sockets.ts";
import { NetworkView } from "./network-view.ts";

/** What delay-driven multipath is started with. */
export interface MultipathOptions {
  /** Names of the interfaces that lead to other nodes; they may come and go. Probes on them are answered. */
  readonly interfaces: readonly string[];
  /** This node's address that its probes come from; answers must come back on the interface that a probe left by. */
  readonly source: string;
  /** The destinations to measure; asked at the start and after {@link Multipath.targetsChanged}. Destinations with one path are not probed. */
  readonly targets: () => readonly MultipathTarget[];
  /** The paths of a destination are to have these weights, 1…255 by interface; undefined for equal ones. */
  readonly onWeights: (destination: string, weights: PathWeights | undefined) => void;
  readonly settings?: MultipathSettings;
  /** The node's seed. */
  readonly seed: string;
  readonly log: DaemonLog;
}

/** Delay-driven multipath that runs until it is disposed of; weights that were told stay as they are then. */
export interface Multipath extends Disposable {
  /** Ask for the destinations anew. Throws a PacketError for an address that is none, and changes nothing then. */
  targetsChanged(): void;
  /** What is known of each destination. */
  status(): readonly DestinationStatus[];
}

/**
 * Measure the delay of paths with probes that carry the DDM header, tell weights that follow it, and answer the probes of
 * others (docs/multipath.md). Needs the right to open packet sockets; rejects with an Error that names the call otherwise.
 */
export async function startMultipath(options: MultipathOptions): Promise<Multipath> {
  const running = new RunningMultipath(options);
  try {
    await running.start();
    return running;
  } catch (error) {
    running[Symbol.dispose]();
    throw error;
  }
}

class RunningMultipath implements Multipath {
  readonly #options: MultipathOptions;
  readonly #engine: MultipathEngine;
  readonly #resources = new DisposableStack();
  readonly #timer: WakeTimer;
  readonly #sockets: InterfaceSockets;
  readonly #view: NetworkView;

  constructor(options: MultipathOptions) {
    this.#options = options;
    const { interfaces, source, seed, log, settings = defaultMultipathSettings } = options;
    this.#engine = new MultipathEngine({ source, settings, random: randomSource(seed, "multipath") });
    const once = new OnceLog(log);
    try {
      this.#resources.use(claimIpv6Protocol(ddmNextHeader));
      this.#timer = this.#resources.use(
        new WakeTimer(() => {
          this.#wake();
        }),
      );
      const take = (name: string, bytes: Uint8Array, start: number, length: number): void => {
        this.#handle({ kind: "frame", interface: name, bytes, start, length });
      };
      this.#sockets = this.#resources.use(
        new InterfaceSockets(
          interfaces,
          take,
          () => {
            this.#setTimer();
          },
          once,
        ),
      );
      this.#view = this.#resources.use(
        new NetworkView(() => {
          this.#viewChanged();
        }, once),
      );
    } catch (error) {
      this.#resources.dispose();
      throw error;
    }
  }

  async start(): Promise<void> {
    await this.#view.refresh();
    this.targetsChanged();
  }

  targetsChanged(): void {
    const targets = this.#options.targets();
    this.#handle({ kind: "targets", targets });
    this.#view.want(targets.filter(({ paths }) => paths.length > 1).flatMap(({ paths }) => paths));
    this.#handle({ kind: "neighbours", macs: this.#view.neighbourMacs() });
    this.#setTimer();
  }

  status(): readonly DestinationStatus[] {
    return this.#engine.status();
  }

  #viewChanged(): void {
    const { links, addresses } = this.#view;
    this.#sockets.update(links);
    const able = links.flatMap(({ name, mac, carrier }) =>
      carrier && mac !== undefined && this.#options.interfaces.includes(name) ? [[name, parseMac(mac)] as const] : [],
    );
    this.#handle({ kind: "interfaces", macs: new Map(able) });
    this.#handle({ kind: "addresses", addresses });
    this.#handle({ kind: "neighbours", macs: this.#view.neighbourMacs() });
    this.#setTimer();
  }

  #wake(): void {
    // Answers that wait here already must not count as lost because this program was busy.
    this.#sockets.drain();
    this.#handle({ kind: "wake" });
    this.#setTimer();
  }

  #handle(input: MultipathInput): void {
    for (const output of this.#engine.handle(input, monotonicMs())) this.#do(output);
  }

  #do(output: MultipathOutput): void {
    if (output.kind === "send") this.#sockets.send(output.interface, output.frame);
    else this.#options.onWeights(output.destination, output.weights);
  }

  #setTimer(): void {
    if (!this.#resources.disposed) this.#timer.set(this.#engine.wakeMs);
  }

  [Symbol.dispose](): void {
    this.#resources.dispose();
  }
}
