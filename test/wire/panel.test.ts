import { lstat, readdir } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect } from "vitest";
import type { DirectionCounters } from "../../src/wire/protocol.ts";
import { portSocketPath } from "../../src/wire/port-socket-path.ts";
import { numberedFrame, numberOf } from "./frames.ts";
import { type Wiring, between, portOf, test } from "./panel-fixture.ts";

async function counters(wiring: Wiring, wire = "wire"): Promise<DirectionCounters> {
  const found = (await wiring.panel.statistics()).wires[wire];
  if (found === undefined) throw new Error(`no statistics of ${wire}`);
  return found.aToB;
}

/** Wait until so many frames of the wire have been recorded, and return what was. */
async function recorded(wiring: Wiring, count: number, wire = "wire"): Promise<readonly [number, string][]> {
  let since = 0;
  const found: [number, string][] = [];
  while (found.length < count) {
    const { records, cursor } = await wiring.panel.read({ wires: [wire], since, waitMilliseconds: 30_000 });
    if (records.length === 0) throw new Error(`expected ${count} records of ${wire}, found ${found.length}`);
    found.push(...records.map(({ frame, fate }): [number, string] => [numberOf(frame), fate]));
    since = cursor;
  }
  return found;
}

describe("Panel", () => {
  test("carries frames both ways, counts and records them", async ({ wiring }) => {
    const [a, b] = await wiring.pair();
    a.send(numberedFrame(1), numberedFrame(2, 1500));
    await b.received(2);
    b.send(numberedFrame(3));
    await a.received(1);
    expect([a.numbers, b.numbers]).toEqual([[3], [1, 2]]);
    const { ports, wires } = await wiring.panel.list();
    expect(ports).toMatchObject([
      { name: "a:net0", path: "w/a.net0", connected: true, connections: 1 },
      { name: "b:net0", path: "w/b.net0", connected: true, connections: 1 },
    ]);
    expect(wires).toMatchObject([
      {
        name: "wire",
        up: true,
        aToB: { counters: { frames: 2, bytes: 1564, deliveredFrames: 2, deliveredBytes: 1564 } },
        bToA: { counters: { frames: 1, bytes: 64 } },
        recording: { frames: 3, overwrittenFrames: 0 },
      },
    ]);
    const { records, lost, more } = await wiring.panel.read({ since: 0 });
    expect(records.map(({ sequence, direction, fate, frame }) => [sequence, direction, fate, frame])).toEqual([
      [0, "aToB", "delivered", numberedFrame(1)],
      [1, "aToB", "delivered", numberedFrame(2, 1500)],
      [2, "bToA", "delivered", numberedFrame(3)],
    ]);
    expect([lost, more]).toEqual([false, false]);
    const age = BigInt(Date.now()) * 1_000_000n - (records[0]?.timestampNanoseconds ?? 0n);
    expect(Math.abs(Number(age))).toBeLessThan(60e9);
  });

  test("keeps sockets from others: 0600 in 0700", async ({ wiring }) => {
    await wiring.pair();
    const [directory, socket] = await Promise.all(["w", "w/a.net0"].map((path) => lstat(join(wiring.directory, path))));
    expect([directory, socket].map((facts) => (facts?.mode ?? 0) & 0o777)).toEqual([0o700, 0o600]);
  });

  test("shortens socket paths that would not fit", async ({ wiring }) => {
    const node = "n".repeat(120);
    const [port] = await wiring.panel.configure({ ports: [{ node, port: "net0" }] });
    expect(port?.path).toBe(portSocketPath(node, "net0"));
    expect(port?.path.length).toBeLessThanOrEqual(100);
    await wiring.connect(node);
  });

  test("names everything wrong with a configuration at once, and adds nothing of it", async ({ wiring }) => {
    await wiring.pair();
    const wrong = wiring.panel.configure({
      ports: [
        { node: "a", port: "net0" },
        { node: "c", port: "net0" },
      ],
      wires: [
        { name: "wire", ends: [portOf("x"), { segment: "lan" }] },
        { name: "other", ends: [portOf("b"), null], aToB: { loss: 2 } },
      ],
    });
    await expect(wrong).rejects.toMatchObject({
      kind: "input",
      message:
        "add to the panel: port a:net0 exists already; wire wire exists already; " +
        "wire wire ends at port x:net0, which does not exist; wire wire ends at segment lan, which does not exist; " +
        "wire other: loss must be a probability from 0 to 1, not 2; " +
        "wire other ends at port b:net0, which is taken by wire wire",
    });
    expect(await readdir(join(wiring.directory, "w"))).toEqual(["a.net0", "b.net0"]);
  });

  test("changes settings at run time, refuses senseless ones with all reasons", async ({ wiring }) => {
    const [a, b] = await wiring.pair();
    await wiring.panel.set("wire", { loss: 1 }, "aToB");
    a.send(numberedFrame(1));
    await recorded(wiring, 1);
    await wiring.panel.set("wire", { loss: 0, mtuBytes: 100 });
    a.send(numberedFrame(2, 200), numberedFrame(3));
    await b.received(1);
    expect(await recorded(wiring, 3)).toEqual([
      [1, "loss"],
      [2, "mtu"],
      [3, "delivered"],
    ]);
    await expect(wiring.panel.set("wire", { loss: -1, delayMicroseconds: Number.NaN })).rejects.toThrow(
      /loss must be .*; delayMicroseconds must be/,
    );
    await expect(wiring.panel.set("wirr", {})).rejects.toThrow(
      "find wire: wirr: expected one of wire, found no such wire",
    );
  });

  test("drops and counts while down or cut", async ({ wiring }) => {
    const [a, b] = await wiring.pair();
    await wiring.panel.down("wire");
    a.send(numberedFrame(1));
    await recorded(wiring, 1);
    await wiring.panel.up("wire");
    await wiring.panel.cut("wire", "aToB");
    a.send(numberedFrame(2));
    b.send(numberedFrame(3));
    await a.received(1);
    await recorded(wiring, 3);
    await wiring.panel.mend("wire");
    a.send(numberedFrame(4));
    await b.received(1);
    expect(b.numbers).toEqual([4]);
    expect((await counters(wiring)).dropped).toMatchObject({ down: 1, cut: 1 });
  });

  test("takes a machine back after a power cycle; the wire keeps counters, settings and recording", async ({
    wiring,
  }) => {
    const [a, b] = await wiring.pair({ aToB: { corrupt: 1 } });
    a.send(numberedFrame(1));
    await b.received(1);
    const again = await wiring.connect("b");
    await b.closed();
    a.send(numberedFrame(2));
    await again.received(1);
    again.send(numberedFrame(3));
    await a.received(1);
    expect(await counters(wiring)).toMatchObject({ frames: 2, deliveredFrames: 2, corrupted: 2 });
    expect(await recorded(wiring, 3)).toHaveLength(3);
  });

  test("counts frames for a machine that is not there as absent", async ({ wiring }) => {
    const [a, b] = await wiring.pair();
    const events = wiring.panel.events(AbortSignal.timeout(30_000))[Symbol.asyncIterator]();
    const gone = events.next();
    await wiring.panel.cursor();
    b.socket.destroy();
    expect((await gone).value).toMatchObject({ type: "port-disconnected", port: "b:net0" });
    a.send(numberedFrame(1));
    expect(await recorded(wiring, 1)).toEqual([[1, "absent"]]);
  });

  test("closes a connection that lost the framing, explains it, and harms nobody else", async ({ wiring }) => {
    const [a, b] = await wiring.pair();
    const events = wiring.panel.events(AbortSignal.timeout(30_000))[Symbol.asyncIterator]();
    const explained = events.next();
    await wiring.panel.cursor();
    a.send(numberedFrame(1));
    a.socket.write(Buffer.from("GET / HTTP/1.1\r\n"));
    await a.closed();
    expect(b.numbers.length).toBeLessThanOrEqual(1);
    expect((await explained).value).toEqual({
      type: "port-disconnected",
      port: "a:net0",
      reason: expect.stringMatching(/a frame of 1195725856 bytes was announced, at most 65550/) as string,
    });
    await b.received(1);
    const again = await wiring.connect("a");
    again.send(numberedFrame(2));
    await b.received(2);
  });

  test("injects frames as if a machine had sent them, recorded with a comment", async ({ wiring }) => {
    const [a, b] = await wiring.pair();
    const sequence = await wiring.panel.inject("wire", "aToB", numberedFrame(7), "probe ✓");
    await wiring.panel.inject("wire", "bToA", numberedFrame(8));
    await Promise.all([a.received(1), b.received(1)]);
    expect([a.numbers, b.numbers]).toEqual([[8], [7]]);
    const { records } = await wiring.panel.read({ since: sequence });
    expect(records.map(({ comment, marks }) => [comment, marks])).toEqual([
      ["probe ✓", ["injected"]],
      [undefined, ["injected"]],
    ]);
    await expect(wiring.panel.inject("wire", "aToB", Buffer.alloc(70_000))).rejects.toThrow("at most 65550 bytes");
  });

  test("waits for records, for some wires only, with a deadline, and can be told to stop waiting", async ({
    wiring,
  }) => {
    const [a] = await wiring.pair();
    await wiring.panel.configure(between("c", "d", { name: "other" }));
    const c = await wiring.connect("c");
    const since = await wiring.panel.cursor();
    const waiting = wiring.panel.read({ wires: ["wire"], since, waitMilliseconds: 30_000 });
    c.send(numberedFrame(1));
    await recorded(wiring, 1, "other");
    a.send(numberedFrame(2));
    expect((await waiting).records.map(({ frame }) => numberOf(frame))).toEqual([2]);
    const next = await wiring.panel.read({ wires: ["wire"], since: (await waiting).cursor, waitMilliseconds: 20 });
    expect(next.records).toEqual([]);
    const stop = new AbortController();
    const endless = wiring.panel.read({ wires: ["wire"], since: next.cursor, waitMilliseconds: 1e6 }, stop.signal);
    stop.abort(new Error("enough"));
    await expect(endless).rejects.toThrow("enough");
  });

  test("reads page by page, in the order of all wires", async ({ wiring }) => {
    const [a, b] = await wiring.pair();
    await wiring.panel.configure(between("c", "d", { name: "other" }));
    const [c, d] = [await wiring.connect("c"), await wiring.connect("d")];
    for (let number = 0; number < 20; number += 2) {
      a.send(numberedFrame(number));
      await b.received(number / 2 + 1);
      c.send(numberedFrame(number + 1));
      await d.received(number / 2 + 1);
    }
    const numbers: number[] = [];
    let page = await wiring.panel.read({ since: 0, limit: 7 });
    for (;;) {
      numbers.push(...page.records.map(({ frame }) => numberOf(frame)));
      if (!page.more) break;
      page = await wiring.panel.read({ since: page.cursor, limit: 7 });
    }
    expect(numbers).toEqual(Array.from({ length: 20 }, (_, index) => index));
  });

  test("says when records were overwritten before they were read", async ({ wiring }) => {
    const [a, b] = await wiring.pair();
    const since = await wiring.panel.cursor();
    const count = 200;
    for (let number = 0; number < count; number += 10) {
      a.send(...Array.from({ length: 10 }, (_, index) => numberedFrame(number + index, 60_000)));
      await b.received(number + 10);
    }
    const { lost, records } = await wiring.panel.read({ since });
    expect(lost).toBe(true);
    expect(numberOf(records[0]?.frame ?? Buffer.alloc(4))).toBeGreaterThan(0);
    const [wire] = (await wiring.panel.list()).wires;
    expect(wire?.recording.overwrittenFrames).toBeGreaterThan(0);
  });

  test("keeps frames unchanged and in order while their receiver is behind", async ({ wiring }) => {
    const [a, b] = await wiring.pair();
    b.socket.pause();
    const sent = Array.from({ length: 600 }, (_, number) => numberedFrame(number, 1500));
    for (const frame of sent) a.send(frame);
    for await (const { wires } of wiring.panel.followStatistics(2, AbortSignal.timeout(30_000))) {
      if (wires["wire"]?.aToB.frames === sent.length) break;
    }
    b.socket.resume();
    const { deliveredFrames } = await counters(wiring);
    await b.received(deliveredFrames);
    expect(deliveredFrames).toBe(sent.length);
    expect(Buffer.concat(b.frames).equals(Buffer.concat(sent))).toBe(true);
  });

  test("moves a running machine's port to another wire, and back to none", async ({ wiring }) => {
    const [a, b] = await wiring.pair();
    await wiring.panel.configure({
      ports: [{ node: "c", port: "net0" }],
      wires: [{ name: "other", ends: [null, portOf("c")] }],
    });
    const c = await wiring.connect("c");
    await wiring.panel.attach("other", 0, { port: "a:net0" });
    a.send(numberedFrame(1));
    await c.received(1);
    await wiring.panel.inject("wire", "bToA", numberedFrame(2));
    expect(await recorded(wiring, 1)).toEqual([[2, "absent"]]);
    await wiring.panel.detach("other", 0);
    const events = (await wiring.panel.list()).wires.find(({ name }) => name === "other");
    expect(events?.ends).toEqual([null, { port: "c:net0" }]);
    await wiring.panel.attach("wire", 0, { port: "a:net0" });
    a.send(numberedFrame(3));
    await b.received(1);
    expect(b.numbers).toEqual([3]);
    await expect(wiring.panel.attach("wire", 0, { port: "z:net0" })).rejects.toThrow("found port z:net0");
  });

  test("adds and removes wires and ports while others run", async ({ wiring }) => {
    const [a, b] = await wiring.pair();
    await wiring.panel.configure(between("c", "d"));
    await wiring.panel.removeWire("c-d");
    await wiring.panel.removePort("c", "net0");
    await wiring.panel.removePort("d", "net0");
    expect(await readdir(join(wiring.directory, "w"))).toEqual(["a.net0", "b.net0"]);
    await wiring.panel.configure(between("c", "d"));
    a.send(numberedFrame(1));
    await b.received(1);
  });

  test("floods all other ports of a segment, each leg with its own impairments and recording", async ({ wiring }) => {
    await wiring.panel.configure({
      ports: ["a", "b", "c"].map((node) => ({ node, port: "net0" })),
      segments: [{ name: "lan" }],
      wires: [
        { name: "leg-a", ends: [portOf("a"), { segment: "lan" }] },
        { name: "leg-b", ends: [{ segment: "lan" }, portOf("b")] },
        { name: "leg-c", ends: [portOf("c"), { segment: "lan" }], bToA: { loss: 1 } },
      ],
    });
    const [a, b, c] = [await wiring.connect("a"), await wiring.connect("b"), await wiring.connect("c")];
    a.send(numberedFrame(1));
    await b.received(1);
    expect(await recorded(wiring, 1, "leg-c")).toEqual([[1, "loss"]]);
    await wiring.panel.set("leg-c", { loss: 0 });
    b.send(numberedFrame(2), numberedFrame(3));
    await Promise.all([a.received(2), c.received(2)]);
    expect([a.numbers, b.numbers, c.numbers]).toEqual([[2, 3], [1], [2, 3]]);
    const { records } = await wiring.panel.read({ since: 0 });
    expect(
      records
        .slice(0, 3)
        .map(({ wire, direction }) => `${wire} ${direction}`)
        .toSorted(),
    ).toEqual(["leg-a aToB", "leg-b aToB", "leg-c bToA"]);
    expect(records[0]?.wire).toBe("leg-a");
  });

  test("delays by the time said, within a machine's scheduling", async ({ wiring }) => {
    const [a, b] = await wiring.pair({ aToB: { delayMicroseconds: 5000 } });
    const start = performance.now();
    a.send(numberedFrame(1));
    await b.received(1);
    expect(performance.now() - start).toBeGreaterThanOrEqual(5);
  });

  test("sends counters at intervals", async ({ wiring }) => {
    const [a, b] = await wiring.pair();
    const stop = new AbortController();
    const statistics = wiring.panel.followStatistics(5, stop.signal)[Symbol.asyncIterator]();
    expect(((await statistics.next()).value as { wires: object }).wires).toMatchObject({
      wire: { aToB: { frames: 0 } },
    });
    a.send(numberedFrame(1));
    await b.received(1);
    for (let frames = 0; frames === 0;) {
      const { value } = (await statistics.next()) as { value: { wires: Record<string, { aToB: DirectionCounters }> } };
      frames = value.wires["wire"]?.aToB.frames ?? 0;
    }
    stop.abort();
  });

  test("ends with its sockets when closed, and says so when killed", async ({ wiring }) => {
    const [a] = await wiring.pair();
    process.kill(wiring.panel.pid, "SIGKILL");
    await a.closed();
    expect(await wiring.panel.ended).toMatchObject({ message: expect.stringContaining("death by SIGKILL") as string });
    await expect(wiring.panel.cursor()).rejects.toThrow("the panel");
  });

  test("removes its sockets when closed", async ({ wiring }) => {
    await wiring.pair();
    await wiring.panel.close();
    expect(await wiring.panel.ended).toBeUndefined();
    expect(await readdir(join(wiring.directory, "w"))).toEqual([]);
    expect(() => process.kill(wiring.panel.pid, 0)).toThrow("ESRCH");
  });

  test("replaces the sockets that a killed panel left behind", async ({ wiring }) => {
    await wiring.pair();
    process.kill(wiring.panel.pid, "SIGKILL");
    await wiring.panel.ended;
    expect(await readdir(join(wiring.directory, "w"))).toEqual(["a.net0", "b.net0"]);
    const { Panel } = await import("../../src/wire/panel.ts");
    await using panel = await Panel.start({ runDirectory: wiring.directory, seed: "again" });
    await panel.configure(between("a", "b"));
    await wiring.connect("a");
  });
});
