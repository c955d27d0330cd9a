import { KestrelError } from "../../error/kestrel-error.ts";
import { noteStep } from "../timeline.ts";
import { type Check, look, type Look, nameOf, pause } from "./check.ts";
import { patience } from "./patience.ts";

/** How a check is waited for. */
export interface WaitOptions {
  /** What is waited for, as a person says it; the name of the check unless given. */
  readonly what?: string;
  /** How long it may take, milliseconds. */
  readonly within?: number;
  /** Time between looks, milliseconds: 50 unless given. */
  readonly every?: number;
}

const defaultWithinNever = 500;
const defaultEvery = 50;

/**
 * Wait until a check holds, and give what it gave: `await eventually(() => expect(neighbours()).toContain("r2"))`.
 *
 * @param options - `within`: 20 s, or half the time of the test where that is less, unless given
 * @throws KestrelError (flow) with the last failure, and how long and how often was looked
 */
export async function eventually<Value>(check: Check<Value>, options: WaitOptions = {}): Promise<Value> {
  const { within = patience(), every = defaultEvery } = options;
  const what = nameOf(check, options.what);
  const startedAt = performance.now();
  const deadline = startedAt + within;
  let last: FailedLook | undefined;
  for (let looks = 1; ; looks += 1) {
    const found = await look(check, deadline);
    if (found.holds) {
      note(`${what} came to hold after ${elapsed(startedAt)}`, "done");
      return found.value;
    }
    last = moreTelling(last, found);
    if (performance.now() >= deadline) {
      note(`wait for ${what}`, "failed");
      throw failure({
        step: "wait for a check to hold",
        what,
        expected: `that it holds within ${within} ms`,
        found: `that it did not, looked at ${times(looks)} in ${elapsed(startedAt)}; at last: ${last.reason}`,
        cause: last.error,
      });
    }
    await pause(every, deadline);
  }
}

/**
 * Wait until a check holds so many times in a row: something has settled.
 *
 * @param options - `within`: as for {@link eventually}, and the time of the looks themselves
 * @throws KestrelError (flow) with the last failure and the longest row; (input) for a count that is none
 */
export async function stably<Value>(count: number, check: Check<Value>, options: WaitOptions = {}): Promise<Value> {
  if (!Number.isInteger(count) || count < 1) {
    throw new KestrelError({
      kind: "input",
      step: "wait for a check to hold stably",
      expected: "how many times in a row: a whole number of at least 1",
      found: String(count),
    });
  }
  const { every = defaultEvery } = options;
  const { within = patience() + count * every } = options;
  const what = nameOf(check, options.what);
  const startedAt = performance.now();
  const deadline = startedAt + within;
  let row = 0;
  let longest = 0;
  let last: FailedLook | undefined;
  for (let looks = 1; ; looks += 1) {
    const found = await look(check, deadline);
    row = found.holds ? row + 1 : 0;
    longest = Math.max(longest, row);
    if (!found.holds) last = moreTelling(last, found);
    if (found.holds && row === count) {
      note(`${what} held ${times(count)} in a row after ${elapsed(startedAt)}`, "done");
      return found.value;
    }
    if (performance.now() >= deadline) {
      note(`wait for ${what} to hold ${times(count)} in a row`, "failed");
      throw failure({
        step: "wait for a check to hold stably",
        what,
        expected: `that it holds ${times(count)} in a row within ${within} ms`,
        found:
          `${longest} in a row at most, looked at ${times(looks)} in ${elapsed(startedAt)}` +
          (last === undefined ? "" : `; last failure: ${last.reason}`),
        cause: last?.error,
      });
    }
    await pause(every, deadline);
  }
}

/**
 * See that a check does not hold for a time.
 *
 * @param options - `within`: how long, 500 ms unless given
 * @throws KestrelError (flow) as soon as it holds, with what it gave
 */
export async function never(check: Check, options: WaitOptions = {}): Promise<void> {
  const { within = defaultWithinNever, every = defaultEvery } = options;
  const what = nameOf(check, options.what);
  const startedAt = performance.now();
  const deadline = startedAt + within;
  for (let looks = 1; ; looks += 1) {
    const found = await look(check, deadline);
    if (found.holds) {
      note(`${what} not to hold for ${within} ms`, "failed");
      const gave = found.value === undefined || found.value === true ? "" : `, and gave ${JSON.stringify(found.value)}`;
      throw failure({
        step: "see that a check does not hold",
        what,
        expected: `that it does not hold for ${within} ms`,
        found: `that it held after ${elapsed(startedAt)}, at look ${looks}${gave}`,
      });
    }
    if (performance.now() >= deadline) break;
    await pause(every, deadline);
  }
  note(`${what} did not hold for ${within} ms`, "done");
}

type FailedLook = Extract<Look<unknown>, { readonly holds: false }>;

/** The later of two failures, unless the deadline cut it short. */
function moreTelling(before: FailedLook | undefined, now: FailedLook): FailedLook {
  return now.late && before !== undefined ? before : now;
}

function note(text: string, outcome: "done" | "failed"): void {
  noteStep({ kind: "wait", text, outcome });
}

function elapsed(startedAt: number): string {
  return `${Math.round(performance.now() - startedAt)} ms`;
}

function times(count: number): string {
  return count === 1 ? "once" : `${count} times`;
}

function failure(text: {
  readonly step: string;
  readonly what: string;
  readonly expected: string;
  readonly found: string;
  readonly cause?: unknown;
}): KestrelError {
  const { step, what, expected, found, cause } = text;
  return new KestrelError({ kind: "flow", step, subject: what, expected, found }, { cause });
}
