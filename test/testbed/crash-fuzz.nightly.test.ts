import { test } from "vitest";
import { expectKillsToLeaveNothing } from "./crash-rounds.ts";

test("kill -9 at random moments, 40 rounds: nothing is left behind", { timeout: 1_800_000 }, () =>
  expectKillsToLeaveNothing(40),
);
