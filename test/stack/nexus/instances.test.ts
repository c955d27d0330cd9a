import { describe, expect, test } from "vitest";
import { instanceBody, ok, refused, startNexus } from "./nexus-fixture.ts";

describe("instances", () => {
  test("a new instance runs on a sled, with a port in the project's default subnet", async () => {
    await using tested = await startNexus();
    const { api, sleds, settled } = tested;
    const project = { project: "p1" };
    await ok(api.projectCreate({ body: { name: "p1", description: "" } }));
    const created = await ok(api.instanceCreate({ query: project, body: instanceBody("i1") }));
    expect(created.runState).toBe("starting");
    await settled();
    expect(await ok(api.instanceView({ path: { instance: "i1" }, query: project }))).toMatchObject({
      runState: "running",
      id: created.id,
    });
    const [sled] = sleds.filter(({ state }) => state?.instances.length === 1);
    const { items } = await ok(api.instanceNetworkInterfaceList({ query: { ...project, instance: "i1" } }));
    expect(sled?.state?.ports).toMatchObject([
      {
        id: items[0]?.id,
        owner: { kind: "instance", id: created.id },
        guest_mac: items[0]?.mac.toLowerCase(),
        ipv4: { subnet: "172.30.0.0/22", private_ip: "172.30.0.5", gateway_ip: "172.30.0.1", snat: null },
        dhcp: { hostname: "i1", dns4: ["198.51.100.53"], dns6: ["2001:db8::53"] },
      },
    ]);
    expect(sled?.state?.mappings).toMatchObject([{ guests: [{ ip: "172.30.0.5" }, {}] }]);
  });

  test("instances are spread, and each sled knows where those of its VPCs are and nothing else", async () => {
    await using tested = await startNexus({ sleds: 3 });
    const { api, sleds, settled } = tested;
    for (const project of ["p1", "p2"]) await ok(api.projectCreate({ body: { name: project, description: "" } }));
    for (const [project, name] of [
      ["p1", "a"],
      ["p1", "b"],
      ["p2", "c"],
    ] as const) {
      await ok(api.instanceCreate({ query: { project }, body: instanceBody(name) }));
    }
    await settled();
    expect(sleds.map(({ state }) => state?.instances.map(({ name }) => name))).toEqual([["a"], ["b"], ["c"]]);
    const known = sleds.map(({ state }) =>
      state?.mappings.flatMap(({ guests }) => guests.map(({ underlay_ip }) => underlay_ip)),
    );
    const [first, second, third] = ["fd00:1122:3344:101::1", "fd00:1122:3344:102::1", "fd00:1122:3344:103::1"];
    expect(known[0]?.toSorted()).toEqual([first, first, second, second]);
    expect(known[1]).toEqual(known[0]);
    expect(known[2]).toEqual([third, third]);
  });

  test("stop, start, reboot, move, delete", async () => {
    await using tested = await startNexus();
    const { api, url, sleds, settled } = tested;
    const query = { project: "p1" };
    const path = { instance: "i1" };
    await ok(api.projectCreate({ body: { name: "p1", description: "" } }));
    await ok(api.instanceCreate({ query, body: instanceBody("i1") }));
    await settled();
    const where = (): readonly number[] => sleds.map(({ state }) => state?.ports.length ?? -1);
    expect(where()).toEqual([1, 0]);
    const port = sleds[0]?.state?.ports[0];

    await ok(api.instanceReboot({ path, query }));
    await settled();
    expect(sleds[0]?.state?.instances).toMatchObject([{ incarnation: 2 }]);

    const moved = await fetch(`${url}/v1/instances/i1/move?project=p1`, { method: "POST", body: "{}" });
    expect([moved.status, await moved.json()]).toMatchObject([202, { run_state: "migrating" }]);
    await settled();
    expect(where()).toEqual([0, 1]);
    expect(sleds[1]?.state?.ports).toEqual([port]);
    expect(sleds[1]?.state?.mappings[0]?.guests).toMatchObject([
      { underlay_ip: "fd00:1122:3344:102::1" },
      { underlay_ip: "fd00:1122:3344:102::1" },
    ]);

    expect(await refused(api.instanceDelete({ path, query }))).toBe(
      '400 instance: instance "i1" must be stopped for this; it is running',
    );
    expect(await ok(api.instanceStop({ path, query }))).toMatchObject({ runState: "stopping" });
    expect(await ok(api.instanceStop({ path, query }))).toMatchObject({ id: expect.any(String) as string });
    await settled();
    expect(where()).toEqual([0, 0]);
    expect(await ok(api.instanceView({ path, query }))).toMatchObject({ runState: "stopped" });

    await ok(api.instanceStart({ path, query }));
    await settled();
    expect(where()).toEqual([1, 0]);
    expect(sleds[0]?.state?.ports).toEqual([port]);
    await ok(api.instanceStop({ path, query }));
    await settled();
    await ok(api.instanceDelete({ path, query }));
    expect(await refused(api.instanceView({ path, query }))).toBe('404 instance: not found: instance "i1"');
  });

  test("an instance that its sled gives up on has failed, and can be started again", async () => {
    await using tested = await startNexus({ sleds: 1 });
    const { api, sleds, settled } = tested;
    const query = { project: "p1" };
    const path = { instance: "i1" };
    const [sled] = sleds;
    if (sled === undefined) throw new Error("no sled");
    sled.instanceState = () => "failed";
    await ok(api.projectCreate({ body: { name: "p1", description: "" } }));
    await ok(api.instanceCreate({ query, body: instanceBody("i1") }));
    await settled();
    expect(await ok(api.instanceView({ path, query }))).toMatchObject({ runState: "failed" });
    sled.instanceState = ({ run }) => run;
    await ok(api.instanceStart({ path, query }));
    await settled();
    expect(await ok(api.instanceView({ path, query }))).toMatchObject({ runState: "running" });
  });

  test("no sled has room: the answer says so, and nothing was made", async () => {
    await using tested = await startNexus({ sleds: 0 });
    const { api, nexus } = tested;
    await ok(api.projectCreate({ body: { name: "p1", description: "" } }));
    const before = nexus.store.dump();
    expect(await refused(api.instanceCreate({ query: { project: "p1" }, body: instanceBody("i1") }))).toBe(
      "507 ncpus: no sled has 1 CPUs and 1073741824 bytes of memory free",
    );
    expect(nexus.store.dump()).toBe(before);
  });
});
