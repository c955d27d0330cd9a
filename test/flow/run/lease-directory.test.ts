import { mkdtemp, readdir, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { expect, test } from "vitest";
import { makeLeaseDirectory } from "../../../src/flow/run/lease-directory.ts";
import { identityWord, ownIdentity } from "../../../src/host/index.ts";

test("the directory of a run is private, and takes the place of those that killed runs left", async () => {
  const dead = await mkdtemp(join(tmpdir(), `kestrel-run-${identityWord({ ...ownIdentity(), startTicks: 1 })}-`));
  await writeFile(join(dead, "s"), "");
  const first = await makeLeaseDirectory();
  const second = await makeLeaseDirectory();
  try {
    expect((await stat(second)).mode & 0o777).toBe(0o700);
    const names = await readdir(tmpdir());
    expect(names).toEqual(expect.arrayContaining([basename(first), basename(second)]));
    expect(names).not.toContain(basename(dead));
  } finally {
    for (const directory of [first, second, dead]) await rm(directory, { recursive: true, force: true });
  }
});
