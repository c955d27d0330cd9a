import { monotonicMs, WakeTimer } from "../daemon/clock.ts";
import type { DaemonLog } from "../daemon/log.ts";
import type { DpdClient, DpdPort } from "./dpd-client.ts";
import type { DpdMirror } from "./dpd-mirror.ts";

/** How often dpd is looked at. */
const periodMs = 1000;
/** Every so many looks all neighbours are compared, whatever is believed. */
const looksPerComparison = 15;

/** What a {@link DpdWatch} does with what it sees. */
export interface DpdWatchContext {
  /** Have the interfaces of these ports, and no others. */
  readonly reconcile: (ports: readonly DpdPort[]) => Promise<unknown>;
  readonly log: DaemonLog;
}

/**
 * Looks at dpd once a second: which ports there are, and whether it is still the same dpd. While it is away everything stays
 * as it is; one that has started anew is told all neighbours.
 */
export class DpdWatch implements AsyncDisposable {
  readonly #client: DpdClient;
  readonly #mirror: DpdMirror;
  readonly #context: DpdWatchContext;
  readonly #timer = new WakeTimer(() => {
    this.#running = this.#round();
  });
  #running: Promise<void> = Promise.resolve();
  #stopped = false;
  #uptime = Infinity;
  #looks = 0;
  #isAway: boolean | undefined;

  constructor(client: DpdClient, mirror: DpdMirror, context: DpdWatchContext) {
    this.#client = client;
    this.#mirror = mirror;
    this.#context = context;
  }

  /** Begin to look. */
  start(): void {
    this.#running = this.#round();
  }

  async #round(): Promise<void> {
    const begun = monotonicMs();
    try {
      await this.#look();
      this.#say(false, undefined);
    } catch (error) {
      this.#mirror.forget();
      this.#say(true, error);
    }
    if (!this.#stopped) this.#timer.set(begun + periodMs);
  }

  async #look(): Promise<void> {
    const uptime = await this.#client.uptime();
    const hasRestarted = uptime < this.#uptime;
    this.#uptime = uptime;
    await this.#context.reconcile(await this.#client.ports());
    this.#looks += 1;
    if (hasRestarted || this.#mirror.isUnknown || this.#looks % looksPerComparison === 0) await this.#mirror.compare();
  }

  #say(isAway: boolean, error: unknown): void {
    if (this.#isAway === isAway) return;
    this.#isAway = isAway;
    const { log } = this.#context;
    if (isAway) log.warn({ reason: String(error) }, "dpd cannot be reached");
    else log.info("dpd is there");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopped = true;
    await this.#running;
    this.#timer[Symbol.dispose]();
    await this.#mirror.settle();
  }
}
