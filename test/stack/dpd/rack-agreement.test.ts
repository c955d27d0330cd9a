import fc from "fast-check";
import { expect, test } from "vitest";
import { type Arrival, arrivals, busyRack, ports } from "./busy-rack.ts";
import type { RackSwitch } from "./rack-switch.ts";

const runs = Number(process.env["KESTREL_RUNS"] ?? 300);

/** Packets that were right before some bytes changed and an end was cut off. */
const spoiled: fc.Arbitrary<Arrival> = fc
  .record({
    arrival: fc.constantFrom(...arrivals()),
    port: fc.option(fc.constantFrom(...ports)),
    changes: fc.array(fc.tuple(fc.nat({ max: 160 }), fc.nat({ max: 255 })), { maxLength: 3 }),
    cut: fc.option(fc.nat({ max: 160 })),
  })
  .map(({ arrival, port, changes, cut }) => {
    const bytes = Uint8Array.from(arrival.bytes.subarray(0, cut ?? undefined));
    for (const [at, value] of changes) if (at < bytes.length) bytes[at] = value;
    return { port: port ?? arrival.port, bytes };
  });

/** What became of packets, by the switch's own account. */
function accounts(rack: RackSwitch): unknown {
  const { received, sent, dropped, faults } = rack.control.engine.counters;
  return {
    received,
    sent,
    dropped,
    faults: [...faults],
    drops: Array.from({ length: 32 }, (_, code) => rack.drops(code)),
  };
}

test(
  "the rack's program does the same compiled and interpreted, and loses no packet without a reason",
  { timeout: 120_000 },
  () => {
    fc.assert(
      fc.property(fc.array(spoiled, { minLength: 1, maxLength: 6 }), (packets) => {
        const [compiled, interpreted] = [busyRack("compiled"), busyRack("interpreted")];
        for (const { port, bytes } of packets) {
          expect(compiled.sendBytes(port, bytes)).toEqual(interpreted.sendBytes(port, bytes));
        }
        expect(accounts(compiled)).toEqual(accounts(interpreted));
        const { received, sent } = compiled.control.engine.counters;
        const counted = Array.from({ length: 32 }, (_, code) => compiled.drops(code)).reduce(
          (sum, count) => sum + count,
          0,
        );
        expect(sent + counted).toBe(received);
        expect(compiled.control.engine.counters.faults.size).toBe(0);
      }),
      { numRuns: runs },
    );
  },
);
