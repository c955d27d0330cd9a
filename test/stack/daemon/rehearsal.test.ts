import { readdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { z } from "zod";
import { expect, test } from "vitest";
import { rehearse } from "../../../src/stack/daemon/rehearsal.ts";

test("a rehearsal leaves nothing open and no file", async () => {
  const open = (): readonly string[] =>
    process
      .getActiveResourcesInfo()
      .filter((kind) => kind !== "Timeout")
      .toSorted();
  const before = open();
  await rehearse(z.strictObject({ name: z.string() }));
  await expect.poll(open).toEqual(before);
  expect((await readdir(tmpdir())).filter((name) => name.startsWith("kestrel-rehearsal-"))).toEqual([]);
});
