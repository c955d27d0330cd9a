import { AsyncLocalStorage } from "node:async_hooks";

/**
 * Something that holds or does not: it holds unless it throws, rejects, or gives `false`. An assertion of `expect` is one, and
 * so is a function that answers a question.
 */
export type Check<Value = unknown> = () => Value | Promise<Value>;

/** How one look at a check came out. */
export type Look<Value> =
  | { readonly holds: true; readonly value: Value }
  | {
      readonly holds: false;
      readonly reason: string;
      readonly error: unknown;
      /** It gave no answer in time. */
      readonly late: boolean;
    };

const looking = new AsyncLocalStorage<true>();

/** Whether this is called by a check that is being looked at. */
export function isLooking(): boolean {
  return looking.getStore() === true;
}

/** Look once. A check that does not answer until the deadline (milliseconds of `performance.now()`) does not hold. */
export async function look<Value>(check: Check<Value>, deadline: number): Promise<Look<Value>> {
  const startedAt = performance.now();
  const { promise: late, resolve } = Promise.withResolvers<Look<Value>>();
  const timer = setTimeout(
    () => {
      const waited = Math.round(performance.now() - startedAt);
      resolve({ holds: false, reason: `it had not answered after ${waited} ms`, error: undefined, late: true });
    },
    Math.max(0, deadline - startedAt),
  );
  try {
    return await Promise.race([answer(check), late]);
  } finally {
    clearTimeout(timer);
  }
}

async function answer<Value>(check: Check<Value>): Promise<Look<Value>> {
  try {
    const value = await looking.run(true, check);
    if (value === false) return { holds: false, reason: "it was false", error: undefined, late: false };
    return { holds: true, value };
  } catch (error) {
    return { holds: false, reason: error instanceof Error ? error.message : String(error), error, late: false };
  }
}

/** How a check is called in messages. */
export function nameOf(check: Check, what: string | undefined): string {
  return what ?? (check.name === "" ? "the check" : check.name);
}

/** Wait until it is time for the next look, but not beyond the deadline. Not a wait for anything: the looks are. */
export function pause(milliseconds: number, deadline: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, Math.max(0, Math.min(milliseconds, deadline - performance.now())));
  });
}
