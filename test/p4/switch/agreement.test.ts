import fc from "fast-check";
import { expect, test } from "vitest";
import { samples } from "./programs.ts";
import { stateOf, steps, take, twins } from "./twins.ts";

const runs = Number(process.env["KESTREL_RUNS"] ?? 200);

for (const [name, { text, packets, tables }] of Object.entries(samples)) {
  test(`compiled code and interpreter agree on random packets and tables: ${name}`, { timeout: 120_000 }, () => {
    fc.assert(
      fc.property(steps(packets, tables), (sequence) => {
        const [compiled, interpreted] = twins(text);
        for (const [at, step] of sequence.entries()) {
          take(step, compiled, at * 1000);
          take(step, interpreted, at * 1000);
        }
        expect(compiled.events).toEqual(interpreted.events);
        expect(stateOf(compiled)).toEqual(stateOf(interpreted));
      }),
      { numRuns: runs },
    );
  });
}
