import { parseIpv6 } from "../../../packet/ipv6-address.ts";
import { probeFrame, readFrame } from "./frame.ts";
import {
  type DestinationStatus,
  type MultipathInput,
  type MultipathOutput,
  type MultipathTarget,
  neighbourKey,
} from "./input-output.ts";
import type { ProbedPath } from "./probed-path.ts";
import { ProbedTarget } from "./probed-target.ts";
import { addressKey, Responder } from "./responder.ts";
import type { MultipathSettings } from "./settings.ts";
import { stampOf } from "./stamp.ts";

/** What an engine is made with. */
export interface MultipathEngineOptions {
  /** This node's address that probes come from; it must be routed back on the interface a probe left by. */
  readonly source: string;
  readonly settings: MultipathSettings;
  /** A number in [0, limit), of the node's seed. */
  readonly random: { below(limit: number): number };
}

const jitterSteps = 1024;

/** Measures the paths to destinations by probes, decides the shares of the paths, and answers the probes of others. */
export class MultipathEngine {
  readonly #source: Uint8Array;
  readonly #settings: MultipathSettings;
  readonly #random: MultipathEngineOptions["random"];
  readonly #responder: Responder;
  readonly #targets = new Map<string, ProbedTarget>();
  #byAddress: ReadonlyMap<string, ProbedTarget> = new Map();
  #interfaces: ReadonlyMap<string, Uint8Array> = new Map();
  #neighbours: ReadonlyMap<string, Uint8Array> = new Map();
  #intervalMs: number;

  constructor({ source, settings, random }: MultipathEngineOptions) {
    this.#source = parseIpv6(source);
    this.#settings = settings;
    this.#random = random;
    this.#responder = new Responder(settings.maxAcknowledgmentsPerSecond);
    this.#intervalMs = settings.probeIntervalMs;
  }

  /** Let something happen at `nowMs`, of a clock that never goes back. */
  handle(input: MultipathInput, nowMs: number): readonly MultipathOutput[] {
    switch (input.kind) {
      case "targets":
        return this.#setTargets(input.targets, nowMs);
      case "interfaces":
        this.#interfaces = input.macs;
        return [];
      case "neighbours":
        this.#neighbours = input.macs;
        return [];
      case "addresses":
        this.#responder.setAddresses(input.addresses);
        return [];
      case "frame":
        return this.#receive(input, nowMs);
      case "wake":
        return this.#wake(nowMs);
    }
  }

  /** When the engine next wants to be woken; undefined for not at all. */
  get wakeMs(): number | undefined {
    let next = Infinity;
    for (const target of this.#targets.values()) {
      next = Math.min(next, target.dueMs ?? Infinity);
      for (const path of target.paths) {
        const lostAtMs = (path.oldestMs ?? Infinity) + this.#settings.probeTimeoutMs;
        next = Math.min(next, lostAtMs, target.hasChoice ? path.nextProbeMs : Infinity);
      }
    }
    return next === Infinity ? undefined : next;
  }

  /** What is known. */
  status(): readonly DestinationStatus[] {
    return [...this.#targets.values()].map(({ target: { destination, probeAddress }, paths }) => ({
      destination,
      probeAddress,
      paths: paths.map((path) => path.status()),
    }));
  }

  #setTargets(targets: readonly MultipathTarget[], nowMs: number): readonly MultipathOutput[] {
    const wanted = new Map(targets.map((target) => [target.destination, target]));
    const probed = [...wanted.values()].map((target) => {
      const known = this.#targets.get(target.destination);
      return { target, known: known?.target.probeAddress === target.probeAddress ? known : new ProbedTarget(target) };
    });
    const outputs = [...this.#targets.values()]
      .filter((target) => probed.every(({ known }) => known !== target))
      .flatMap((target) => target.end());
    const pathCount = probed.reduce((sum, { target: { paths } }) => sum + (paths.length > 1 ? paths.length : 0), 0);
    this.#intervalMs = Math.max(this.#settings.probeIntervalMs, (pathCount * 1000) / this.#settings.maxProbesPerSecond);
    // Spread over an interval, so that they do not come in bursts.
    const firstProbeMs = (): number => nowMs + (this.#intervalMs * this.#random.below(jitterSteps)) / jitterSteps;
    this.#targets.clear();
    for (const { target, known } of probed) {
      this.#targets.set(target.destination, known);
      outputs.push(...known.setTarget(target, this.#settings, firstProbeMs));
    }
    this.#byAddress = new Map([...this.#targets.values()].map((target) => [addressKey(target.address), target]));
    return outputs;
  }

  #receive(input: MultipathInput & { kind: "frame" }, nowMs: number): readonly MultipathOutput[] {
    const { interface: name, bytes, start, length } = input;
    const frame = readFrame(bytes, start, length);
    const mac = this.#interfaces.get(name);
    if (frame === undefined || mac?.every((byte, at) => byte === frame.destinationMac[at]) !== true) return [];
    if (!frame.acknowledgment) {
      const answer = this.#responder.answer(bytes, start, frame, nowMs);
      return answer === undefined ? [] : [{ kind: "send", interface: name, frame: answer }];
    }
    if (frame.elementCount !== 1 || !this.#source.every((byte, at) => byte === frame.destination[at])) return [];
    const target = this.#byAddress.get(addressKey(frame.source));
    const path = target?.paths.find(({ id }) => id === frame.id);
    if (target === undefined || path?.acknowledged(frame.stamp, nowMs, name) !== true) return [];
    target.review(this.#settings);
    return target.takeWeights(this.#settings, nowMs);
  }

  #wake(nowMs: number): readonly MultipathOutput[] {
    const outputs: MultipathOutput[] = [];
    // With many paths probes are rarer, and an estimate lives for several of them in any case.
    const maxAgeMs = Math.max(this.#settings.forgetAfterMs, 4 * this.#intervalMs);
    for (const target of this.#targets.values()) {
      for (const path of target.paths) {
        const lost = path.expire(this.#settings.probeTimeoutMs, nowMs);
        const forgotten = path.estimate.age(maxAgeMs, nowMs);
        if (lost || forgotten) target.review(this.#settings);
        if (!target.hasChoice || path.nextProbeMs > nowMs) continue;
        const jitter = 0.75 + this.#random.below(jitterSteps) / (2 * jitterSteps);
        path.nextProbeMs = nowMs + this.#intervalMs * jitter;
        outputs.push(...this.#probe(target, path, nowMs));
      }
      outputs.push(...target.takeWeights(this.#settings, nowMs));
    }
    return outputs;
  }

  #probe(target: ProbedTarget, path: ProbedPath, nowMs: number): readonly MultipathOutput[] {
    const name = path.path.interface;
    const sourceMac = this.#interfaces.get(name);
    const destinationMac = this.#neighbours.get(neighbourKey(path.path));
    // A probe that cannot leave says nothing about the path.
    if (sourceMac === undefined || destinationMac === undefined || !path.hasRoom) return [];
    const stamp = stampOf(nowMs);
    path.probeSent(stamp, nowMs);
    const addresses = { source: this.#source, destination: target.address };
    const frame = probeFrame({ destinationMac, sourceMac, ...addresses, id: path.id, stamp });
    return [{ kind: "send", interface: name, frame }];
  }
}
