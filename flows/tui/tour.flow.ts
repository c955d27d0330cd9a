import { describe, expect, test } from "vitest";
import { testbed } from "../../src/index.ts";
import { routedTour } from "../../src/tui/demo/routed-tour.ts";
import { hasTmux, kestrel, Terminal } from "./terminal.ts";
import { takeTour } from "./tour.ts";

describe.runIf(hasTmux)("the tour", () => {
  test("every step of it comes true on a live testbed, on one key", async () => {
    await using bed = await testbed("routed", { fresh: true });
    await takeTour(await Terminal.run(`${kestrel} demo routed --testbed ${bed.name}`), routedTour);
    const { nodes } = await bed.testbed.status();
    expect(nodes.map(({ state }) => state)).toEqual(["ready", "ready", "ready"]);
  });
});
