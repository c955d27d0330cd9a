import { describe, expect, test } from "vitest";
import { testbed } from "../../src/index.ts";
import { hasTmux, kestrel, Terminal } from "./terminal.ts";

describe.runIf(hasTmux)("the terminal is left as it was", () => {
  test.for(["SIGTERM", "SIGHUP", "SIGINT"] as const)("after %s, and the testbed runs on", async (signal) => {
    await using bed = await testbed("two-hosts");
    const terminal = await Terminal.run(`${kestrel} tui ${bed.name}`, { columns: 80, rows: 24 });
    await terminal.sees("● h1");
    expect(await terminal.flag("alternate_on")).toBe("1");
    expect(await terminal.flag("mouse_sgr_flag")).toBe("1");
    process.kill(await terminal.program(), signal);
    await terminal.isSane();
    expect((await bed.testbed.status()).state).toBe("ready");
  });

  test("after a crash, which is told", async () => {
    await using bed = await testbed("two-hosts");
    const fault = new URL("crash.mjs", import.meta.url).pathname;
    const terminal = await Terminal.run(`NODE_OPTIONS=--import=${fault} ${kestrel} tui ${bed.name}`, {
      columns: 80,
      rows: 24,
    });
    await terminal.sees("● h1");
    process.kill(await terminal.program(), "SIGUSR2");
    await terminal.sees("the user interface has failed");
    await terminal.isSane();
  });

  test("a testbed that ends leaves a sentence, and another may be chosen", async () => {
    await using bed = await testbed("two-hosts", { fresh: true });
    const terminal = await Terminal.run(`${kestrel} tui ${bed.name}`, { columns: 80, rows: 24 });
    await terminal.sees("● h1");
    await bed.testbed.down();
    await terminal.sees(/✖ testbed \S+ (has ended|does not answer)/);
    await terminal.keys("1");
    await terminal.sees("testbeds and topologies");
    await terminal.keys("q");
    await terminal.isSane();
  });

  test("a terminal without a cursor to move gets a sentence instead", async () => {
    const terminal = await Terminal.run(`TERM=dumb ${kestrel} tui`, { columns: 80, rows: 24 });
    await terminal.sees("kestrel status");
    await terminal.isSane();
  });
});
