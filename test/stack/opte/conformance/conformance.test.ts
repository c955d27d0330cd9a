import { expect, test } from "vitest";
import { scenarios } from "./scenarios.ts";

test.for(scenarios.map((scenario) => [`${scenario.id} ${scenario.name}: ${scenario.shows}`, scenario] as const))(
  "%s",
  ([, scenario]) => {
    scenario.run();
  },
);

test("every scenario has an id of its own", () => {
  expect(new Set(scenarios.map(({ id }) => id)).size).toBe(scenarios.length);
});
