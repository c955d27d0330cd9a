import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { findFlowFiles, shardOf } from "../../../src/flow/run/flow-files.ts";

let root = "";

beforeAll(async () => {
  root = await mkdtemp("/tmp/ks-flows-");
  const paths = ["flows/b.flow.ts", "flows/deep/a.flow.ts", "flows/no-flow.ts", "other/c.flow.ts"];
  for (const path of [...paths, "node_modules/x/d.flow.ts", ".hidden/e.flow.ts"]) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), "");
  }
});
afterAll(async () => {
  await rm(root, { recursive: true });
});

const found = async (...given: readonly string[]): Promise<readonly string[]> =>
  (await findFlowFiles(given, root)).map((path) => relative(root, path));

describe("the flow files that are run", () => {
  test("are those of flows/ when none is named", async () => {
    expect(await found()).toEqual(["flows/b.flow.ts", "flows/deep/a.flow.ts"]);
  });

  test("are all below a directory that is named, but not those of installed packages", async () => {
    expect(await found(".")).toEqual(["flows/b.flow.ts", "flows/deep/a.flow.ts", "other/c.flow.ts"]);
  });

  test("are run once, however often they are named", async () => {
    expect(await found("other/c.flow.ts", "other", "./other/c.flow.ts")).toEqual(["other/c.flow.ts"]);
  });

  test("may have any name when they are named themselves", async () => {
    expect(await found("flows/no-flow.ts")).toEqual(["flows/no-flow.ts"]);
  });

  test("must be there; all that are not are named, with the nearest that is", async () => {
    await expect(found("flows/bb.flow.ts", "nowhere", "other")).rejects.toMatchObject({
      explanation: { kind: "input", subject: "flows/bb.flow.ts, nowhere", hint: "did you mean flows/b.flow.ts?" },
    });
  });

  test("must be some", async () => {
    await mkdir(join(root, "empty"));
    await expect(found("empty")).rejects.toMatchObject({ explanation: { kind: "input", found: "none" } });
  });
});

test("the shards of any list have every file in exactly one, in order, and differ by at most one file", () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.string()), fc.integer({ min: 1, max: 9 }), (files, count) => {
      const shards = Array.from({ length: count }, (_, index) => shardOf(files, index + 1, count));
      expect(shards.flat().toSorted()).toEqual(files.toSorted());
      const sizes = shards.map(({ length }) => length);
      expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
      for (const shard of shards) expect(shard).toEqual(files.filter((file) => shard.includes(file)));
    }),
    { seed: 20261127 },
  );
});
