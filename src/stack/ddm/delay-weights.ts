import { parsePrefix, prefixContains } from "../../packet/index.ts";
import type { DaemonLog } from "../daemon/log.ts";
import type { DestinationStatus, MultipathTarget } from "../multipath/engine/input-output.ts";
import type { MultipathSettings } from "../multipath/engine/settings.ts";
import { type Multipath, startMultipath } from "../multipath/multipath.ts";
import { probeAddressOf } from "../multipath/probe-address.ts";
import type { RouteSet } from "./engine/forwarding-plan.ts";
import { bootstrapBlock } from "./engine/policy.ts";
import type { WeightedDriver } from "./forwarding/driver.ts";
import type { ForwardingProgrammer } from "./forwarding/programmer.ts";

/** What the weights of a sled's paths are made of. */
export interface DelayWeightsParts {
  readonly driver: WeightedDriver;
  readonly forwarding: ForwardingProgrammer;
  readonly interfaces: readonly string[];
  /** The address that probes come from, and that the others' routes lead back to. */
  readonly sourceAddress: string;
  readonly settings: MultipathSettings;
  readonly seed: string;
  readonly log: DaemonLog;
}

/** Delay-driven multipath over the routes that a daemon programs: their paths are measured, their weights follow. */
export class DelayWeights implements Disposable {
  readonly #parts: DelayWeightsParts;
  #multipath: Multipath | undefined;
  #asked = false;

  private constructor(parts: DelayWeightsParts) {
    this.#parts = parts;
  }

  /** Rejects with an Error that names the call when packet sockets cannot be opened. */
  static async start(parts: DelayWeightsParts): Promise<DelayWeights> {
    const weights = new DelayWeights(parts);
    const { driver, forwarding, interfaces, sourceAddress: source, settings, seed, log } = parts;
    weights.#multipath = await startMultipath({
      ...{ interfaces, source, settings, seed, log },
      targets: () => probedTargets(forwarding.wanted),
      onWeights: (destination, shares) => {
        driver.setWeights(destination, shares);
        forwarding.refresh([destination]);
      },
    });
    return weights;
  }

  /** Routes changed; what changes in the same turn is looked at once. */
  routesChanged(): void {
    if (this.#asked) return;
    this.#asked = true;
    setImmediate(() => {
      this.#asked = false;
      this.#multipath?.targetsChanged();
    });
  }

  /** What is known of each destination that has several paths. */
  status(): readonly DestinationStatus[] {
    return this.#multipath?.status().filter(({ paths }) => paths.length > 1) ?? [];
  }

  [Symbol.dispose](): void {
    this.#multipath?.[Symbol.dispose]();
    this.#multipath = undefined;
  }
}

/** The destinations that can be measured: nodes' own prefixes, where `::1` answers; bootstrap prefixes carry no traffic to share. */
export function probedTargets(routes: RouteSet): readonly MultipathTarget[] {
  return Array.from(routes).flatMap(([destination, hops]) => {
    const probeAddress = probeAddressOf(destination);
    if (probeAddress === undefined || prefixContains(bootstrapBlock, parsePrefix(destination).address)) return [];
    return [
      { destination, probeAddress, paths: hops.map(({ link, address }) => ({ interface: link, nextHop: address })) },
    ];
  });
}
