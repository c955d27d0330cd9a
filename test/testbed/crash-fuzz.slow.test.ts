import { test } from "vitest";
import { expectKillsToLeaveNothing } from "./crash-rounds.ts";

test("kill -9 at random moments, 4 rounds: nothing is left behind", { timeout: 600_000 }, () =>
  expectKillsToLeaveNothing(4),
);
