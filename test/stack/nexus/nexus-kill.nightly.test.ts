import { expect, test } from "vitest";
import { killRounds } from "./kill-rounds.ts";

test("a hundred times killed at any moment, nexus leaves a database with each mutation whole or not at all", async () => {
  const { faults, interrupted } = await killRounds(100, "nightly");
  expect(faults).toEqual([]);
  expect(interrupted).toBe(100);
});
