import { createInterface } from "node:readline";
import type { Guest, Running } from "../guest/index.ts";

/** Seconds between two echo requests: an effect is seen so much later at most. */
const interval = "0.02";
/** For what never takes so long, however busy the machine is. */
const deadlineMs = 120_000;

/** Echo requests without end, and whether they are answered, by this host's clock: what it takes to hear of a packet from the guest counts. */
export class PingLines implements AsyncDisposable {
  readonly #ping: Running;
  readonly #answers: number[] = [];
  #misses = 0;
  #wake: (() => void) | undefined;

  /** @param command what runs `ping` with the arguments that it is given */
  constructor(guest: Guest, command: (ping: readonly string[]) => readonly string[], ...target: readonly string[]) {
    // Without -O a request that is not answered says nothing.
    this.#ping = guest.spawn(command(["ping", "-n", "-O", "-i", interval, ...target]));
    this.#ping.stderr.resume();
    createInterface({ input: this.#ping.stdout }).on("line", (line) => {
      if (line.includes("bytes from")) {
        this.#answers.push(performance.now());
        this.#misses = 0;
      } else if (line.startsWith("no answer yet")) this.#misses += 1;
      this.#wake?.();
    });
  }

  /** The time of the next answer. */
  async nextAnswer(): Promise<number> {
    const since = performance.now();
    const last = (): number => this.#answers.at(-1) ?? since;
    await this.#until(() => last() > since);
    return last();
  }

  /** The time of the answer that ended the longest time without one since then. */
  endOfLongestSilence(since: number): number {
    const later = this.#answers.filter((at) => at > since);
    const gaps = later.map((at, index) => ({ at, gap: at - (later[index - 1] ?? since) }));
    return gaps.reduce((longest, each) => (each.gap > longest.gap ? each : longest), { at: since, gap: 0 }).at;
  }

  /** Resolves when ten requests in a row were not answered. */
  async untilSilent(): Promise<void> {
    this.#misses = 0;
    await this.#until(() => this.#misses >= 10);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ping.kill("SIGINT");
    await this.#ping.result;
  }

  async #until(isSo: () => boolean): Promise<void> {
    const expired = AbortSignal.timeout(deadlineMs);
    while (!isSo()) {
      const { promise, resolve, reject } = Promise.withResolvers<undefined>();
      const fail = (): void => {
        reject(new Error("ping says nothing more"));
      };
      expired.addEventListener("abort", fail, { once: true });
      this.#wake = () => {
        resolve(undefined);
      };
      try {
        await promise;
      } finally {
        expired.removeEventListener("abort", fail);
      }
    }
  }
}
