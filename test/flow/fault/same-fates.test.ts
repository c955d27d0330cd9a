import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isWireFault, type WireFault } from "../../../src/flow/fault/fault.ts";
import { advanceFaults } from "../../../src/flow/fault/fault-progress.ts";
import { faultActions, faultWindows } from "../../../src/flow/fault/fault-window.ts";
import { drawCampaign, during, type FaultSchedule, impaired, together } from "../../../src/flow/fault/index.ts";
import { type WireCall, wireCalls, type WireCondition } from "../../../src/flow/fault/wire-condition.ts";
import { fates, type Fate } from "../../../src/wire/index.ts";
import { minimumRingBytes } from "../../../src/wire/record-ring.ts";
import { RingReader } from "../../../src/wire/ring-reader.ts";
import { Wire } from "../../../src/wire/wire.ts";
import { numberedFrame, numberOf } from "../../wire/frames.ts";
import { batchOf, NotingSink, VirtualPanel } from "../../wire/virtual-panel.ts";
import { firstWire, plan, secondWire } from "../routed-bed.ts";
import { impairment, schedulesOf, wireFault } from "./schedules.ts";

/** A frame that enters a wire: when (milliseconds since the one before), where, and how long it is. */
interface Sent {
  readonly afterMs: number;
  readonly wire: string;
  readonly end: 0 | 1;
  readonly bytes: number;
}

const wireNames = [firstWire, secondWire] as const;
const traffic: fc.Arbitrary<readonly Sent[]> = fc.array(
  fc.record({
    afterMs: fc.nat(40),
    wire: fc.constantFrom(...wireNames),
    end: fc.constantFrom(0 as const, 1 as const),
    bytes: fc.integer({ min: 4, max: 400 }),
  }),
  { minLength: 30, maxLength: 60, size: "max" },
);

/** The wires of a panel under a virtual clock, with the faults they have. */
class ModelledWires {
  readonly panel: VirtualPanel;
  readonly sinks = new Map<string, NotingSink>();
  readonly #wires = new Map<string, Wire>();
  readonly #faults = new Map<string, readonly WireFault[]>();
  readonly #bases = new Map<string, WireCondition>();

  constructor(seed: string) {
    this.panel = new VirtualPanel(seed);
    for (const name of wireNames) {
      const wire = new Wire(this.panel, { name, ends: [null, null] }, minimumRingBytes);
      for (const end of [0, 1] as const) {
        const sink = new NotingSink(this.panel);
        wire.to(end).sink = sink;
        this.sinks.set(`${name} ${end}`, sink);
      }
      this.#wires.set(name, wire);
      this.#bases.set(name, condition(wire));
    }
  }

  wire(name: string): Wire {
    const wire = this.#wires.get(name);
    if (wire === undefined) throw new Error(`no wire ${name}`);
    return wire;
  }

  /** Carry out what a moment brings, as the testbed does: by the panel's own verbs. */
  change(name: string, change: (faults: readonly WireFault[]) => readonly WireFault[]): void {
    const wire = this.wire(name);
    const before = this.#faults.get(name) ?? [];
    const after = change(before);
    this.#faults.set(name, after);
    const base = this.#bases.get(name) ?? condition(wire);
    for (const call of wireCalls({ wire: name, base, current: condition(wire), before, after })) carryOut(wire, call);
  }
}

function condition(wire: Wire): WireCondition {
  const { up, aToB, bToA } = wire.status();
  return { up, aToB: aToB.settings, bToA: bToA.settings };
}

function carryOut(wire: Wire, call: WireCall): void {
  if (call.type === "set") wire.set(call.settings, call.direction);
  else wire.setUp(call.type === "up");
}

/** What became of every frame, by its number, and what came out where, when. */
interface Outcome {
  readonly fateOf: ReadonlyMap<number, Fate>;
  readonly arrivals: readonly (readonly [string, NotingSink["arrivals"]])[];
}

/** Send the frames while the schedule runs, all by one virtual clock. */
function play(seed: string, schedule: FaultSchedule, frames: readonly Sent[]): Outcome {
  const model = new ModelledWires(seed);
  let pending = faultActions(faultWindows(schedule));
  const passTo = (timeMs: number): void => {
    for (;;) {
      const atMs = Math.min(timeMs, pending[0]?.atMs ?? timeMs);
      model.panel.advanceTo(atMs * 1000);
      const step = advanceFaults(pending, atMs);
      for (const { type, window } of step.due) {
        const { fault } = window;
        if (!isWireFault(fault)) continue;
        model.change(fault.wire, (faults) =>
          type === "begin" ? [...faults, fault] : faults.toSpliced(faults.indexOf(fault), 1),
        );
      }
      ({ pending } = step);
      if (atMs === timeMs) return;
    }
  };
  let nowMs = 0;
  for (const [number, { afterMs, wire, end, bytes }] of frames.entries()) {
    nowMs += afterMs;
    passTo(nowMs);
    model
      .wire(wire)
      .from(end)
      .enter(batchOf(numberedFrame(number, bytes)));
  }
  passTo(1e9);
  expect(pending).toEqual([]);
  for (const name of wireNames) {
    const { up, aToB, bToA } = model.wire(name).status();
    const clean = new ModelledWires(seed).wire(name).status();
    expect([up, aToB.settings, bToA.settings]).toEqual([true, clean.aToB.settings, clean.bToA.settings]);
  }
  return {
    fateOf: new Map(wireNames.flatMap((name) => [...recordedFates(model.wire(name))])),
    arrivals: [...model.sinks].map(([where, { arrivals }]) => [where, arrivals]),
  };
}

function recordedFates({ ring }: Wire): ReadonlyMap<number, Fate> {
  const reader = new RingReader(ring, "oldest");
  const found = new Map<number, Fate>();
  while (reader.load()) {
    const frame = ring.bytes.subarray(reader.frameStart, reader.frameStart + reader.frameBytes);
    found.set(numberOf(frame), fates[reader.run.fate] ?? "delivered");
    reader.advance();
  }
  return found;
}

function notDelivered({ fateOf }: Outcome): number {
  return [...fateOf.values()].filter((fate) => fate !== "delivered").length;
}

function lost({ fateOf }: Outcome, frames: readonly Sent[], wire: string): readonly number[] {
  return [...fateOf]
    .filter(([number, fate]) => fate === "loss" && frames[number]?.wire === wire)
    .map(([number]) => number);
}

describe("frames on broken wires", () => {
  it("meet the same fate in two runs with the same seed and schedule, one by one", () => {
    let broken = 0;
    fc.assert(
      fc.property(fc.string(), schedulesOf(wireFault), traffic, (seed, schedule, frames) => {
        const once = play(seed, schedule, frames);
        expect(play(seed, schedule, frames)).toEqual(once);
        expect(once.fateOf.size).toBe(frames.length);
        broken += notDelivered(once);
      }),
      { numRuns: 60, seed: 1 },
    );
    expect(broken).toBeGreaterThan(100);
  });

  it("meet the same fate in two runs with the same seed and a campaign drawn from it", () => {
    const kinds = ["down", "flapping", "cut", "one-way-cut", "impaired"] as const;
    const campaign = (seed: string) =>
      drawCampaign(seed, { count: 8, kinds, atOnce: 2, durationMs: { from: 50, to: 400 } }, plan);
    let broken = 0;
    fc.assert(
      fc.property(fc.string(), traffic, (seed, frames) => {
        const once = play(seed, campaign(seed), frames);
        expect(play(seed, campaign(seed), frames)).toEqual(once);
        broken += notDelivered(once);
      }),
      { numRuns: 50, seed: 1 },
    );
    expect(broken).toBeGreaterThan(100);
  });

  it("are lost by the same draws, whatever another fault does to the same wire or to another", () => {
    const kept = during(impaired(firstWire, { loss: 0.4 }), { startMs: 50, durationMs: 600 });
    const harmless = impairment.map(
      ({ duplicate = 0, reorder = 0, delayMicroseconds = 0, jitterMicroseconds = 0 }) => ({
        duplicate,
        reorder,
        delayMicroseconds,
        jitterMicroseconds,
      }),
    );
    const changed = fc.oneof(
      harmless.map((settings) => during(impaired(firstWire, settings), { startMs: 20, durationMs: 300 })),
      schedulesOf(wireFault.filter((fault) => isWireFault(fault) && fault.wire === secondWire)),
    );
    let losses = 0;
    fc.assert(
      fc.property(fc.string(), changed, changed, traffic, (seed, one, other, frames) => {
        const first = lost(play(seed, together(kept, one), frames), frames, firstWire);
        expect(lost(play(seed, together(other, kept), frames), frames, firstWire)).toEqual(first);
        expect(lost(play(seed, kept, frames), frames, firstWire)).toEqual(first);
        losses += first.length;
      }),
      { numRuns: 50, seed: 1 },
    );
    expect(losses).toBeGreaterThan(100);
  });

  it("meet another fate with another seed", () => {
    const frames = Array.from({ length: 64 }, (): Sent => ({ afterMs: 1, wire: firstWire, end: 0, bytes: 64 }));
    const schedule = during(impaired(firstWire, { loss: 0.5 }), { durationMs: 1000 });
    expect(play("one", schedule, frames).fateOf).not.toEqual(play("another", schedule, frames).fateOf);
  });
});
