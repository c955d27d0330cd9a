import { describe, expect, test } from "vitest";
import { eventually, testbed } from "../../src/index.ts";
import { hasTmux, kestrel, Terminal } from "./terminal.ts";

describe.runIf(hasTmux)("the user interface in tmux", () => {
  test("shows the rack with live rates, opens a node, types into its console, and leaves the terminal as it was", async () => {
    await using bed = await testbed("routed", { fresh: true });
    const terminal = await Terminal.run(`${kestrel} tui ${bed.name}`);
    await terminal.sees("● r1");
    await terminal.sees(`${bed.name} ● ready`);

    await using _stream = await bed.stream("h1:net0", "h2:net0", { rate: 100 });
    await terminal.sees(/h1:net0--r1:net0 +1?\d\d +\d+ +0%/);

    // r1 lies above h1.
    await terminal.keys("Up", "Up", "Enter");
    await terminal.sees("─ r1 ─");
    await terminal.sees(/10\.0\.1\.0\/24 dev net0/);
    await terminal.keys("c");
    await terminal.sees("console of r1");
    await terminal.sees("root@r1:~#");
    await terminal.keys("Enter");
    await terminal.sees("Ctrl-] leaves");
    await terminal.keys("echo $((6*7))from-r1", "Enter");
    await terminal.sees("42from-r1");
    await terminal.keys("C-]", "e", "Enter", "hostname", "Enter");
    await terminal.sees("exit code 0");
    await terminal.sees(/^.*│?.*r1$/m);
    await terminal.keys("q");
    await terminal.isSane();
  });

  test("breaks a cable and mends it, and shows both", async () => {
    await using bed = await testbed("routed");
    const wire = bed.wire("h1:net0--r1:net0");
    const terminal = await Terminal.run(`${kestrel} tui ${bed.name}`);
    await terminal.sees(`${bed.name} ● ready`);
    await terminal.keys("Tab", "Enter");
    await terminal.sees("● up, clean");
    await terminal.keys("c");
    await terminal.sees("✖ cut");
    expect((await wire.status()).aToB.settings.cut).toBe(true);
    await terminal.keys("c");
    await terminal.sees("● up, clean");
    await terminal.keys("i", "loss=25%", "Enter");
    await terminal.sees("loss 25%");
    await terminal.keys("i", "C-u", "loss=much", "Enter");
    await terminal.sees('found "much"');
    await terminal.keys("i", "clean", "Enter");
    await terminal.sees("● up, clean");
    await eventually(async () => {
      expect((await wire.status()).aToB.settings).toMatchObject({ loss: 0, cut: false });
    });
    await bed.node("h1").exec(["ping", "-c", "1", "10.0.2.1"]);
    await terminal.sees("ICMP echo request");
    await terminal.keys("q");
    await terminal.isSane();
  });

  test("a window of 20 x 5 gets a sentence, and the rack again when it grows", async () => {
    await using bed = await testbed("routed");
    const terminal = await Terminal.run(`${kestrel} tui ${bed.name}`, { columns: 80, rows: 24 });
    await terminal.sees("● r1");
    await terminal.resize(20, 5);
    await terminal.sees("too small");
    await terminal.resize(80, 24);
    await terminal.sees("● r1");
    await terminal.keys("?");
    await terminal.sees("any key closes");
    await terminal.keys("x", "q");
    await terminal.isSane();
  });
});
