import { monotonicMs, WakeTimer } from "./clock.ts";
import { type ApiTarget, requestApi } from "./request.ts";

/** How long the other daemon is asked to hold an answer that is known already. */
const waitSeconds = 60;
const timeoutMs = 2 * waitSeconds * 1000;
/** After a failure it is asked again; each further time after twice as long. */
const retryMs = { first: 500, longest: 10_000 };

/**
 * Hears of another daemon's answer at once, whenever it is another: the daemon holds one that is known (`heldAnswers`). One that
 * has started anew answers anew. While it is away nothing is said. Who does not hold answers is asked seldom.
 */
export class HeldWatch implements Disposable {
  readonly #target: ApiTarget;
  readonly #path: string;
  readonly #take: (body: unknown) => void;
  readonly #ended = new AbortController();
  readonly #timer = new WakeTimer(() => void this.#ask());
  #tag: string | undefined;
  #failures = 0;

  /** `take` is called with each answer; what it throws counts as a failure, and the answer is asked for again. */
  constructor(target: ApiTarget, path: string, take: (body: unknown) => void) {
    this.#target = target;
    this.#path = path;
    this.#take = take;
    void this.#ask();
  }

  [Symbol.dispose](): void {
    this.#ended.abort();
    this.#timer[Symbol.dispose]();
  }

  async #ask(): Promise<void> {
    const headers = this.#tag === undefined ? {} : { "if-none-match": this.#tag, prefer: `wait=${waitSeconds}` };
    const { signal } = this.#ended;
    let isHeld = true;
    try {
      const request = { method: "GET", path: this.#path, headers, timeoutMs, signal } as const;
      const { status, headers: answered, body } = await requestApi(this.#target, request);
      if (signal.aborted) return;
      if (status === 200) {
        const { etag } = answered;
        isHeld = etag !== undefined && etag !== this.#tag;
        this.#take(JSON.parse(body));
        this.#tag = etag;
      } else if (status !== 304) throw new Error(`status ${status}`);
      this.#failures = 0;
    } catch {
      this.#failures += 1;
    }
    if (signal.aborted) return;
    const waitMs = this.#failures === 0 ? 0 : Math.min(retryMs.longest, retryMs.first * 2 ** (this.#failures - 1));
    this.#timer.set(monotonicMs() + (isHeld ? waitMs : retryMs.longest));
  }
}
