import { createHash } from "node:crypto";
import type { MiddlewareHandler } from "hono";
import { monotonicMs } from "./clock.ts";

/** The longest that an answer is held, milliseconds. */
const longestWaitMs = 60_000;
/** Answers held at a time; who asks beyond that is answered at once. */
const mostHeld = 64;

/** Tells those who wait that what they wait for may have changed. */
export class ChangeSignal {
  readonly #waiting = new Set<() => void>();

  /** How many wait. */
  get waiting(): number {
    return this.#waiting.size;
  }

  /** Something may have changed. */
  changed(): void {
    for (const resolve of this.#waiting) resolve();
    this.#waiting.clear();
  }

  /** Resolves with the next change, or after so many milliseconds. */
  next(withinMs: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<undefined>();
    const timer = setTimeout(() => {
      this.#waiting.delete(wake);
      resolve(undefined);
    }, withinMs);
    const wake = (): void => {
      clearTimeout(timer);
      resolve(undefined);
    };
    this.#waiting.add(wake);
    return promise;
  }
}

/**
 * Gives the answers of an operation an entity tag, and holds one that the client has already (`If-None-Match`, RFC 9110
 * section 13.1.2) for as long as it prefers to wait (`Prefer: wait=SECONDS`, RFC 7240 section 4.3; a minute at most): it comes
 * when it has changed, or is 304 in the end. So a client hears of a change at once and asks once a minute. A restarted daemon has
 * other tags.
 *
 * @param content what the answer says; compared, when `signal` says that it may be another
 */
export function heldAnswers(signal: ChangeSignal, content: () => unknown): MiddlewareHandler {
  const started = performance.timeOrigin;
  const tagNow = (): string => {
    const digest = createHash("sha256").update(JSON.stringify([started, content()]));
    return `"${digest.digest("base64url").slice(0, 22)}"`;
  };
  return async (c, next) => {
    const known = c.req.header("if-none-match");
    const until = monotonicMs() + waitOf(c.req.header("prefer"));
    const left = (): number => until - monotonicMs();
    let tag = tagNow();
    while (tag === known && left() > 0 && signal.waiting < mostHeld) {
      await signal.next(left());
      tag = tagNow();
    }
    if (tag === known) return c.body(null, 304, { etag: tag });
    await next();
    c.header("etag", tag);
    return undefined;
  };
}

function waitOf(preference: string | undefined): number {
  const seconds = /(?:^|[,;\s])wait=(?<seconds>\d{1,6})/.exec(preference ?? "")?.groups?.["seconds"];
  return Math.min(Number(seconds ?? 0) * 1000, longestWaitMs);
}
