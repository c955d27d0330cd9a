import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { destination, farMac, nearMac, probeAddress, SimulatedPaths, source } from "./simulated-paths.ts";
import { probeFrame } from "../../../src/stack/multipath/engine/frame.ts";
import { parseIpv6 } from "../../../src/packet/ipv6-address.ts";

const steady = (milliseconds: number) => () => milliseconds;
const nothing = (): undefined => undefined;

describe("shares follow delays", () => {
  test("equal paths keep equal shares, and nothing is ever told", () => {
    const paths = new SimulatedPaths([steady(2), steady(2)]);
    paths.run(60_000);
    expect(paths.told).toEqual([]);
    expect(paths.near.status()[0]?.paths).toMatchObject([{ delayMicroseconds: 2000 }, { delayMicroseconds: 2000 }]);
  });

  test("a delay on one path lowers its share by the rule, and its removal gives it back", () => {
    const paths = new SimulatedPaths([steady(2), steady(2)]);
    paths.run(5000);
    paths.behave(0, steady(22));
    paths.run(10_000);
    // D = 23 and 3 milliseconds.
    expect(paths.share(0)).toBeCloseTo(3 / 26, 1);
    paths.behave(0, steady(2));
    paths.run(10_000);
    expect(paths.share(0)).toBe(0.5);
    expect(paths.weights).toBeUndefined();
  });

  test(
    "more delay, less share, for any number of paths; taken away, shares are equal again",
    { timeout: 30_000 },
    () => {
      fc.assert(
        fc.property(
          fc.integer({ min: 2, max: 6 }),
          fc.integer({ min: 1, max: 20 }),
          fc.array(fc.integer({ min: 1, max: 150 }), { minLength: 2, maxLength: 4 }),
          fc.string(),
          (count, base, added, seed) => {
            const paths = new SimulatedPaths(
              Array.from({ length: count }, () => steady(base)),
              {},
              seed,
            );
            paths.run(3000);
            let before = paths.share(0);
            for (const more of added.sort((one, other) => one - other)) {
              paths.behave(0, steady(base + more));
              paths.run(15_000);
              expect(paths.share(0)).toBeLessThanOrEqual(before);
              before = paths.share(0);
              for (const weight of paths.weights?.values() ?? []) {
                expect(weight).toBeGreaterThanOrEqual(1);
                expect(weight).toBeLessThanOrEqual(255);
              }
            }
            paths.behave(0, steady(base));
            paths.run(15_000);
            expect(paths.weights).toBeUndefined();
          },
        ),
        { numRuns: 10 },
      );
    },
  );

  test("a little noise changes no weights; what changes them does so at most once a second", () => {
    const paths = new SimulatedPaths([(now) => 2 + (now % 0.3), (now) => 2 + (now % 0.2)]);
    paths.run(60_000);
    expect(paths.told).toEqual([]);
    paths.behave(0, (now) => (Math.floor(now / 3000) % 2 === 0 ? 2 : 80));
    paths.run(60_000);
    expect(paths.told.length).toBeGreaterThan(5);
    for (const [at, { atMs }] of paths.told.entries()) {
      expect(atMs - (paths.told[at - 1]?.atMs ?? -1000)).toBeGreaterThanOrEqual(1000);
    }
  });
});

describe("paths that fail", () => {
  test("a silent path has the least weight, not none, and its share again when it answers", () => {
    const paths = new SimulatedPaths([steady(2), steady(2)]);
    paths.run(3000);
    paths.behave(0, nothing);
    paths.run(5000);
    expect(Object.fromEntries(paths.weights ?? [])).toEqual({ net0: 1, net1: 255 });
    expect(paths.near.status()[0]?.paths[0]).toMatchObject({ silent: true, weight: 1 });
    paths.behave(0, steady(2));
    paths.run(3000);
    expect(paths.weights).toBeUndefined();
  });

  test("when no path answers, none is preferred", () => {
    const paths = new SimulatedPaths([nothing, nothing]);
    paths.run(60_000);
    expect(paths.share(0)).toBe(0.5);
    const [target] = paths.near.status();
    expect(target?.paths.every(({ silent, probesLost }) => silent && probesLost > 100)).toBe(true);
  });

  test("a path that loses every second probe has a smaller share", () => {
    let count = 0;
    const lossy = (): number | undefined => ((count += 1) % 2 === 0 ? 2 : undefined);
    const paths = new SimulatedPaths([lossy, steady(2)]);
    paths.run(20_000);
    expect(paths.share(0)).toBeLessThan(0.2);
    expect(paths.near.status()[0]?.paths[0]?.silent).toBe(false);
  });

  test("an acknowledgment on another interface says nothing about the path", () => {
    const paths = new SimulatedPaths([nothing, steady(2)]);
    paths.run(0);
    const target = parseIpv6(probeAddress);
    // Ask for what is on its way by being the far end of net0 that answers on net1.
    const sent: Uint8Array[] = [];
    for (let at = 0; at < 2000; at += 1) {
      for (const output of paths.near.handle({ kind: "wake" }, at)) {
        if (output.kind === "send" && output.interface === "net0") sent.push(output.frame);
      }
      for (const probe of sent.splice(0)) {
        const bytes = Uint8Array.from(probe);
        bytes.set(nearMac, 0);
        bytes.set(target, 22);
        bytes.set(parseIpv6(source), 38);
        bytes[57] = 0x80;
        paths.near.handle({ kind: "frame", interface: "net1", bytes, start: 0, length: bytes.length }, at);
      }
    }
    const [path] = paths.near.status()[0]?.paths ?? [];
    expect(path?.probesStrayed).toBeGreaterThan(10);
    expect(path).toMatchObject({ silent: false, delayMicroseconds: undefined, probesLost: 0, probesAcknowledged: 0 });
  });

  test("what was known of a path is forgotten when it can be probed no more", () => {
    const paths = new SimulatedPaths([steady(50), steady(2)]);
    paths.run(5000);
    expect(paths.share(0)).toBeLessThan(0.3);
    paths.input({ kind: "neighbours", macs: new Map([["fe80::2%net1", farMac]]) });
    paths.run(15_000);
    expect(paths.near.status()[0]?.paths[0]?.delayMicroseconds).toBeUndefined();
    expect(paths.weights).toBeUndefined();
  });
});

describe("destinations", () => {
  test("new paths are told at once if there were weights; what is known of the others stays", () => {
    const paths = new SimulatedPaths([steady(50), steady(2), steady(2)]);
    paths.setPaths(["net0", "net1"]);
    paths.run(5000);
    const before = paths.told.length;
    paths.setPaths(["net0", "net1", "net2"]);
    expect(paths.told).toHaveLength(before + 1);
    expect([...(paths.weights?.keys() ?? [])]).toEqual(["net0", "net1", "net2"]);
    expect(paths.share(2)).toBeCloseTo(1 / 3, 1);
    expect(paths.share(0)).toBeLessThan(paths.share(1));
    paths.setPaths([]);
    expect(paths.weights).toBeUndefined();
    expect(paths.near.wakeMs).toBeUndefined();
  });

  test("where there is no choice nothing is sent", () => {
    const paths = new SimulatedPaths([steady(2)]);
    paths.run(10_000);
    expect(paths.probes).toBe(0);
  });

  test("a path that was alone for a while is not silent when it has company again", () => {
    const paths = new SimulatedPaths([steady(2), steady(2)]);
    paths.run(1000);
    paths.behave(0, nothing);
    paths.run(450);
    paths.setPaths(["net0"]);
    paths.behave(0, steady(2));
    paths.run(60_000);
    paths.setPaths(["net0", "net1"]);
    paths.input({ kind: "wake" });
    expect(paths.near.status()[0]?.paths[0]).toMatchObject({ silent: false, delayMicroseconds: undefined });
    paths.run(1000);
    expect(paths.near.status()[0]?.paths[0]).toMatchObject({ silent: false, delayMicroseconds: 2000 });
  });

  test("many paths share the allowed probes", () => {
    const paths = new SimulatedPaths([steady(2), steady(2)], { maxProbesPerSecond: 10 });
    paths.run(60_000);
    expect(paths.probes).toBeGreaterThan(500);
    expect(paths.probes).toBeLessThan(700);
  });

  test("an address that is none changes nothing", () => {
    const paths = new SimulatedPaths([steady(2), steady(2)]);
    const wrong = { destination, probeAddress: "nowhere", paths: [] };
    expect(() => {
      paths.input({ kind: "targets", targets: [wrong] });
    }).toThrow(/expected an address/);
    expect(paths.near.status()).toMatchObject([{ destination, probeAddress }]);
  });
});

describe("any course of events", () => {
  test(
    "leaves weights of 1 to 255 for just the paths there are, few probes, no past to wake in",
    { timeout: 30_000 },
    () => {
      const behaviours = fc.option(fc.integer({ min: 0, max: 700 }), { nil: undefined });
      const events = fc.array(
        fc.oneof(
          fc.record({ path: fc.nat({ max: 3 }), delay: behaviours }),
          fc.record({ paths: fc.subarray(["net0", "net1", "net2", "net3"]) }),
          fc.record({ known: fc.subarray([0, 1, 2, 3]) }),
          fc.record({ run: fc.integer({ min: 0, max: 4000 }) }),
        ),
        { maxLength: 20 },
      );
      fc.assert(
        fc.property(events, (course) => {
          const paths = new SimulatedPaths(Array.from({ length: 4 }, () => steady(1)));
          let names: readonly string[] = ["net0", "net1", "net2", "net3"];
          for (const event of course) {
            if ("run" in event) paths.run(event.run);
            else if ("path" in event) paths.behave(event.path, () => event.delay);
            else if ("paths" in event) {
              names = event.paths;
              paths.setPaths(names);
            } else {
              const macs = new Map(event.known.map((at) => [`fe80::2%net${at}`, farMac]));
              paths.input({ kind: "neighbours", macs });
            }
            expect([...(paths.weights?.keys() ?? names)]).toEqual(names);
            for (const weight of paths.weights?.values() ?? []) {
              expect(Number.isInteger(weight) && weight >= 1 && weight <= 255).toBe(true);
            }
          }
          paths.input({ kind: "wake" });
          expect(paths.near.wakeMs ?? Infinity).toBeGreaterThan(paths.nowMs);
          // At most 16 at once beyond the rate, on each of four paths.
          expect(paths.probes).toBeLessThanOrEqual((paths.nowMs / 1000) * 100 * (4 / 3) + 64);
        }),
        { numRuns: 200 },
      );
    },
  );
});

describe("what arrives", () => {
  test("stamps that wrap round are understood", () => {
    const paths = new SimulatedPaths([steady(40), steady(2)]);
    // 16.8 seconds is a whole turn; several pass here.
    paths.run(100_000);
    expect(paths.near.status()[0]?.paths).toMatchObject([{ delayMicroseconds: 40_000 }, { delayMicroseconds: 2000 }]);
    expect(paths.near.status()[0]?.paths[0]?.probesLost).toBe(0);
  });

  test("no bytes of any kind crash the engine or are answered unless they are a probe to this node", () => {
    const probe = probeFrame({
      destinationMac: nearMac,
      sourceMac: farMac,
      source: parseIpv6(probeAddress),
      destination: parseIpv6(source),
      id: 3,
      stamp: 77,
    });
    const paths = new SimulatedPaths([steady(2), steady(2)]);
    paths.input({ kind: "addresses", addresses: [source, "10.0.0.1"] });
    const handle = (bytes: Uint8Array, start: number, length: number): number =>
      paths.near.handle({ kind: "frame", interface: "net0", bytes, start, length }, 0).length;
    expect(handle(probe, 0, probe.length)).toBe(1);
    const spoiled = fc
      .tuple(fc.array(fc.tuple(fc.nat({ max: probe.length - 1 }), fc.nat({ max: 255 })), { maxLength: 4 }), fc.nat(80))
      .map(([changes, cut]) => {
        const bytes = Uint8Array.from(probe);
        for (const [at, value] of changes) bytes[at] = value;
        return bytes.subarray(0, cut);
      });
    fc.assert(
      fc.property(fc.oneof(spoiled, fc.uint8Array({ maxLength: 200 })), fc.nat({ max: 9 }), (frame, start) => {
        const bytes = new Uint8Array(start + frame.length);
        bytes.set(frame, start);
        handle(bytes, start, frame.length);
      }),
      { numRuns: 2000 },
    );
    // Not for this station, not for this node, from a group, from nobody, from itself.
    const changed = (at: number, bytes: Uint8Array): Uint8Array => {
      const frame = Uint8Array.from(probe);
      frame.set(bytes, at);
      return frame;
    };
    for (const frame of [
      changed(0, farMac),
      changed(38, parseIpv6("fd00:9::9")),
      changed(38, parseIpv6("ff02::1")),
      changed(22, parseIpv6("ff02::1")),
      changed(22, parseIpv6("::")),
      changed(22, parseIpv6(source)),
    ]) {
      expect(handle(frame, 0, frame.length)).toBe(0);
    }
  });

  test("probes are answered up to a rate", () => {
    const paths = new SimulatedPaths([steady(2), steady(2)], { maxAcknowledgmentsPerSecond: 10 });
    paths.input({ kind: "addresses", addresses: [source] });
    const probe = probeFrame({
      destinationMac: nearMac,
      sourceMac: farMac,
      source: parseIpv6("fd00:7::1"),
      destination: parseIpv6(source),
      id: 0,
      stamp: 0,
    });
    const answered = (nowMs: number): number =>
      Array.from({ length: 100 }, () =>
        paths.near.handle({ kind: "frame", interface: "net0", bytes: probe, start: 0, length: probe.length }, nowMs),
      ).flat().length;
    expect(answered(0)).toBe(10);
    expect(answered(0)).toBe(0);
    expect(answered(500)).toBe(5);
    expect(answered(60_000)).toBe(10);
  });
});
