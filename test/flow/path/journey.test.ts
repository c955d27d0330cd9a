import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { journeysOf } from "../../../src/flow/path/journey.ts";
import type { Sighting } from "../../../src/flow/sighting.ts";
import { packet } from "../../../src/packet/index.ts";
import { atTap, geneve, inside, link, onWire, overlayCrossing } from "./overlay-packets.ts";

const places = (sightings: readonly Sighting[]) =>
  journeysOf(sightings).map((journey) => journey.map(({ tap, from, to }) => tap ?? `${from} ${to}`));

describe("journeysOf", () => {
  test("follows a packet through NAT and tunnel", () => {
    expect(places(overlayCrossing())).toEqual([["h1:net0 r1:net0", "r1:net1 r2:net1", "r2:net0 h2:net0"]]);
  });

  test("puts what taps saw where the packet was in their node, whatever their clock says", () => {
    const inR1 = packet(link(7, 8), ...inside({ ttl: 63, src: "10.9.0.1", srcPort: 61_000 }));
    const taps = (error: number) => [
      // One clock for all of r1: 0.2 ms after the other there, but off by `error`.
      atTap(1.5 + error, "r1:gnv0", "out", inR1, 1),
      atTap(1.3 + error, "r1:net0", "in", packet(link(1, 2), ...inside()), 2),
      atTap(2.5, "r2:gnv0", "in", inR1, 3),
    ];
    const expected = [["h1:net0 r1:net0", "r1:net0", "r1:gnv0", "r1:net1 r2:net1", "r2:gnv0", "r2:net0 h2:net0"]];
    fc.assert(
      fc.property(fc.double({ min: -5000, max: 5000, noNaN: true }), (error) => {
        expect(places([...overlayCrossing(), ...taps(error)])).toEqual(expected);
      }),
      { seed: 20261127 },
    );
  });

  test("the same packet sent again is another one; in a loop it is the same", () => {
    const sent = (sequence: number, ttl: number) =>
      onWire(sequence, "r1:net0", "r2:net0", packet(link(1, 2), ...inside({ ttl })));
    expect(places([sent(1, 64), sent(2, 64)])).toHaveLength(2);
    expect(places([sent(1, 64), sent(2, 62), sent(3, 60)])).toHaveLength(1);
  });

  test("packets that look the same keep their order", () => {
    const twice = [1, 2].flatMap((round) => [
      onWire(round, "h1:net0", "r1:net0", packet(link(1, 2), ...inside())),
      onWire(round + 2, "r1:net1", "h2:net0", packet(link(3, 4), ...inside({ ttl: 63 }))),
    ]);
    expect(journeysOf(twice).map((journey) => journey.map(({ sequence }) => sequence))).toEqual([
      [1, 3],
      [2, 4],
    ]);
  });

  test("an answer that carries the same is no hop of the question", () => {
    const question = onWire(1, "h1:net0", "h2:net0", packet(link(1, 2), ...inside({ ttl: 63 })));
    const answer = onWire(2, "h2:net0", "h1:net0", packet(link(2, 1), ...inside({ ttl: 64 })), { direction: "bToA" });
    expect(places([question, answer])).toHaveLength(2);
  });

  test("of two packets in tunnels each is followed by itself", () => {
    const both = ["one", "two"].flatMap((text, index) => [
      onWire(index, "h1:net0", "r1:net0", packet(link(1, 2), ...inside({ text }))),
      onWire(index + 2, "r1:net1", "r2:net1", geneve(1, packet(link(1, 2), ...inside({ text })))),
    ]);
    expect(journeysOf(both).map((journey) => journey.map(({ sequence }) => sequence))).toEqual([
      [0, 2],
      [1, 3],
    ]);
  });
});
