import { describe, expect, test } from "vitest";
import { twoRacksTour } from "../../src/tui/demo/two-racks-tour.ts";
import type { TestbedStatus } from "../../src/testbed/index.ts";
import { commandLine } from "../../test/testbed/command-line.ts";
import { hasTmux, kestrel, Terminal } from "./terminal.ts";
import { takeTour } from "./tour.ts";

/** Templates may have to be made first. */
const launchDeadlineMs = 900_000;

describe.runIf(hasTmux)("the tour of two racks", () => {
  test("launches them, and every step comes true, on one key", async () => {
    await using commands = await commandLine();
    const demo = `env KESTREL_STATE_DIR=${commands.stateDirectory} ${kestrel} demo two-racks`;
    await takeTour(await Terminal.run(demo), twoRacksTour, launchDeadlineMs);
    const { stdout } = await commands.run(["status", "--json"]);
    const { nodes } = JSON.parse(stdout) as TestbedStatus;
    expect(nodes.filter(({ state }) => state !== "ready").map(({ name }) => name)).toEqual([]);
    expect((await commands.run(["down"])).exitCode).toBe(0);
  });
});
