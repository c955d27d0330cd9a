import { parseIpv6 } from "../../../packet/ipv6-address.ts";
import { type MultipathOutput, type MultipathTarget, neighbourKey } from "./input-output.ts";
import { ProbedPath } from "./probed-path.ts";
import type { MultipathSettings } from "./settings.ts";
import { differs, sharesOf, weightsOf } from "./shares.ts";

/** More paths of a destination are not probed: their number must fit in an element. */
const maxPaths = 256;

/** A destination, its paths, and the weights that its routes have. */
export class ProbedTarget {
  readonly address: Uint8Array;
  paths: readonly ProbedPath[] = [];
  #target: MultipathTarget;
  /** Shares as they were last told, in the order of the paths. */
  #told: readonly number[] = [];
  #toldEqual = true;
  #tellNoEarlierMs = -Infinity;
  /** Weights to be told when it is time, if they changed measurably. */
  #pending: readonly number[] | undefined;
  #nextId = 0;

  constructor(target: MultipathTarget) {
    this.#target = target;
    this.address = parseIpv6(target.probeAddress);
  }

  get target(): MultipathTarget {
    return this.#target;
  }

  /** Whether there is anything to measure. */
  get hasChoice(): boolean {
    return this.paths.length > 1;
  }

  /** Take these paths; what is known of those that stay is kept. Returns new weights if others were told before. */
  setTarget(
    target: MultipathTarget,
    settings: MultipathSettings,
    firstProbeMs: () => number,
  ): readonly MultipathOutput[] {
    const known = new Map(this.paths.map((path) => [neighbourKey(path.path), path]));
    const wanted = target.paths.slice(0, maxPaths);
    const changed = wanted.length !== this.paths.length || !wanted.every((path) => known.has(neighbourKey(path)));
    this.#target = target;
    if (!changed) return [];
    const kept = wanted.flatMap((path) => known.get(neighbourKey(path))?.id ?? []);
    const taken = new Set(kept);
    this.paths = wanted.map(
      (path) => known.get(neighbourKey(path)) ?? new ProbedPath(path, this.#freeId(taken), firstProbeMs()),
    );
    if (!this.#toldEqual) return this.#tell(this.#weights(settings));
    this.#told = this.paths.map(() => 1 / this.paths.length);
    this.review(settings);
    return [];
  }

  #freeId(taken: Set<number>): number {
    while (taken.has(this.#nextId)) this.#nextId = (this.#nextId + 1) % maxPaths;
    taken.add(this.#nextId);
    return this.#nextId;
  }

  /** Decide anew, after something was learnt about a path. */
  review(settings: MultipathSettings): void {
    this.#pending = this.#changed(settings);
  }

  /** When weights that changed may be told; undefined if they did not. */
  get dueMs(): number | undefined {
    return this.#pending === undefined ? undefined : this.#tellNoEarlierMs;
  }

  /** New weights, if any share changed measurably and the last change is long enough ago. */
  takeWeights(settings: MultipathSettings, nowMs: number): readonly MultipathOutput[] {
    const weights = this.#pending;
    if (weights === undefined || nowMs < this.#tellNoEarlierMs) return [];
    this.#tellNoEarlierMs = nowMs + settings.minChangeIntervalMs;
    return this.#tell(weights);
  }

  #changed(settings: MultipathSettings): readonly number[] | undefined {
    if (!this.hasChoice) return undefined;
    const weights = this.#weights(settings);
    const shares = sharesOf(weights);
    const least = settings.minShareChange / shares.length;
    if (!differs(shares, this.#told, least)) return undefined;
    // Close to equal is equal, so that an old delay leaves nothing behind.
    const equal = shares.map(() => 1 / shares.length);
    return differs(shares, equal, least) ? weights : equal.map(() => 1);
  }

  #weights({ baseMicroseconds }: MultipathSettings): readonly number[] {
    const estimates = this.paths.map(({ estimate }) => estimate);
    return weightsOf(estimates, baseMicroseconds);
  }

  #tell(weights: readonly number[]): readonly MultipathOutput[] {
    this.#pending = undefined;
    for (const [at, path] of this.paths.entries()) path.weight = weights[at] ?? 1;
    this.#told = sharesOf(weights);
    this.#toldEqual = weights.every((weight) => weight === weights[0]);
    const byInterface = new Map(this.paths.map(({ path, weight }) => [path.interface, weight]));
    const told = this.#toldEqual ? undefined : byInterface;
    return [{ kind: "weights", destination: this.#target.destination, weights: told }];
  }

  /** What to tell when the destination is measured no more. */
  end(): readonly MultipathOutput[] {
    return this.#toldEqual ? [] : [{ kind: "weights", destination: this.#target.destination, weights: undefined }];
  }
}
