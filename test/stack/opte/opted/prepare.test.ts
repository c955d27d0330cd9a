import { readdir } from "node:fs/promises";
import { expect, test, vi } from "vitest";
import { prepare } from "../../../../src/stack/opte/opted/main.ts";
import { scratch } from "../../../host/scratch.ts";
import { namespacesWork } from "./laboratory.ts";

test.skipIf(!namespacesWork)("a parked opted has rehearsed, and left nothing (root)", async () => {
  await using directory = await scratch();
  vi.stubEnv("TMPDIR", directory.path);
  await prepare();
  expect(await readdir(directory.path)).toEqual([]);
});
