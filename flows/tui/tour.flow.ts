import { describe, expect, test } from "vitest";
import { testbed } from "../../src/index.ts";
import { routedTour } from "../../src/tui/demo/routed-tour.ts";
import { hasTmux, kestrel, Terminal } from "./terminal.ts";

describe.runIf(hasTmux)("the tour", () => {
  test("every step of it comes true on a live testbed, on one key", async () => {
    await using bed = await testbed("routed", { fresh: true });
    const terminal = await Terminal.run(`${kestrel} demo routed --testbed ${bed.name}`);
    await terminal.sees("A tour in 10 steps");
    for (const [index, { title, fact }] of routedTour.steps.entries()) {
      await terminal.keys("Space");
      await terminal.sees(`${index + 1}/10 ${title}`);
      if (fact !== undefined) await terminal.sees(`✔ ${fact.text}`);
    }
    const status = await bed.testbed.status();
    expect(status.nodes.map(({ state }) => state)).toEqual(["ready", "ready", "ready"]);
    await terminal.keys("Space", "q");
    await terminal.isSane();
  });
});
