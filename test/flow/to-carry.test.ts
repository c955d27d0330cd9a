import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import "../../src/flow/matchers.ts";
import { masked } from "../../src/flow/frame-mask.ts";
import { type FlowStep, onStep } from "../../src/flow/timeline.ts";
import { allOf, anyOf, noneOf } from "../../src/flow/watched.ts";
import { arp, build, ethernet, packet } from "../../src/packet/index.ts";
import { datagram, firstWire, RoutedBed, secondWire } from "./routed-bed.ts";

const whoHas = packet(
  ethernet({ src: "02:00:00:00:00:01", dst: "ff:ff:ff:ff:ff:ff" }),
  arp({ operation: "request", senderMac: "02:00:00:00:00:01", senderIp: "10.0.1.1", targetIp: "10.0.1.254" }),
);

let routed: RoutedBed;

beforeAll(async () => {
  routed = await RoutedBed.open();
});
afterAll(() => routed[Symbol.asyncDispose]());
beforeEach(async () => {
  routed.status.nodes.length = 0;
  for (const name of [firstWire, secondWire]) await routed.bed.wire(name).mend();
  await routed.bed.mark();
});

describe("toCarry", () => {
  test("finds frames in order, sent before and after it began to look", async () => {
    const { bed } = routed;
    await bed.port("h1:net0").send(datagram());
    const waiting = expect(bed.wire(secondWire)).toCarry([
      { from: "r1:net1", ipv6: { hopLimit: 63 } },
      { from: "r1:net1", udp: { dstPort: 10 } },
    ]);
    routed.send("r1:net1", datagram({ hopLimit: 63, onSecondWire: true }));
    routed.send("r1:net1", datagram({ hopLimit: 63, onSecondWire: true, port: 10 }));
    await waiting;
    await expect(bed.wire(firstWire)).toCarry({ from: "h1:net0", ipv6: { hopLimit: 64 } });
  });

  test("does not find what came before the last send, unless asked for", async () => {
    const { bed } = routed;
    await bed.port("h1:net0").send(datagram({ text: "first" }));
    await bed.port("h1:net0").send(datagram({ text: "second" }));
    const first = { payload: { data: (data: Uint8Array) => Buffer.from(data).toString() === "first" } };
    await expect(bed.wire(firstWire)).not.toCarry(first, { within: 20 });
    await expect(bed.wire(firstWire)).toCarry(first, { since: 0 });
  });

  test("a failure shows the pattern, the closest frame field by field, and what other wires carried", async () => {
    const { bed } = routed;
    await bed.port("h1:net0").send(datagram());
    routed.send("h1:net0", whoHas);
    routed.send("h1:net0", datagram({ port: 11 }));
    await expect(bed.wire(firstWire)).toCarry({ udp: { dstPort: 11 } });
    routed.send("r1:net1", datagram({ hopLimit: 63, onSecondWire: true }));
    await expect(bed.wire(secondWire)).toCarry({ ipv6: { hopLimit: 63 } });
    routed.status.nodes.push({ name: "r1", state: "failed", failure: { message: "QEMU died" } });

    const failing = expect(bed.wire(firstWire)).toCarry(
      [
        { from: "h1:net0", udp: {} },
        { from: "h1:net0", ipv6: { hopLimit: 64 }, udp: { dstPort: 10 } },
      ],
      { within: 20 },
    );
    const message = await failing.then(
      () => "it passed",
      (error: unknown) => (error as Error).message,
    );
    const text = message.replaceAll(/\+\d+\.\d{3} ms/g, "+TIME");
    await expect(text).toMatchFileSnapshot("reports/second-frame-missing.txt");
  });

  test("a frame that should not come is reported as such", async () => {
    const { bed } = routed;
    await bed.port("h1:net0").send(datagram());
    await expect(expect(bed.wire(firstWire)).not.toCarry({ udp: {} })).rejects.toThrow(
      /carried the frame that it should not carry/,
    );
  });

  test("a frame that the wire lost counts only for who asks for its fate", async () => {
    const { bed } = routed;
    await bed.wire(firstWire).cut();
    await bed.port("h1:net0").send(datagram());
    await expect(bed.wire(firstWire)).toCarry({ udp: {}, fate: "cut" });
    await expect(bed.wire(firstWire)).not.toCarry({ udp: {} }, { within: 20 });
  });

  test("background is passed over, also by `only`, unless a pattern names it", async () => {
    const { bed } = routed;
    await bed.mark();
    routed.send("h1:net0", whoHas);
    routed.send("h1:net0", datagram());
    await expect(bed.wire(firstWire)).toCarry({ udp: {} }, { only: true });
    await expect(bed.wire(firstWire)).toCarry([{ arp: {} }, { udp: {} }]);
    await expect(bed.wire(firstWire)).not.toCarry({ ethernet: { dst: "ff:ff:ff:ff:ff:ff" } }, { within: 20 });
  });

  test("`only` fails at the first other frame", async () => {
    const { bed } = routed;
    await bed.port("h1:net0").send(datagram({ port: 1 }));
    await expect(expect(bed.wire(firstWire)).toCarry({ udp: { dstPort: 2 } }, { only: true })).rejects.toThrow(
      /carried something else than the frame expected/,
    );
  });

  test("a whole frame is expected as a packet, as bytes, or masked", async () => {
    const { bed } = routed;
    const sent = datagram();
    await bed.port("h1:net0").send(sent);
    routed.send("r1:net1", datagram({ hopLimit: 63, onSecondWire: true }));
    await expect(bed.wire(firstWire)).toCarry([sent]);
    await expect(bed.wire(firstWire)).toCarry(build(sent));
    await expect(bed.wire(secondWire)).toCarry(masked(sent).ignoring("ethernet").ignoring("ipv6", "hopLimit"));
    await expect(expect(bed.wire(secondWire)).toCarry(sent, { within: 20 })).rejects.toThrow(
      /expected, in this order:\n {2}✗ 1\. exactly IPv6 fd00:1::1 > fd00:2::2[^]*✗ ipv6\.hopLimit +expected 64, found 63/,
    );
  });

  test("frames may be counted, with a bound from above, from below, or both", async () => {
    const { bed } = routed;
    await bed.mark();
    for (const port of [9, 10, 9]) routed.send("h1:net0", datagram({ port }));
    const wire = bed.wire(firstWire);
    const nine = { udp: { dstPort: 9 } };
    await expect(wire).toCarry(nine, { exactly: 2, quietFor: 20 });
    await expect(wire).toCarry([nine, { udp: { dstPort: 10 } }], { atLeast: 1, within: 20 });
    await expect(wire).toCarry(nine, { atMost: 2, within: 20 });
    await expect(expect(wire).toCarry(nine, { exactly: 1 })).rejects.toThrow(
      /carried the frame 2 times, expected exactly once/,
    );
    await expect(expect(wire).toCarry(nine, { atLeast: 3, within: 20 })).rejects.toThrow(
      /carried the frame 2 times within 20 ms, expected at least 3 times/,
    );
    await expect(expect(wire).toCarry(nine, { exactly: 2, only: true, quietFor: 20 })).rejects.toThrow(
      /carried something else than the frame expected: IPv6 .* UDP 4000 > 10/,
    );
    await expect(expect(wire).toCarry(nine, { atLeast: 3, atMost: 4, within: 20 })).rejects.toThrow(
      /carried the frame 2 times within 20 ms, expected from 3 to 4 times/,
    );
    for (const senseless of [{ exactly: 2, atMost: 3 }, { atLeast: 3, atMost: 2 }, { exactly: 1.5 }, { atMost: -1 }])
      await expect(expect(wire).toCarry(nine, senseless)).rejects.toThrow(/^count frames: toCarry: expected either/);
  });

  test("frames may come in any order", async () => {
    const { bed } = routed;
    await bed.mark();
    for (const port of [9, 10]) routed.send("h1:net0", datagram({ port }));
    const wanted = [{ udp: { dstPort: 10 } }, { udp: { dstPort: 9 } }];
    await expect(bed.wire(firstWire)).toCarry(wanted, { inAnyOrder: true, only: true });
    await expect(expect(bed.wire(firstWire)).toCarry(wanted, { within: 20 })).rejects.toThrow(
      /did not carry frame 2 of 2/,
    );
  });

  test("what is background can be said", async () => {
    const { bed } = routed;
    await bed.mark();
    routed.send("h1:net0", whoHas);
    routed.send("h1:net0", datagram());
    await expect(expect(bed.wire(firstWire)).toCarry({ udp: {} }, { only: true, background: "none" })).rejects.toThrow(
      /something else than the frame expected: ARP who has 10\.0\.1\.254/,
    );
    await expect(bed.wire(firstWire)).toCarry({ udp: {} }, { only: true, background: ["arp"] });
  });

  test("any, all or none of several wires carry the frames", async () => {
    const { bed } = routed;
    const [first, second] = [bed.wire(firstWire), bed.wire(secondWire)];
    await bed.port("h1:net0").send(datagram());
    await expect(anyOf(second, first)).toCarry({ udp: {} });
    await expect(noneOf(first, second)).toCarry({ tcp: {} }, { within: 20 });
    await expect(expect(allOf(first, second)).toCarry({ udp: {} }, { within: 20 })).rejects.toThrow(
      /^expected each of 2 to carry it, 1 did\nwire r1:net1--h2:net0 did not carry the frame expected within 20 ms/,
    );
    await expect(expect(noneOf(first, second)).toCarry({ udp: {} })).rejects.toThrow(
      /^expected none of 2 to carry it, 1 did\nwire h1:net0--r1:net0 carried the frame that it should not carry/,
    );
    await expect(expect(anyOf(first, second)).toCarry({ tcp: {} }, { within: 20 })).rejects.toThrow(
      /expected at least one of 2 to carry it, none did\n[^]*closest frame on wire h1:net0--r1:net0[^]*closest frame on wire r1/,
    );
    await expect(anyOf(first, second)).not.toCarry({ tcp: {} }, { within: 20 });
  });

  test("each step is told to the timeline", async () => {
    const { bed } = routed;
    const steps: FlowStep[] = [];
    const stop = onStep((step) => steps.push(step));
    await bed.port("h1:net0").send(datagram());
    await expect(bed.wire(firstWire)).toCarry({ udp: { dstPort: 9 } });
    await expect(expect(bed.wire(firstWire)).not.toCarry({ udp: {} })).rejects.toThrow();
    stop();
    expect(steps.map(({ kind, text, outcome }) => [kind, text, outcome])).toEqual([
      ["send", "send from h1:net0: IPv6 fd00:1::1 > fd00:2::2 hlim 64 UDP 4000 > 9 (7 bytes)", "done"],
      ["expect", `expect ${firstWire} to carry udp {dstPort: 9}`, "done"],
      ["expect", `expect ${firstWire} not to carry udp`, "failed"],
    ]);
    expect(steps.map(({ testbed, cursor }) => [testbed, cursor])).toEqual(steps.map(() => ["routed-test", bed.cursor]));
  });

  test("a port stands for its wire", async () => {
    const { bed } = routed;
    await bed.port("h1:net0").send(datagram());
    await expect(bed.port("r1:net0")).toCarry({ from: "h1:net0", udp: {} });
  });

  test("a testbed that died is one clear failure", async () => {
    await using mortal = await RoutedBed.open();
    const { bed } = mortal;
    await bed.mark();
    const failing = expect(expect(bed.wire(firstWire)).toCarry({ udp: {} })).rejects.toThrow(
      /watch h1:net0--r1:net0: routed-test: expected a testbed that lives until the end of the test, found that its supervisor is gone/,
    );
    mortal.status.alive = false;
    process.kill(mortal.panel.pid, "SIGKILL");
    await failing;
  });

  test.for([
    ["a wire", "h1:net0-r1:net0", /did you mean|no such wire/],
    ["a port", "h1:net7", /no such port/],
  ] as const)("%s that is not there is refused", async ([, name, message]) => {
    const { bed } = routed;
    const watch = async (): Promise<void> => {
      await expect(name.includes("-") ? bed.wire(name) : bed.port(name)).toCarry({ udp: {} }, { within: 20 });
    };
    await expect(watch()).rejects.toThrow(message);
  });

  test("a port that is plugged into nothing cannot send", async () => {
    const { bed } = routed;
    await bed.wire(firstWire).unplug("a");
    await expect(bed.port("h1:net0").send(datagram())).rejects.toThrow(/plugged into nothing/);
    await bed.wire(firstWire).plug("a", "h1:net0");
    await bed.port("h1:net0").send(datagram());
    await expect(bed.wire(firstWire)).toCarry({ from: "h1:net0" });
  });
});
