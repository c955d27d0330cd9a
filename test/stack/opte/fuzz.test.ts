import { test } from "vitest";
import { fuzz } from "./fuzz.ts";

test("200 000 random frames neither crash the engine nor leave anything behind", { timeout: 120_000 }, () => {
  fuzz(200_000, 1);
});
