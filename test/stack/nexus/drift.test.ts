import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { instanceBody, ok, startNexus } from "./nexus-fixture.ts";

describe("drift", () => {
  test("a sled that lost its state, and one that was away during a change, get the present one", async () => {
    await using tested = await startNexus({ sleds: 2, switches: 0 });
    const { api, sleds, settled } = tested;
    const [first, second] = sleds;
    if (first === undefined || second === undefined) throw new Error("no sleds");
    const query = { project: "p1" };
    await ok(api.projectCreate({ body: { name: "p1", description: "" } }));
    for (const name of ["a", "b"]) await ok(api.instanceCreate({ query, body: instanceBody(name) }));
    await settled();
    const present = first.state;

    first.forget();
    await expect.poll(() => first.state?.generation).toBe(present?.generation);
    expect(first.state).toEqual(present);

    await second.end();
    await ok(api.vpcFirewallRulesUpdate({ query: { project: "p1", vpc: "default" }, body: { rules: [] } }));
    await expect.poll(() => first.state?.ports[0]?.firewall_rules).toEqual([]);
    expect(second.state?.ports[0]?.firewall_rules).not.toEqual([]);
    await second.begin();
    await settled();
    expect(second.state?.ports[0]?.firewall_rules).toEqual([]);
  });

  test("nexus that restarts changes nothing where nothing has changed", async () => {
    const directory = await mkdtemp(join(tmpdir(), "kestrel-nexus-"));
    try {
      const database = join(directory, "nexus.db");
      const query = { project: "p1" };
      let dump: string;
      let generation: number | undefined;
      {
        await using tested = await startNexus({ sleds: 1, switches: 0, database });
        await ok(tested.api.projectCreate({ body: { name: "p1", description: "" } }));
        await ok(tested.api.instanceCreate({ query, body: instanceBody("a") }));
        await tested.settled();
        dump = tested.nexus.store.dump();
        generation = tested.sleds[0]?.state?.generation;
      }
      await using tested = await startNexus({ sleds: 1, switches: 0, database });
      await tested.settled();
      expect(tested.nexus.store.dump()).toBe(dump);
      expect(tested.sleds[0]?.state?.generation).toBe(generation);
      expect(tested.sleds[0]?.taken).toHaveLength(1);
    } finally {
      await rm(directory, { recursive: true });
    }
  });

  test("a database that is older than what sleds have numbers its states above theirs", async () => {
    await using tested = await startNexus({ sleds: 1, switches: 0 });
    const { sleds, settled } = tested;
    const [sled] = sleds;
    await settled();
    const state = sled?.state;
    if (sled === undefined || state === undefined) throw new Error("no state");
    sled.taken.push({ ...state, generation: 41 });
    await expect.poll(() => sled.state?.generation).toBe(42);
    await settled();
  });
});
