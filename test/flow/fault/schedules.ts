import fc from "fast-check";
import type { Fault } from "../../../src/flow/fault/fault.ts";
import {
  clockStep,
  cut,
  down,
  impaired,
  type Impairment,
  killed,
  paused,
  powerCycled,
} from "../../../src/flow/fault/index.ts";
import { during, type FaultSchedule, inTurn, repeated, together } from "../../../src/flow/fault/index.ts";
import { firstWire, plan, secondWire } from "../routed-bed.ts";

const wire = fc.constantFrom(firstWire, secondWire);
const node = fc.constantFrom(...plan.nodes.map(({ name }) => name));
const probability = fc.integer({ min: 0, max: 1000 }).map((thousandths) => thousandths / 1000);
const oneWay = fc.constantFrom({}, { direction: "aToB" as const }, { direction: "bToA" as const });

export const impairment: fc.Arbitrary<Impairment> = fc
  .record(
    {
      queueBytes: fc.integer({ min: 500, max: 2_000_000 }),
      delayMicroseconds: fc.nat(30_000),
      jitterMicroseconds: fc.nat(30_000),
      loss: probability,
      duplicate: probability,
      reorder: probability,
      corrupt: probability,
      rateBitsPerSecond: fc.integer({ min: 100_000, max: 1_000_000_000 }),
      mtuBytes: fc.integer({ min: 50, max: 2000 }),
    },
    { requiredKeys: [] },
  )
  .filter((settings) => Object.keys(settings).length > 0);

export const wireFault: fc.Arbitrary<Fault> = fc.oneof(
  wire.map(down),
  fc.tuple(wire, oneWay).map(([name, way]) => cut(name, way)),
  fc.tuple(wire, impairment, oneWay).map(([name, settings, way]) => impaired(name, settings, way)),
);

export const anyFault: fc.Arbitrary<Fault> = fc.oneof(
  wireFault,
  fc.tuple(fc.constantFrom(paused, killed, powerCycled), node).map(([fault, name]) => fault(name)),
  fc.tuple(node, fc.integer({ min: 1, max: 5000 })).map(([name, ms]) => clockStep(name, { ms })),
);

/** Schedules that end, of any depth. */
export function schedulesOf(fault: fc.Arbitrary<Fault>): fc.Arbitrary<FaultSchedule> {
  const durationMs = fc.integer({ min: 1, max: 500 });
  const startMs = fc.nat(500);
  return fc.letrec<{ schedule: FaultSchedule }>((tie) => {
    const parts = fc.array(tie("schedule"), { minLength: 1, maxLength: 4 });
    return {
      schedule: fc.oneof(
        { maxDepth: 3, depthSize: "small" },
        fc
          .tuple(fault, startMs, durationMs)
          .map(([what, start, duration]) => during(what, { startMs: start, durationMs: duration })),
        parts.map((all) => together(...all)),
        parts.map((all) => inTurn(...all)),
        fc
          .tuple(tie("schedule"), startMs, durationMs)
          .map(([what, start, duration]) => during(what, { startMs: start, durationMs: duration })),
        fc
          .tuple(tie("schedule"), fc.integer({ min: 1, max: 4 }), durationMs)
          .map(([what, times, everyMs]) => repeated(what, { times, everyMs })),
      ),
    };
  }).schedule;
}
