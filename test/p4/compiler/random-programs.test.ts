import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compiled } from "./compile-program.ts";
import { PipelineEvaluator } from "./pipeline-evaluator.ts";
import type { Variables } from "./random-piece.ts";
import { globalNames, randomProgram } from "./random-program.ts";

/** What a program leaves in its variables: by the language, and by its JSON. */
function outcomes(seed: number, start: readonly number[]): { byLanguage: string; byJson: string; text: string } {
  const { text, run } = randomProgram(seed);
  const variables: Variables = new Map(globalNames.map((name, index) => [name, { value: start[index] ?? 0 }]));
  run(variables);
  const fields = new Map(globalNames.map((name, index) => [`scalars.${name}`, BigInt(start[index] ?? 0)]));
  new PipelineEvaluator(compiled(text), fields).run("ingress");
  return {
    byLanguage: globalNames.map((name) => variables.get(name)?.value).join(),
    byJson: globalNames.map((name) => fields.get(`scalars.${name}`)).join(),
    text,
  };
}

describe("random programs", { timeout: 60_000 }, () => {
  it("do what the language says: calls, copies, branches, loops, tables and leaving early", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 2 ** 31 }),
        fc.array(fc.integer({ min: 0, max: 255 }), { minLength: 4, maxLength: 4 }),
        (seed, start) => {
          const { byLanguage, byJson } = outcomes(seed, start);
          expect(byJson).toBe(byLanguage);
        },
      ),
      { numRuns: 100, seed: 1, endOnFailure: true },
    );
  });
});
