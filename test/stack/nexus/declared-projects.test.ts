import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { ok, startNexus, type TestedNexus } from "./nexus-fixture.ts";

const web = { name: "web", ncpus: 1, memory: 268_435_456 };
const archive = { ...web, name: "archive", vpc: "back", start: false };

describe("projects that the configuration declares", () => {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), "kestrel-nexus-"));
  });
  afterEach(() => {
    rmSync(directory, { recursive: true });
  });

  const start = (projects: readonly object[]): Promise<TestedNexus> =>
    startNexus({ database: join(directory, "nexus.db"), more: { projects } });
  const states = async ({ api }: TestedNexus): Promise<Readonly<Record<string, string>>> => {
    const { items } = await ok(api.instanceList({ query: { project: "shop" } }));
    return Object.fromEntries(items.map(({ name, runState }) => [name, runState]));
  };

  test("are there when nexus has started, with their VPCs, and their instances run", async () => {
    await using nexus = await start([{ name: "shop", vpcs: ["back"], instances: [web, archive] }]);
    await nexus.settled();
    expect(await states(nexus)).toEqual({ archive: "stopped", web: "running" });
    const { items: vpcs } = await ok(nexus.api.vpcList({ query: { project: "shop" } }));
    expect(vpcs.map(({ name }) => name)).toEqual(["back", "default"]);
    const query = { project: "shop", instance: "archive" };
    const { items: nics } = await ok(nexus.api.instanceNetworkInterfaceList({ query }));
    expect(nics).toMatchObject([{ name: "net0", vpcId: vpcs[0]?.id }]);
  });

  test("are made once: what is deleted stays away, until another declaration has it", async () => {
    const first = [{ name: "shop", instances: [web] }];
    {
      await using nexus = await start(first);
      await nexus.settled();
      await ok(nexus.api.instanceStop({ path: { instance: "web" }, query: { project: "shop" } }));
      await nexus.settled();
      await ok(nexus.api.instanceDelete({ path: { instance: "web" }, query: { project: "shop" } }));
    }
    {
      await using nexus = await start(first);
      expect(await states(nexus)).toEqual({});
    }
    {
      await using nexus = await start([{ name: "shop", vpcs: ["back"], instances: [web, archive] }]);
      expect(Object.keys(await states(nexus))).toEqual(["archive", "web"]);
    }
  });

  test("what cannot be made is not made in part, and nexus serves all the same", async () => {
    const impossible = { ...web, name: "huge", ncpus: 100_000 };
    await expect(
      (async () => {
        await using nexus = await start([{ name: "shop", instances: [web, impossible] }]);
        const { items } = await ok(nexus.api.projectList({ query: {} }));
        expect(items).toEqual([]);
      })(),
    ).rejects.toThrow("no sled has 100000 CPUs");
  });
});
