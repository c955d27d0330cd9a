import { expect } from "vitest";
import type { FrameMatch } from "./frame-match.ts";
import { hopText, traverseNegatedReport, traverseReport } from "./path/traverse-report.ts";
import { type HopPattern, traverse } from "./path/traverse.ts";
import type { FlowStream } from "./stream/flow-stream.ts";
import type { NodeStream } from "./stream/node-stream.ts";
import { lossFaults, type LossLimit, limitText, streamText } from "./stream/stream-text.ts";
import { noteStep } from "./timeline.ts";
import type { PacketTrace } from "./trace.ts";
import { type CarryOptions, carryText, watchCarry } from "./watch-carry.ts";
import type { Watched, WatchedGroup } from "./watched.ts";

/** How to compare a path. */
export interface TraverseOptions {
  /** The hops named are all that there are. */
  readonly exactly?: boolean;
}

declare module "vitest" {
  // The parameters must be those of the interface that this one is merged with.
  // eslint-disable-next-line @typescript-eslint/no-unused-vars
  interface Matchers<R extends void | Promise<void> = void | Promise<void>, T = unknown> {
    /**
     * The wire (or the wire of the port, or the tap) carries these frames in this order, since the last send. Other frames
     * may come between them. With `.not` they do not come within the time.
     */
    toCarry: (frames: FrameMatch | readonly FrameMatch[], options?: CarryOptions) => Promise<void>;
    /** The packet's trace takes these hops in this order. Other hops may lie between them, unless they are all (`exactly`). */
    toTraverse: (hops: readonly HopPattern[], options?: TraverseOptions) => void;
    /** The stream, which is stopped if it still runs, has lost no more packets, and for no longer. */
    toLoseAtMost: (limit: LossLimit) => Promise<void>;
  }
}

expect.extend({
  async toCarry(
    watched: Watched | WatchedGroup,
    frames: FrameMatch | readonly FrameMatch[],
    options: CarryOptions = {},
  ) {
    // It is typed as always there, but absent without `.not`.
    // eslint-disable-next-line @typescript-eslint/no-unnecessary-boolean-literal-compare
    const negated = this.isNot === true;
    const text = `expect ${carryText(watched, frames)}`.replace(
      " to carry ",
      negated ? " not to carry " : " to carry ",
    );
    const name = "name" in watched ? watched.name : watched.members.map((member) => member.name).join(", ");
    const { bed } = watched;
    const watch = () => bed.guarded(`watch ${name}`, () => watchCarry(watched, frames, options, negated));
    const { pass, report } = await bed.step("expect", text, watch, (outcome) => outcome.pass === negated);
    return { pass, message: () => report };
  },

  toTraverse(trace: PacketTrace, patterns: readonly HopPattern[], { exactly = false }: TraverseOptions = {}) {
    const traversal = traverse(trace.hops, patterns, exactly);
    const pass = traversal.failure === undefined;
    // As above.
    // eslint-disable-next-line @typescript-eslint/no-unnecessary-boolean-literal-compare
    const negated = this.isNot === true;
    const path = patterns.map(hopText).join(" then ");
    noteStep({
      kind: "expect",
      testbed: trace.testbed,
      text: `expect the packet ${negated ? "not " : ""}to traverse ${path}`,
      outcome: pass === negated ? "failed" : "done",
    });
    return {
      pass,
      message: () =>
        pass ? traverseNegatedReport(trace, patterns) : traverseReport(trace, patterns, traversal, exactly),
    };
  },

  async toLoseAtMost(stream: FlowStream | NodeStream, limit: LossLimit) {
    const report = await stream.stop();
    const faults = lossFaults(report, limit);
    const pass = faults.length === 0;
    // As above.
    // eslint-disable-next-line @typescript-eslint/no-unnecessary-boolean-literal-compare
    const outcome = pass === (this.isNot === true) ? "failed" : "done";
    const text = `expect the stream ${stream.name} ${this.isNot ? "not " : ""}to lose at most ${limitText(limit)}`;
    noteStep({ kind: "expect", testbed: stream.bed.name, text, cursor: stream.bed.cursor, outcome });
    const headline = pass
      ? [`the stream ${stream.name} lost no more than ${limitText(limit)}, expected more`]
      : faults.map((fault) => `the stream ${stream.name} ${fault}`);
    return { pass, message: () => [...headline, "", streamText(report)].join("\n") };
  },
});
