import { expect, test } from "vitest";
import { compileRack } from "./rack-switch.ts";

test("the rack's program compiles to the same JSON each time", () => {
  expect(compileRack()).toBe(compileRack());
});
