import { cut, during, paused, together } from "../../../src/flow/fault/index.ts";
import { onStep } from "../../../src/flow/timeline.ts";
import { firstWire } from "../routed-bed.ts";
import { NotedTestbed } from "./noted-testbed.ts";

// A program that breaks its testbed and then waits for ever; it prints each fault and each heal.
onStep(({ kind, text }) => {
  if (kind !== "note") console.log(`${kind} ${text}`);
});
const { bed } = new NotedTestbed();
await bed.break(
  together(cut(firstWire, { direction: "aToB" }), paused("h1"), during(paused("h2"), { startMs: 600_000 })),
);
console.log("broken");
