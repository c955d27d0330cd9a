import { describe, expect, test } from "vitest";
import { Trace } from "../../src/flow/trace.ts";
import { datagram } from "./routed-bed.ts";
import { sightingOf } from "./sightings.ts";

const crossing = [
  sightingOf({ sequence: 1 }),
  sightingOf({ sequence: 2, behindRouter: true, hopLimit: 63, timestampNanoseconds: 1_000_612_000n }),
];

describe("Trace", () => {
  test("knows the same packet again behind a router, and says what the router changed", () => {
    const { hops } = new Trace(crossing);
    expect(hops.map(({ previous }) => previous?.sequence)).toEqual([undefined, 1]);
    expect(hops[1]?.changes.map(({ layer, field }) => `${layer}.${field}`).toSorted()).toEqual([
      "ethernet.dst",
      "ethernet.src",
      "ipv6.hopLimit",
    ]);
  });

  test("does not take another packet, or the same one sent again, for a hop", () => {
    const { hops } = new Trace([
      sightingOf({ sequence: 1 }),
      sightingOf({ sequence: 2 }),
      sightingOf({ sequence: 3, of: datagram({ onSecondWire: true, text: "another" }), behindRouter: true }),
    ]);
    expect(hops.map(({ previous }) => previous)).toEqual([undefined, undefined, undefined]);
  });

  test("prints wires, arrows and changes", async () => {
    const back = { wire: crossing[1]?.wire ?? "", direction: "bToA", from: "h2:net0", to: "r1:net1" } as const;
    const lost = sightingOf({ ...back, sequence: 3, fate: "loss", timestampNanoseconds: 1_001_000_000n, port: 5 });
    await expect(`${String(new Trace([...crossing, lost]))}\n`).toMatchFileSnapshot("reports/trace.txt");
  });

  test("an empty one says so", () => {
    expect(String(new Trace([]))).toBe("no wire carried anything");
  });
});
