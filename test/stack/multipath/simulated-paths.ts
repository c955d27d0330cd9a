import type { MultipathInput, MultipathOutput, PathWeights } from "../../../src/stack/multipath/engine/input-output.ts";
import { MultipathEngine } from "../../../src/stack/multipath/engine/engine.ts";
import { defaultMultipathSettings, type MultipathSettings } from "../../../src/stack/multipath/engine/settings.ts";
import { randomSource } from "../../../src/stack/daemon/random.ts";
import { parseMac } from "../../../src/packet/mac.ts";

/** What a simulated path does to a probe: milliseconds until its answer is back, or nothing. */
export type PathBehaviour = (nowMs: number) => number | undefined;

export const source = "fd00:1::1";
export const probeAddress = "fd00:2::1";
export const destination = "fd00:2::/64";
export const nearMac = parseMac("02:00:00:00:00:01");
export const farMac = parseMac("02:00:00:00:00:02");

interface Event {
  readonly atMs: number;
  readonly input: MultipathInput;
}

/** An engine with a destination behind paths net0, net1, …, and a far engine that answers, in simulated time. */
export class SimulatedPaths {
  nowMs = 0;
  /** As they were last told. */
  weights: PathWeights | undefined;
  /** When and how weights were told. */
  readonly told: { readonly atMs: number; readonly weights: PathWeights | undefined }[] = [];
  probes = 0;
  readonly near: MultipathEngine;
  readonly #far: MultipathEngine;
  readonly #behaviours: PathBehaviour[];
  readonly #events: Event[] = [];

  constructor(behaviours: readonly PathBehaviour[], settings: Partial<MultipathSettings> = {}, seed = "1") {
    this.#behaviours = [...behaviours];
    const make = (address: string): MultipathEngine =>
      new MultipathEngine({
        source: address,
        settings: { ...defaultMultipathSettings, ...settings },
        random: randomSource(seed, "multipath", address),
      });
    this.near = make(source);
    this.#far = make(probeAddress);
    const names = behaviours.map((_, at) => `net${at}`);
    this.input({ kind: "interfaces", macs: new Map(names.map((name) => [name, nearMac])) });
    this.input({ kind: "neighbours", macs: new Map(names.map((name) => [`fe80::2%${name}`, farMac])) });
    this.#far.handle({ kind: "interfaces", macs: new Map(names.map((name) => [name, farMac])) }, 0);
    this.#far.handle({ kind: "addresses", addresses: [probeAddress] }, 0);
    this.setPaths(names);
  }

  setPaths(names: readonly string[]): void {
    const paths = names.map((name) => ({ interface: name, nextHop: "fe80::2" }));
    this.input({ kind: "targets", targets: names.length === 0 ? [] : [{ destination, probeAddress, paths }] });
  }

  behave(path: number, behaviour: PathBehaviour): void {
    this.#behaviours[path] = behaviour;
  }

  input(input: MultipathInput): void {
    for (const output of this.near.handle(input, this.nowMs)) this.#do(output);
  }

  #do(output: MultipathOutput): void {
    if (output.kind === "weights") {
      this.weights = output.weights;
      this.told.push({ atMs: this.nowMs, weights: output.weights });
      return;
    }
    this.probes += 1;
    const { interface: name, frame: bytes } = output;
    const delay = this.#behaviours[Number(name.slice(3))]?.(this.nowMs);
    if (delay === undefined) return;
    const frame: MultipathInput = { kind: "frame", interface: name, bytes, start: 0, length: bytes.length };
    for (const answer of this.#far.handle(frame, this.nowMs)) {
      if (answer.kind !== "send") continue;
      const back: MultipathInput = { ...frame, bytes: answer.frame, length: answer.frame.length };
      this.#events.push({ atMs: this.nowMs + delay, input: back });
    }
  }

  /** Let so much time pass. */
  run(milliseconds: number): void {
    const untilMs = this.nowMs + milliseconds;
    for (;;) {
      const [next] = this.#events.sort((one, other) => one.atMs - other.atMs);
      const wakeMs = this.near.wakeMs ?? Infinity;
      const atMs = Math.max(this.nowMs, Math.min(next?.atMs ?? Infinity, wakeMs));
      if (atMs > untilMs) break;
      this.nowMs = atMs;
      if (next !== undefined && next.atMs <= wakeMs) {
        this.#events.shift();
        this.input(next.input);
      } else {
        this.input({ kind: "wake" });
      }
    }
    this.nowMs = untilMs;
  }

  /** The share of a path by the weights told last, of as many paths as there are. */
  share(path: number): number {
    if (this.weights === undefined) return 1 / this.#behaviours.length;
    const total = [...this.weights.values()].reduce((sum, weight) => sum + weight, 0);
    return (this.weights.get(`net${path}`) ?? 0) / total;
  }
}
