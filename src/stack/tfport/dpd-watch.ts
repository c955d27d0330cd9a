import { setTimeout as pause } from "node:timers/promises";
import type { DaemonLog } from "../daemon/log.ts";
import type { DpdClient, DpdPort, PortsAnswer } from "./dpd-client.ts";
import type { DpdMirror } from "./dpd-mirror.ts";

/** Before a dpd is asked again that cannot be reached, or does not hold its answers. */
const retryMs = 1000;
/** So often all neighbours are compared, whatever is believed. */
const comparisonMs = 15_000;

/** What a {@link DpdWatch} does with what it sees. */
export interface DpdWatchContext {
  /** Have the interfaces of these ports, and no others. */
  readonly reconcile: (ports: readonly DpdPort[]) => Promise<unknown>;
  readonly log: DaemonLog;
}

/**
 * Has dpd tell which ports there are, whenever they are others; the connection that waits for it breaks when dpd ends. While
 * it is away everything stays as it is; one that has started anew is told all neighbours.
 */
export class DpdWatch implements AsyncDisposable {
  readonly #client: DpdClient;
  readonly #mirror: DpdMirror;
  readonly #context: DpdWatchContext;
  readonly #stopped = new AbortController();
  #running: Promise<void> = Promise.resolve();
  #uptime = Infinity;
  #known: PortsAnswer | undefined;
  #isAway: boolean | undefined;

  constructor(client: DpdClient, mirror: DpdMirror, context: DpdWatchContext) {
    this.#client = client;
    this.#mirror = mirror;
    this.#context = context;
  }

  /** Begin to look. */
  start(): void {
    this.#running = this.#run();
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopped;
    while (!this.#hasStopped()) {
      try {
        await this.#look(signal);
        this.#say(false, undefined);
      } catch (error) {
        if (this.#hasStopped()) return;
        this.#known = undefined;
        this.#mirror.forget();
        this.#say(true, error);
        await pause(retryMs, undefined, { signal }).catch(() => undefined);
      }
    }
  }

  #hasStopped(): boolean {
    return this.#stopped.signal.aborted;
  }

  async #look(signal: AbortSignal): Promise<void> {
    const answer = await this.#client.nextPorts(this.#known, comparisonMs, signal);
    if (answer !== undefined) await this.#take(answer);
    if (answer === undefined || this.#mirror.isUnknown) await this.#mirror.compare();
    if (answer?.tag === "") await pause(retryMs, undefined, { signal });
  }

  async #take(answer: PortsAnswer): Promise<void> {
    const uptime = await this.#client.uptime();
    if (uptime < this.#uptime) this.#mirror.forget();
    this.#uptime = uptime;
    await this.#context.reconcile(answer.ports);
    this.#known = answer;
  }

  #say(isAway: boolean, error: unknown): void {
    if (this.#isAway === isAway) return;
    this.#isAway = isAway;
    const { log } = this.#context;
    if (isAway) log.warn({ reason: String(error) }, "dpd cannot be reached");
    else log.info("dpd is there");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopped.abort();
    await this.#running;
    await this.#mirror.settle();
  }
}
