import { expect, it } from "vitest";
import { during, paused, together } from "../../../src/flow/fault/index.ts";
import { NotedTestbed } from "./noted-testbed.ts";

const testbed = new NotedTestbed();

// What this test leaves behind is what the next one is about.
it.fails("a test that runs out of time does not come to the end of its scopes", { timeout: 100 }, async () => {
  await using _fault = await testbed.faults.start(together(paused("h1"), during(paused("h2"), { startMs: 1000 })));
  await new Promise(() => undefined);
});

it("what a test that ran out of time has broken is healed before the next begins", async () => {
  await testbed.clock.advanceTo(10_000);
  expect(testbed.asked).toEqual(["0 h1 pause", "0 h1 resume"]);
});
