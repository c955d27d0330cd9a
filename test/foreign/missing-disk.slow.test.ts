import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { commandLine } from "../testbed/command-line.ts";

test("a disk image that is not there is named, with the node", async () => {
  const scratch = await mkdtemp("/tmp/ks-foreign-");
  try {
    await using kestrel = await commandLine();
    const path = join(scratch, "missing.yaml");
    await writeFile(path, "nodes:\n  v1: { kind: vm, disk: ./nowhere.qcow2 }\n");
    const { exitCode, stderr } = await kestrel.run(["up", path]);
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(/v1: .*nowhere\.qcow2.*no such file/s);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
});
