import { expect, test } from "vitest";
import { killRounds } from "./kill-rounds.ts";

test(
  "killed at any moment, nexus leaves a database with each mutation whole or not at all",
  { timeout: 300_000 },
  async () => {
    const { faults, mutations, interrupted } = await killRounds(5, "short");
    expect(faults).toEqual([]);
    expect(interrupted).toBe(5);
    expect(mutations).toBeGreaterThan(5);
  },
);
