import { TestRunner } from "vitest";

/** How long what has to come is waited for at most, milliseconds: only what never comes misses it. */
const longest = 20_000;

/**
 * How long a wait may take unless the flow says otherwise, milliseconds. At most half the time of the test that waits, so that
 * the wait, which knows what is missing, fails before the test does.
 */
export function patience(): number {
  const timeout = TestRunner.getCurrentTest()?.timeout ?? 0;
  return timeout > 0 ? Math.min(longest, timeout / 2) : longest;
}
