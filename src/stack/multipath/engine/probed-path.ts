import { DelayEstimate } from "./estimate.ts";
import type { MultipathPath, PathStatus } from "./input-output.ts";
import { microsecondsSince } from "./stamp.ts";

/** More probes than this are never on their way on one path. */
const maxOutstanding = 16;

/** A path with what is on its way on it. */
export class ProbedPath {
  readonly path: MultipathPath;
  /** In the elements of its probes; of the paths of a destination each has its own. */
  readonly id: number;
  readonly estimate = new DelayEstimate();
  nextProbeMs: number;
  weight = 1;
  /** When each probe was sent, by its stamp, the oldest first. */
  readonly #outstanding = new Map<number, number>();
  #sent = 0;
  #acknowledged = 0;
  #lost = 0;
  #strayed = 0;

  constructor(path: MultipathPath, id: number, firstProbeMs: number) {
    this.path = path;
    this.id = id;
    this.nextProbeMs = firstProbeMs;
  }

  /** Whether another probe may be sent. */
  get hasRoom(): boolean {
    return this.#outstanding.size < maxOutstanding;
  }

  probeSent(stamp: number, nowMs: number): void {
    this.#outstanding.set(stamp, nowMs);
    this.#sent += 1;
  }

  /** An acknowledgment arrived, on the path's interface or another; returns whether it was one of a probe on its way. */
  acknowledged(stamp: number, nowMs: number, interfaceName: string): boolean {
    if (!this.#outstanding.delete(stamp)) return false;
    if (interfaceName === this.path.interface) {
      // What was lost in a silence that is over says nothing about now.
      if (this.estimate.silent) {
        this.#lost += this.#outstanding.size;
        this.#outstanding.clear();
      }
      this.#acknowledged += 1;
      this.estimate.sample(microsecondsSince(stamp, nowMs), nowMs);
    } else {
      this.#strayed += 1;
    }
    return true;
  }

  /** Count as lost what was sent longer ago than `timeoutMs`; returns whether there was any. */
  expire(timeoutMs: number, nowMs: number): boolean {
    const before = this.#lost;
    for (const [stamp, sentAtMs] of this.#outstanding) {
      if (nowMs - sentAtMs < timeoutMs) break;
      this.#outstanding.delete(stamp);
      this.#lost += 1;
      this.estimate.loss(nowMs);
    }
    return this.#lost > before;
  }

  /** When the oldest probe on its way was sent. */
  get oldestMs(): number | undefined {
    for (const sentAtMs of this.#outstanding.values()) return sentAtMs;
    return undefined;
  }

  status(): PathStatus {
    return {
      ...this.path,
      delayMicroseconds: this.estimate.delay === undefined ? undefined : Math.round(this.estimate.delay),
      silent: this.estimate.silent,
      weight: this.weight,
      probesSent: this.#sent,
      probesAcknowledged: this.#acknowledged,
      probesLost: this.#lost,
      probesStrayed: this.#strayed,
    };
  }
}
