import { readdir } from "node:fs/promises";
import { z } from "zod";
import { expect, test, vi } from "vitest";
import { rehearse } from "../../../src/stack/daemon/rehearsal.ts";
import { scratch } from "../../host/scratch.ts";

test("a rehearsal leaves nothing open and no file", async () => {
  await using directory = await scratch();
  vi.stubEnv("TMPDIR", directory.path);
  const sockets = /^(?:PipeServerWrap|TCP|UDP|Poll)/;
  const open = (): readonly string[] => process.getActiveResourcesInfo().filter((kind) => sockets.test(kind));
  await rehearse(z.strictObject({ name: z.string() }));
  await expect.poll(open).toEqual([]);
  expect(await readdir(directory.path)).toEqual([]);
});
