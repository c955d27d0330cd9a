import { mkdir, mkdtemp, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { findTopology } from "../../src/flow/find-topology.ts";

let root = "";

beforeAll(async () => {
  root = await realpath(await mkdtemp(join(tmpdir(), "kestrel-flow-")));
  await mkdir(join(root, "package", "topologies"), { recursive: true });
  await mkdir(join(root, "package", "flows", "deep"), { recursive: true });
  await mkdir(join(root, "topologies"));
  await writeFile(join(root, "package", "package.json"), "{}");
  await writeFile(join(root, "package", "topologies", "routed.yaml"), "");
  await writeFile(join(root, "topologies", "outside.yaml"), "");
});

afterAll(() => rm(root, { recursive: true, force: true }));

describe("findTopology", () => {
  test("looks upwards to the root of the package", async () => {
    const found = await findTopology("routed", join(root, "package", "flows", "deep"));
    expect(found).toBe(join(root, "package", "topologies", "routed.yaml"));
  });

  test("takes a path as it is", async () => {
    expect(await findTopology("./mine.yml", root)).toBe(join(root, "mine.yml"));
    expect(await findTopology("mine.yaml", root)).toBe(join(root, "mine.yaml"));
  });

  test("does not look outside of the package, and names the nearest", async () => {
    const looking = findTopology("outside", join(root, "package"));
    await expect(looking).rejects.toMatchObject({
      explanation: { kind: "input", subject: "outside", found: "routed" },
    });
    await expect(findTopology("ruoted", join(root, "package"))).rejects.toMatchObject({
      explanation: { hint: 'did you mean "routed"? a path works too' },
    });
  });
});
