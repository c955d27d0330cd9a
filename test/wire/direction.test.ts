import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { cleanDirection, type DirectionSettings } from "../../src/topology/direction-settings.ts";
import { Direction } from "../../src/wire/direction.ts";
import { type Fate, fates } from "../../src/wire/protocol.ts";
import { minimumRingBytes, RecordRing } from "../../src/wire/record-ring.ts";
import { RingReader } from "../../src/wire/ring-reader.ts";
import { numberedFrame, numberOf } from "./frames.ts";
import { batchOf, NotingSink, VirtualPanel } from "./virtual-panel.ts";

interface Setup {
  readonly panel: VirtualPanel;
  readonly sink: NotingSink;
  readonly direction: Direction;
  readonly ring: RecordRing;
}

function setUp(settings: Partial<DirectionSettings>, seed = "seed"): Setup {
  const panel = new VirtualPanel(seed);
  const ring = new RecordRing(minimumRingBytes);
  const direction = new Direction(panel, "wire", 0, ring, settings);
  const sink = new NotingSink(panel);
  direction.sink = sink;
  return { panel, sink, direction, ring };
}

function recordedFates(ring: RecordRing): Map<number, Fate> {
  const reader = new RingReader(ring, "oldest");
  const found = new Map<number, Fate>();
  while (reader.load()) {
    const frame = ring.bytes.subarray(reader.frameStart, reader.frameStart + reader.frameBytes);
    found.set(numberOf(frame), fates[reader.run.fate] ?? "delivered");
    reader.advance();
  }
  return found;
}

/** Send `count` frames of 100 bytes, `spacing` microseconds apart, and let everything arrive. */
function flood({ panel, direction }: Setup, count: number, spacing = 10): void {
  const start = panel.now;
  for (let number = 0; number < count; number += 1) {
    panel.advanceTo(start + number * spacing);
    direction.enter(batchOf(numberedFrame(number, 100)));
  }
  panel.advanceTo(panel.now + 1e9);
}

const probability = fc.oneof(fc.constantFrom(0, 1), fc.double({ min: 0, max: 1, noNaN: true }));
const settings = fc.record(
  {
    cut: fc.boolean(),
    queueBytes: fc.oneof(fc.constant(1_048_576), fc.nat(2000)),
    delayMicroseconds: fc.nat(3000),
    jitterMicroseconds: fc.nat(3000),
    loss: probability,
    duplicate: probability,
    reorder: probability,
    corrupt: probability,
    rateBitsPerSecond: fc.oneof(fc.constant(null), fc.integer({ min: 10_000, max: 1_000_000_000 })),
    mtuBytes: fc.oneof(fc.constant(null), fc.nat(300)),
  },
  { requiredKeys: [] },
);
/** Sizes of the frames of one read, how long after the read before it came, what was changed before it. */
const reads = fc.array(
  fc.record({
    sizes: fc.array(fc.integer({ min: 4, max: 400 }), { minLength: 1, maxLength: 8 }),
    pause: fc.nat(2000),
    change: fc.option(settings, { nil: undefined }),
    up: fc.boolean(),
    connected: fc.boolean(),
    room: fc.oneof(fc.constant(Number.POSITIVE_INFINITY), fc.nat(1000)),
  }),
  { maxLength: 15 },
);

function play(setup: Setup, script: readonly (typeof reads extends fc.Arbitrary<(infer T)[]> ? T : never)[]): number {
  const { panel, sink, direction } = setup;
  let number = 0;
  for (const { sizes, pause, change, up, connected, room } of script) {
    panel.advanceTo(panel.now + pause);
    if (change !== undefined) direction.set({ ...cleanDirection, ...change });
    direction.setUp(up);
    sink.connected = connected;
    sink.room = room;
    direction.enter(batchOf(...sizes.map((size, index) => numberedFrame(number + index, size))));
    number += sizes.length;
    const { frames, duplicated, deliveredFrames, dropped, inFlightFrames } = direction.counters();
    const lost = Object.values(dropped).reduce((sum, count) => sum + count, 0);
    expect(frames + duplicated).toBe(deliveredFrames + lost + inFlightFrames);
  }
  return number;
}

describe("Direction", () => {
  it("loses no frame unaccounted, records each with its fate, and empties itself, whatever changes on the way", () => {
    fc.assert(
      fc.property(settings, reads, (first, script) => {
        const setup = setUp(first);
        const sent = play(setup, script);
        setup.sink.connected = true;
        setup.sink.room = Number.POSITIVE_INFINITY;
        setup.panel.advanceTo(setup.panel.now + 1e12);
        const { duplicated, corrupted, deliveredFrames, dropped, inFlightFrames, inFlightBytes, frames } =
          setup.direction.counters();
        expect(frames).toBe(sent);
        expect([inFlightFrames, inFlightBytes]).toEqual([0, 0]);
        expect(setup.sink.arrivals).toHaveLength(deliveredFrames);
        const fateOf = recordedFates(setup.ring);
        expect(fateOf.size).toBe(sent);
        if (duplicated === 0) {
          for (const reason of Object.keys(dropped) as (keyof typeof dropped)[]) {
            expect([...fateOf.values()].filter((fate) => fate === reason)).toHaveLength(dropped[reason]);
          }
        }
        if (duplicated === 0 && corrupted === 0) {
          const delivered = [...fateOf].filter(([, fate]) => fate === "delivered").map(([number]) => number);
          expect(setup.sink.arrivals.map(({ number }) => number).toSorted((a, b) => a - b)).toEqual(delivered);
        }
      }),
      { numRuns: 300 },
    );
  });

  it("does the same again with the same seed, frame for frame", () => {
    fc.assert(
      fc.property(settings, reads, fc.string(), (first, script, seed) => {
        const [once, again] = [setUp(first, seed), setUp(first, seed)];
        play(once, script);
        play(again, script);
        expect(again.sink.arrivals).toEqual(once.sink.arrivals);
        expect(again.direction.counters()).toEqual(once.direction.counters());
      }),
      { numRuns: 50 },
    );
  });

  it("keeps the order of frames unless they are to be reordered, also while settings change", () => {
    fc.assert(
      fc.property(settings, reads, (first, script) => {
        const inOrder = { reorder: 0, corrupt: 0 };
        const setup = setUp({ ...first, ...inOrder });
        play(
          setup,
          script.map((read) => ({ ...read, change: read.change && { ...read.change, ...inOrder } })),
        );
        setup.panel.advanceTo(setup.panel.now + 1e12);
        const numbers = setup.sink.arrivals.map(({ number }) => number);
        expect(numbers).toEqual(numbers.toSorted((a, b) => a - b));
      }),
      { numRuns: 200 },
    );
  });

  it("draws for each impairment alone: the same frames are lost whatever else is done to them", () => {
    fc.assert(
      fc.property(settings, fc.integer({ min: 1, max: 60 }), (others, toggledAt) => {
        const loss = { loss: 0.3, cut: false, mtuBytes: null, queueBytes: 1_048_576 };
        const [plain, busy] = [setUp({ loss: 0.3 }), setUp({ ...others, ...loss, rateBitsPerSecond: null })];
        flood(plain, 60);
        for (let number = 0; number < 60; number += 1) {
          busy.panel.advanceTo(number * 10);
          if (number === toggledAt) busy.direction.set({ delayMicroseconds: 5, duplicate: 0 });
          busy.direction.enter(batchOf(numberedFrame(number, 100)));
        }
        const lostOf = ({ ring }: Setup): number[] =>
          [...recordedFates(ring)].filter(([, fate]) => fate === "loss").map(([number]) => number);
        expect(lostOf(busy)).toEqual(lostOf(plain));
      }),
      { numRuns: 50 },
    );
  });

  it("draws differently for the two directions, for other wires and for other seeds", () => {
    const lost = (seed: string, wire: string, index: 0 | 1): string => {
      const panel = new VirtualPanel(seed);
      const direction = new Direction(panel, wire, index, new RecordRing(minimumRingBytes), { loss: 0.5 });
      const sink = new NotingSink(panel);
      direction.sink = sink;
      direction.enter(batchOf(...Array.from({ length: 64 }, (_, number) => numberedFrame(number))));
      return sink.arrivals.map(({ number }) => number).join();
    };
    expect(new Set([lost("s", "w", 0), lost("s", "w", 1), lost("s", "v", 0), lost("t", "w", 0)]).size).toBe(4);
  });

  it.each(["loss", "duplicate", "corrupt", "reorder"] as const)("meets a %s probability of 0.2 closely", (name) => {
    const setup = setUp({ [name]: 0.2, delayMicroseconds: name === "reorder" ? 1000 : 0 });
    flood(setup, 5000);
    const { dropped, duplicated, corrupted, reordered } = setup.direction.counters();
    const count = { loss: dropped.loss, duplicate: duplicated, corrupt: corrupted, reorder: reordered }[name];
    // Four standard deviations of a binomial distribution of 5000 and 0.2.
    expect(Math.abs(count - 1000)).toBeLessThan(113);
  });

  it("flips exactly one bit of a corrupted frame, anywhere, and records the frame as it was sent", () => {
    const setup = setUp({ corrupt: 1 });
    const sent = Buffer.alloc(100);
    const bits = new Set<number>();
    for (let count = 0; count < 400; count += 1) setup.direction.enter(batchOf(sent));
    for (const { frame } of setup.sink.arrivals) {
      const flipped = [...frame].flatMap((byte, index) =>
        [0, 1, 2, 3, 4, 5, 6, 7].filter((bit) => (byte & (1 << bit)) !== 0).map((bit) => index * 8 + bit),
      );
      expect(flipped).toHaveLength(1);
      bits.add(flipped[0] ?? -1);
    }
    expect(bits.size).toBeGreaterThan(280);
    expect([...recordedFates(setup.ring).keys()]).toEqual([0]);
  });

  it("delays by the delay and at most the jitter", () => {
    const setup = setUp({ delayMicroseconds: 500, jitterMicroseconds: 100 });
    flood(setup, 500, 1000);
    const latencies = setup.sink.arrivals.map(({ number, at }) => at - number * 1000);
    expect(Math.min(...latencies)).toBeGreaterThanOrEqual(500);
    expect(Math.max(...latencies)).toBeLessThan(600);
    const mean = latencies.reduce((sum, latency) => sum + latency, 0) / latencies.length;
    expect(Math.abs(mean - 550)).toBeLessThan(6);
  });

  it("serialises at the rate and drops what the queue cannot hold", () => {
    const setup = setUp({ rateBitsPerSecond: 800_000, queueBytes: 1000 });
    setup.direction.enter(batchOf(...Array.from({ length: 30 }, (_, number) => numberedFrame(number, 100))));
    expect(setup.direction.counters().dropped.queue).toBe(20);
    setup.panel.advanceTo(1500);
    expect(setup.sink.arrivals).toHaveLength(1);
    setup.direction.enter(batchOf(numberedFrame(30, 100), numberedFrame(31, 100)));
    setup.panel.advanceTo(1e6);
    expect(setup.sink.arrivals.map(({ number, at }) => [number, at])).toEqual(
      [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 30].map((number, index) => [number, (index + 1) * 1000]),
    );
  });

  it("lets reordered frames overtake delayed ones, and only those", () => {
    const setup = setUp({ reorder: 0.5, delayMicroseconds: 55 });
    flood(setup, 200);
    const overtaking = setup.sink.arrivals.filter(({ number, at }) => at === number * 10);
    expect(overtaking).toHaveLength(setup.direction.counters().reordered);
    expect(overtaking.length).toBeGreaterThan(50);
    expect(setup.sink.arrivals.every(({ number, at }) => at === number * 10 || at === number * 10 + 55)).toBe(true);
  });

  it("passes payloads up to the MTU, VLAN tags not counted", () => {
    const setup = setUp({ mtuBytes: 100 });
    const tagged = (type: number, bytes: number): Buffer => {
      const frame = numberedFrame(1, bytes);
      frame.fill(0, 4);
      frame.writeUInt16BE(type, 12);
      return frame;
    };
    const passes = (frame: Buffer): boolean => {
      const before = setup.sink.arrivals.length;
      setup.direction.enter(batchOf(frame));
      return setup.sink.arrivals.length > before;
    };
    expect([tagged(0x0800, 114), tagged(0x0800, 115)].map(passes)).toEqual([true, false]);
    expect([tagged(0x8100, 118), tagged(0x8100, 119)].map(passes)).toEqual([true, false]);
  });

  it("lets no frame overtake those still under way when a delay is lifted", () => {
    const setup = setUp({ delayMicroseconds: 1000 });
    setup.direction.enter(batchOf(numberedFrame(0)));
    setup.direction.set({ delayMicroseconds: 0 });
    setup.direction.enter(batchOf(numberedFrame(1)));
    setup.direction.inject(batchOf(numberedFrame(2)), undefined);
    setup.panel.advanceTo(1000);
    setup.direction.enter(batchOf(numberedFrame(3)));
    expect(setup.sink.arrivals.map(({ number, at }) => [number, at])).toEqual([
      [0, 1000],
      [1, 1000],
      [2, 1000],
      [3, 1000],
    ]);
  });

  it("loses what is under way when the wire is cut, and corrects its record", () => {
    const setup = setUp({ delayMicroseconds: 1000 });
    setup.direction.enter(batchOf(numberedFrame(0)));
    setup.panel.advanceTo(500);
    expect(recordedFates(setup.ring).get(0)).toBe("delivered");
    setup.direction.set({ cut: true });
    setup.direction.set({ cut: false });
    setup.direction.enter(batchOf(numberedFrame(1)));
    setup.panel.advanceTo(5000);
    expect(setup.sink.arrivals.map(({ number }) => number)).toEqual([1]);
    expect([...recordedFates(setup.ring)]).toEqual([
      [0, "cut"],
      [1, "delivered"],
    ]);
  });
});
