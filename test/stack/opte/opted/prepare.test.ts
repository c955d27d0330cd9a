import { readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { expect, test } from "vitest";
import { prepare } from "../../../../src/stack/opte/opted/main.ts";
import { namespacesWork } from "./laboratory.ts";

test.skipIf(!namespacesWork)("a parked opted has rehearsed, and left nothing (root)", async () => {
  const own = (): readonly string[] => readdirSync(tmpdir()).filter((name) => name.startsWith("opted-"));
  const before = own();
  await prepare();
  expect(own()).toEqual(before);
});
