import { mkdtemp, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { eventually, testbed } from "../../src/index.ts";
import { describePacket } from "../../src/flow/inner-packet.ts";
import { parse, readPcapng } from "../../src/packet/index.ts";
import { hasTmux, kestrel, Terminal } from "./terminal.ts";

const near = "h1:net0--r1:net0";

describe.runIf(hasTmux)("what a person does with a testbed", () => {
  test("mouse, log, commands, impairments, capture, trace, detaching: each does what it says", async () => {
    await using bed = await testbed("routed", { fresh: true });
    const directory = await mkdtemp("/tmp/kestrel-flow-");
    onTestFinished(() => rm(directory, { recursive: true, force: true }));
    const wire = bed.wire(near);
    const terminal = await Terminal.run(`cd ${directory} && ${kestrel} tui ${bed.name}`);
    await terminal.sees(`${bed.name} ● ready`);

    // A click selects, one more opens.
    await terminal.click("● h2");
    await terminal.sees("─ h2 ─");
    await terminal.click("● h2");
    await terminal.sees(/^ +● runtime +running/m);

    await terminal.keys("l");
    await terminal.sees("log of h2");
    await terminal.keys("/", "net0", "Enter");
    await terminal.sees("only: net0");
    await terminal.sees(/net0: renamed from/);
    await terminal.keys("e", "Enter");
    await terminal.type("echo $((6*7))from-h2");
    await terminal.keys("Enter");
    await terminal.sees("42from-h2");
    await terminal.sees("exit code 0");
    await terminal.keys("Enter", "Up");
    await terminal.sees("run in h2 ▶ echo $((6*7))from-h2");
    await terminal.keys("Escape");
    await terminal.sees("next node");

    // Impairments are edited where they are; what is taken out is gone.
    await terminal.click("4 wire");
    await terminal.sees("● up, clean");
    await terminal.keys("i", "loss=25% delay=3ms", "Enter");
    await terminal.sees("▲ impaired");
    await terminal.keys("i");
    await terminal.sees("▶ delay=3ms loss=25%");
    await terminal.keys("C-w", "Enter");
    await eventually(async () => {
      expect((await wire.status()).bToA.settings).toMatchObject({ loss: 0, delayMicroseconds: 3000 });
    });
    await terminal.keys("i", "clean", "Enter");
    await terminal.sees("● up, clean");
    await terminal.keys("f");
    await terminal.sees("flapping");
    await terminal.keys("f");
    await terminal.sees("● up, clean");

    // What a wire carries goes to a file, and is explained where it is clicked.
    await terminal.keys("w");
    await terminal.sees("capture to file ▶");
    await terminal.keys("C-u", "seen.pcapng", "Enter");
    await terminal.sees("● captures to seen.pcapng");
    await bed.node("h1").exec(["ping", "-c", "2", "-i", "0.2", "10.0.2.1"]);
    await terminal.click("ICMP echo reply");
    await terminal.sees(/echo-reply/);
    await terminal.keys("w");
    await terminal.sees(/captured \d+ bytes to seen\.pcapng/);
    const { frames, fault } = readPcapng(await readFile(join(directory, "seen.pcapng")));
    expect(fault).toBeUndefined();
    expect(frames.map(({ frame }) => describePacket(parse(frame)))).toContainEqual(
      expect.stringContaining("ICMP echo reply"),
    );

    // From the drawing: a node, and where to.
    await terminal.click("2 rack");
    await terminal.click("● h1");
    await terminal.sees("─ h1 ─");
    await terminal.keys("t");
    await terminal.sees("trace a packet from h1:net0: to whom");
    await terminal.click("h2  host");
    await terminal.sees("✔ arrived");
    await terminal.sees(/hop limit|time to live/);

    // Detached, it runs on; attached again, it is as it was.
    await terminal.keys("D");
    await terminal.sees("no testbed attached");
    await terminal.click(bed.name);
    await terminal.sees("This testbed runs.");
    await terminal.keys("Enter");
    await terminal.sees(`${bed.name} ● ready`);
    await terminal.keys("q");
    await terminal.isSane();
  });
});
