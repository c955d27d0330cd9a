import { execFileSync, spawnSync } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { describe, expect } from "vitest";
import { readPcapng } from "../../src/packet/pcapng-reader.ts";
import { numberedFrame, numberOf } from "./frames.ts";
import { between, test } from "./panel-fixture.ts";

const hasTshark = spawnSync("tshark", ["--version"]).status === 0;

async function captured(bytes: Readable): Promise<ReturnType<typeof readPcapng>> {
  return readPcapng(await buffer(bytes));
}

describe("capture", () => {
  test("writes all wires live: an interface a wire, directions, fates as comments", async ({ wiring }) => {
    const [a, b] = await wiring.pair({ bToA: { loss: 1 } });
    const capture = wiring.panel.capture();
    const file = captured(capture.bytes);
    await wiring.panel.cursor();
    await wiring.panel.configure(between("c", "d"));
    const [c, d] = [await wiring.connect("c"), await wiring.connect("d")];
    a.send(numberedFrame(1), numberedFrame(2));
    await b.received(2);
    c.send(numberedFrame(3));
    await d.received(1);
    await wiring.panel.inject("wire", "bToA", numberedFrame(4), "as if from b");
    capture.stop();
    const { interfaces, frames, fault } = await file;
    expect(fault).toBeUndefined();
    expect(interfaces).toMatchObject([
      { name: "wire", description: "end a: a:net0 (outbound), end b: b:net0 (inbound)" },
      { name: "c-d" },
    ]);
    expect(
      frames.map(({ frame, direction, comment, ...of }) => [
        numberOf(Buffer.from(frame)),
        of.interface.name,
        direction,
        comment,
      ]),
    ).toEqual([
      [1, "wire", "outbound", undefined],
      [2, "wire", "outbound", undefined],
      [3, "c-d", "outbound", undefined],
      [4, "wire", "inbound", "as if from b; dropped: loss; injected"],
    ]);
    const { records } = await wiring.panel.read({ since: 0 });
    expect(frames.map(({ timestampNanoseconds }) => timestampNanoseconds)).toEqual(
      records.map(({ timestampNanoseconds }) => timestampNanoseconds),
    );
  });

  test("writes what the rings hold, of some wires, and ends", async ({ wiring }) => {
    const [a, b] = await wiring.pair();
    await wiring.panel.configure(between("c", "d"));
    const c = await wiring.connect("c");
    c.send(numberedFrame(9));
    a.send(...Array.from({ length: 3000 }, (_, number) => numberedFrame(number, 200)));
    await b.received(3000);
    const query = { wires: ["wire"], includeRecorded: true, follow: false };
    const [{ frames }, again] = await Promise.all([
      captured(wiring.panel.capture(query).bytes),
      captured(wiring.panel.capture(query).bytes),
    ]);
    expect(frames.map(({ frame }) => numberOf(Buffer.from(frame)))).toEqual(Array.from({ length: 3000 }, (_, n) => n));
    expect(again.frames).toEqual(frames);
  });

  test("costs a slow reader frames, which it is told of, and the panel nothing", async ({ wiring }) => {
    const [a, b] = await wiring.pair();
    const capture = wiring.panel.capture();
    await wiring.panel.cursor();
    const count = 300;
    for (let number = 0; number < count; number += 10) {
      a.send(...Array.from({ length: 10 }, (_, index) => numberedFrame(number + index, 60_000)));
      await b.received(number + 10);
    }
    capture.stop();
    const { frames, fault } = await captured(capture.bytes);
    expect(fault).toBeUndefined();
    const told = frames.reduce(
      (sum, { comment }) => sum + Number(/^(\d+) frames before/.exec(comment ?? "")?.[1] ?? 0),
      0,
    );
    expect(told).toBeGreaterThan(0);
    expect(frames.length + told).toBe(count);
  });

  test("fails for a wire that does not exist", async ({ wiring }) => {
    await expect(captured(wiring.panel.capture({ wires: ["nope"] }).bytes)).rejects.toThrow("find wire: nope");
  });

  test.skipIf(!hasTshark)("opens in tshark", async ({ wiring }) => {
    const [a, b] = await wiring.pair({ aToB: { duplicate: 1 } });
    a.send(numberedFrame(1, 60), numberedFrame(2, 61), numberedFrame(3, 62), numberedFrame(4, 63));
    await b.received(8);
    b.send(numberedFrame(5, 1500));
    await a.received(1);
    const { bytes } = wiring.panel.capture({ includeRecorded: true, follow: false });
    const file = join(wiring.directory, "capture.pcapng");
    await writeFile(file, await buffer(bytes));
    const fields = ["frame.interface_name", "frame.len", "frame.packet_flags_direction", "frame.comment"];
    const options = fields.flatMap((field) => ["-e", field]);
    const output = execFileSync("tshark", ["-n", "-r", file, "-T", "fields", ...options], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    });
    const duplicated = [60, 61, 62, 63].map((length) => `wire\t${length}\t0x00000002\tduplicated`);
    expect(output.trimEnd().split("\n")).toEqual(
      [...duplicated, "wire\t1500\t0x00000001\t"].map((line) => line.trimEnd()),
    );
  });
});
