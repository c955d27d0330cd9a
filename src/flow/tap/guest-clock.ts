import { createInterface } from "node:readline";
import { KestrelError } from "../../error/kestrel-error.ts";
import type { Guest, Running } from "../../guest/index.ts";

/** A shell that tells the time for each line it is given, without starting a program for it. */
const command = ["bash", "-c", "while read -r _; do echo $EPOCHREALTIME; done"];
const deadlineMs = 20_000;
/** Readings from which the one with the shortest way is taken. */
const samples = 5;

/** The clock that stamps the frames of a node's taps, readable from the host within a round trip. */
export class GuestClock implements Disposable {
  #offset = 0n;
  readonly #node: string;
  readonly #running: Running;
  readonly #lines: AsyncIterator<string>;
  #reading: Promise<unknown> = Promise.resolve();

  private constructor(node: string, running: Running) {
    this.#node = node;
    this.#running = running;
    running.stderr.resume();
    // Why the streams break off, the next reading tells.
    for (const stream of [running.stdin, running.stdout, running.stderr]) stream.on("error", () => undefined);
    running.result.catch(() => undefined);
    this.#lines = createInterface({ input: running.stdout })[Symbol.asyncIterator]();
  }

  /**
   * Open the clock of a node.
   *
   * @param wireTime - the time of the wires' recordings, nanoseconds since the epoch
   */
  static async open(guest: Guest, wireTime: () => bigint): Promise<GuestClock> {
    const clock = new GuestClock(guest.node, guest.spawn(command, { stdin: true }));
    let shortest = Number.POSITIVE_INFINITY;
    for (let sample = 0; sample < samples; sample += 1) {
      const startedAt = performance.now();
      const before = wireTime();
      const guestTime = await clock.read();
      const after = wireTime();
      const took = performance.now() - startedAt;
      if (took >= shortest) continue;
      shortest = took;
      clock.#offset = (before + after) / 2n - guestTime;
    }
    return clock;
  }

  /** What is to be added to the node's time for that of the wires, nanoseconds; good to about half a round trip. */
  get offsetNanoseconds(): bigint {
    return this.#offset;
  }

  /** What the clock says now, nanoseconds since the epoch, to the microsecond (rounded down). */
  read(): Promise<bigint> {
    // One at a time: the answers have no names.
    const reading = this.#reading.then(() => this.#readOnce());
    this.#reading = reading.catch(() => undefined);
    return reading;
  }

  async #readOnce(): Promise<bigint> {
    this.#running.stdin.write("\n");
    const { promise: late, reject } = Promise.withResolvers<never>();
    const timer = setTimeout(() => {
      reject(this.#fault(`no answer within ${deadlineMs} ms`));
    }, deadlineMs);
    try {
      const line = await Promise.race([this.#lines.next(), late]);
      const text = line.done === true ? "" : line.value;
      const [, seconds, microseconds] = /^(\d+)[.,](\d{6})$/.exec(text) ?? [];
      if (seconds === undefined || microseconds === undefined)
        throw this.#fault(line.done === true ? "that the node does not answer any more" : JSON.stringify(text));
      return BigInt(seconds) * 1_000_000_000n + BigInt(microseconds) * 1000n;
    } finally {
      clearTimeout(timer);
    }
  }

  #fault(found: string): KestrelError {
    return new KestrelError({
      kind: "flow",
      step: "read the clock of a node",
      subject: this.#node,
      expected: "seconds and microseconds",
      found,
      hint: "a tap needs its node to run from the tap's begin to its end",
    });
  }

  /** It ends with its input; nobody waits for that, since the node may be paused. */
  [Symbol.dispose](): void {
    this.#running.stdin.end();
  }
}
