import { test } from "vitest";
import { fuzz } from "./fuzz.ts";

test.for(Array.from({ length: 50 }, (_, i) => i + 2))("200 000 random frames, seed %i", (seed) => {
  fuzz(200_000, seed);
});
