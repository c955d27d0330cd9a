import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { planTopology } from "../../src/topology/index.ts";
import { lineText } from "../../src/tui/line/line.ts";
import { newBed } from "../../src/tui/model/bed.ts";
import { wiresOfPlan } from "../../src/tui/model/wire.ts";
import { drawRack, neighbourOf } from "../../src/tui/rack/drawing.ts";
import { packLanes } from "../../src/tui/rack/lanes.ts";
import { placementOf } from "../../src/tui/rack/placement.ts";
import { recordings, replayed } from "./replay.ts";

/** Racks of switches and sleds, each sled wired to each switch of its rack, each switch to those of the other racks. */
const racks = fc.record({
  racks: fc.integer({ min: 1, max: 4 }),
  switches: fc.integer({ min: 1, max: 2 }),
  sleds: fc.integer({ min: 0, max: 5 }),
});

function planOf({ racks: count, switches, sleds }: { racks: number; switches: number; sleds: number }) {
  const all = <T>(length: number, make: (index: number) => T): T[] => Array.from({ length }, (_, index) => make(index));
  const nodes = all(count, (rack) => [
    ...all(
      switches,
      (s) => [`r${rack}-sw${s}`, [...all(sleds, (h) => `rear${h}`), ...all(count * 2, (q) => `qsfp${q}`)]] as const,
    ),
    ...all(sleds, (h) => [`r${rack}-sled${h}`, all(switches, (s) => `net${s}`)] as const),
  ]).flat();
  return planTopology({
    name: "racks",
    nodes: Object.fromEntries(
      nodes.map(([name, ports]) => [
        name,
        {
          kind: name.includes("sw") ? ("router" as const) : ("host" as const),
          ports: Object.fromEntries(ports.map((port) => [port, []])),
        },
      ]),
    ),
    wires: all(count, (rack) => [
      ...all(sleds, (h) =>
        all(switches, (s): [string, string] => [`r${rack}-sw${s}:rear${h}`, `r${rack}-sled${h}:net${s}`]),
      ).flat(),
      ...all(rack, (other): [string, string] => [`r${rack}-sw0:qsfp${other}`, `r${other}-sw0:qsfp${count + rack}`]),
    ]).flat(),
  });
}

test("of any racks no two boxes overlap, and everything is inside the drawing", () => {
  fc.assert(
    fc.property(racks, fc.constantFrom("roomy", "tight"), (size, spacing) => {
      const plan = planOf(size);
      const { boxes, wires, width, height } = placementOf(plan, spacing);
      const areas = [...boxes.values()];
      expect(boxes.size).toBe(plan.nodes.length);
      expect(wires.map(({ name }) => name).toSorted()).toEqual(plan.wires.map(({ name }) => name).toSorted());
      for (const [index, one] of areas.entries()) {
        expect(one.x >= 0 && one.y >= 0 && one.x + one.width <= width && one.y + one.height <= height).toBe(true);
        for (const other of areas.slice(index + 1))
          expect(
            one.x + one.width <= other.x ||
              other.x + other.width <= one.x ||
              one.y + one.height <= other.y ||
              other.y + other.height <= one.y,
          ).toBe(true);
      }
      const labels = new Set(wires.map(({ label }) => `${label.x},${label.y}`));
      expect(labels.size).toBe(wires.length);
    }),
  );
});

test("of any racks in any room everything can be reached with the arrow keys or is listed", () => {
  fc.assert(
    fc.property(racks, fc.integer({ min: 40, max: 200 }), fc.integer({ min: 8, max: 60 }), (size, width, height) => {
      const plan = planOf(size);
      const bed = newBed("racks", plan, wiresOfPlan(plan));
      const { lines, spots } = drawRack(bed, undefined, width, height);
      expect(lines.length).toBeLessThanOrEqual(height);
      for (const line of lines) expect(lineText(line).length).toBeLessThanOrEqual(width);
      for (const { area } of spots) expect(area.x + area.width <= width && area.y + area.height <= height).toBe(true);
    }),
  );
});

test("lanes of a gap never touch", () => {
  const crossing = fc.record({ net: fc.stringMatching(/^[a-e]$/), upper: fc.nat(60), lower: fc.nat(60) });
  fc.assert(
    fc.property(fc.array(crossing, { maxLength: 20 }), (crossings) => {
      const { count, laneOf } = packLanes(crossings);
      for (const [net, lane] of laneOf) {
        expect(lane).toBeLessThan(count);
        for (const [other, otherLane] of laneOf) {
          if (net >= other || lane !== otherLane) continue;
          const span = (name: string) =>
            crossings.filter((each) => each.net === name).flatMap(({ upper, lower }) => [upper, lower]);
          const [a, b] = [span(net), span(other)];
          expect(Math.max(...a) < Math.min(...b) || Math.max(...b) < Math.min(...a)).toBe(true);
        }
      }
    }),
  );
});

describe("drawings", () => {
  test.each(recordings)("%s", (recording) => {
    const { bed } = replayed(recording, { columns: 80, rows: 24 });
    if (bed === undefined) throw new Error("no testbed");
    const plain = newBed(bed.name, bed.plan, wiresOfPlan(bed.plan));
    const text = drawRack(plain, undefined, 78, 16).lines.map(lineText).join("\n");
    expect(text).toMatchSnapshot();
  });
});

test("arrow keys go to the box that lies there", () => {
  const { bed } = replayed("routed", { columns: 80, rows: 24 });
  if (bed === undefined) throw new Error("no testbed");
  const { spots } = drawRack(bed, undefined, 78, 16);
  const h1 = { kind: "node", name: "h1" } as const;
  expect(neighbourOf(spots, h1, 1, 0)).toEqual({ kind: "node", name: "h2" });
  expect(neighbourOf(spots, { kind: "node", name: "r1" }, 0, 1)?.kind).toBe("wire");
  expect(neighbourOf(spots, h1, 0, 1)).toBeUndefined();
});
