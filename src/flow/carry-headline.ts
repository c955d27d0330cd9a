import type { CarryProgress, Count } from "./carry.ts";
import { describePacket } from "./inner-packet.ts";

/** What one wire or tap did not do, on a line. */
export function carryHeadline(
  subject: string,
  progress: CarryProgress,
  { withinMilliseconds, negated }: { readonly withinMilliseconds: number; readonly negated: boolean },
): string {
  const { expectation, unexpected, counts, awaited = 0 } = progress;
  const { frames, count } = expectation;
  const all = frames.length === 1 ? "the frame" : `the ${frames.length} frames`;
  const one = (index: number): string => (frames.length === 1 ? all : `frame ${index + 1} of ${frames.length}`);
  if (negated) return `${subject} carried ${all} that it should not carry`;
  if (count !== undefined) {
    const excess = counts.findIndex((each) => each > count.most);
    if (excess !== -1)
      return `${subject} carried ${one(excess)} ${timesText(counts[excess] ?? 0)}, expected ${countText(count)}`;
    if (unexpected === undefined) {
      const came = timesText(counts[awaited] ?? 0);
      return `${subject} carried ${one(awaited)} ${came} within ${withinMilliseconds} ms, expected ${countText(count)}`;
    }
  }
  if (unexpected !== undefined)
    return `${subject} carried something else than ${all} expected: ${describePacket(unexpected.packet)}`;
  const missing = frames.length === 1 ? "the frame expected" : one(awaited);
  return `${subject} did not carry ${missing} within ${withinMilliseconds} ms`;
}

/** How often something has to come, as a person says it. */
export function countText({ least, most }: Count): string {
  if (least === most) return least === 0 ? "not at all" : `exactly ${timesText(least)}`;
  if (most === Number.POSITIVE_INFINITY) return `at least ${timesText(least)}`;
  return least === 0 ? `at most ${timesText(most)}` : `from ${least} to ${most} times`;
}

function timesText(count: number): string {
  if (count === 0) return "not at all";
  return count === 1 ? "once" : `${count} times`;
}
