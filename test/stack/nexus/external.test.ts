import { beforeEach, describe, expect, test, afterEach } from "vitest";
import { instanceBody, ok, refused, startNexus, type TestedNexus } from "./nexus-fixture.ts";

const query = { project: "p1" };

/** A default pool of IPv4 addresses, 198.51.100.10 to .13. */
async function withPool({ api }: TestedNexus, last = 13): Promise<void> {
  await ok(api.systemIpPoolCreate({ body: { name: "pool", description: "" } }));
  const range = { first: "198.51.100.10", last: `198.51.100.${last}` };
  await ok(api.systemIpPoolRangeAdd({ path: { pool: "pool" }, body: range }));
  await ok(api.systemIpPoolSiloLink({ path: { pool: "pool" }, body: { silo: "default", isDefault: true } }));
}

describe("external addresses", () => {
  let tested: TestedNexus;
  beforeEach(async () => {
    tested = await startNexus();
  });
  afterEach(async () => {
    await tested[Symbol.asyncDispose]();
  });

  test("instances share an address by blocks of 16384 ports, and switches know whose each is", async () => {
    const { api, sleds, switches, settled } = tested;
    await withPool(tested);
    await ok(api.projectCreate({ body: { name: "p1", description: "" } }));
    for (let at = 0; at < 5; at++) await ok(api.instanceCreate({ query, body: instanceBody(`i${at}`) }));
    await settled();
    const blocks = sleds.flatMap(({ state }) => state?.ports.map(({ ipv4 }) => ipv4?.snat) ?? []);
    expect(blocks.map((block) => `${block?.address} ${block?.first}-${block?.last}`).toSorted()).toEqual([
      "198.51.100.10 0-16383",
      "198.51.100.10 16384-32767",
      "198.51.100.10 32768-49151",
      "198.51.100.10 49152-65535",
      "198.51.100.11 0-16383",
    ]);
    const ports = new Map(sleds.flatMap(({ state }) => state?.ports.map((port) => [port.guest_mac, port]) ?? []));
    for (const { state } of switches) {
      expect(state?.nat).toHaveLength(5);
      for (const { external_ip, first_port, target } of state?.nat ?? []) {
        const port = ports.get(target.inner_mac);
        expect([external_ip, first_port, target.vni]).toEqual([
          port?.ipv4?.snat?.address,
          port?.ipv4?.snat?.first,
          port?.vni,
        ]);
      }
    }
    const gateways = await ok(api.internetGatewayList({ query: { ...query, vpc: "default" } }));
    const [port] = ports.values();
    expect(port?.routes).toContainEqual({
      destination: "0.0.0.0/0",
      target: `ig=${gateways.items[0]?.id}`,
      class: "system",
    });
    expect(port?.internet_gateways).toEqual({ [port?.ipv4?.snat?.address ?? ""]: [gateways.items[0]?.id] });
  });

  test("floating and ephemeral addresses come and go while the instance runs", async () => {
    const { api, sleds, switches, settled } = tested;
    await withPool(tested);
    await ok(api.projectCreate({ body: { name: "p1", description: "" } }));
    await ok(api.instanceCreate({ query, body: instanceBody("i1") }));
    const floating = await ok(
      api.floatingIpCreate({
        query,
        body: { name: "f1", description: "", addressAllocator: { type: "explicit", ip: "198.51.100.13" } },
      }),
    );
    expect(floating).toMatchObject({ ip: "198.51.100.13", instanceId: null });
    const path = { floatingIp: "f1" };
    await ok(api.floatingIpAttach({ path, query, body: { kind: "instance", parent: "i1" } }));
    expect(await ok(api.instanceEphemeralIpAttach({ path: { instance: "i1" }, query, body: {} }))).toMatchObject({
      kind: "ephemeral",
      ip: "198.51.100.11",
    });
    await settled();
    const family = () => sleds.flatMap(({ state }) => state?.ports ?? [])[0]?.ipv4;
    expect(family()).toMatchObject({ ephemeral: "198.51.100.11", floating: ["198.51.100.13"] });
    expect(
      switches[0]?.state?.nat.map(({ external_ip, first_port, last_port }) => [external_ip, first_port, last_port]),
    ).toEqual([
      ["198.51.100.10", 0, 16_383],
      ["198.51.100.11", 0, 65_535],
      ["198.51.100.13", 0, 65_535],
    ]);
    const { items } = await ok(api.instanceExternalIpList({ path: { instance: "i1" }, query }));
    expect(items.map(({ kind }) => kind).toSorted()).toEqual(["ephemeral", "floating", "snat"]);

    expect(await refused(api.floatingIpDelete({ path, query }))).toBe(
      '400 floating_ip: "f1" cannot be deleted while it is attached to an instance',
    );
    expect(await refused(api.instanceEphemeralIpAttach({ path: { instance: "i1" }, query, body: {} }))).toBe(
      "400 pool_selector: the instance has an ephemeral IPv4 address already",
    );
    await ok(api.floatingIpDetach({ path, query }));
    await ok(api.instanceEphemeralIpDetach({ path: { instance: "i1" }, query }));
    await settled();
    expect(family()).toMatchObject({ ephemeral: null, floating: [] });
    await ok(api.floatingIpDelete({ path, query }));
  });

  test("an empty pool is said to be empty, and nothing is made", async () => {
    const { api, nexus, settled } = tested;
    await withPool(tested, 10);
    await ok(api.projectCreate({ body: { name: "p1", description: "" } }));
    await ok(api.floatingIpCreate({ query, body: { name: "f1", description: "" } }));
    await settled();
    const before = nexus.store.dump();
    expect(await refused(api.floatingIpCreate({ query, body: { name: "f2", description: "" } }))).toBe(
      '507 address_allocator: no external IP address of pool "pool" is free',
    );
    expect(await refused(api.instanceCreate({ query, body: instanceBody("i1") }))).toBe(
      '507 network_interfaces: no external IP address of pool "pool" is free',
    );
    expect(nexus.store.dump()).toBe(before);
    expect(await ok(api.systemIpPoolUtilizationView({ path: { pool: "pool" } }))).toEqual({
      capacity: 1,
      remaining: 0,
    });
  });

  test("an external subnet leads to its instance without translation", async () => {
    const { api, sleds, switches, settled } = tested;
    await ok(api.projectCreate({ body: { name: "p1", description: "" } }));
    await ok(api.instanceCreate({ query, body: instanceBody("i1") }));
    await ok(api.systemSubnetPoolCreate({ body: { name: "sp", description: "", ipVersion: "v4" } }));
    const pool = { pool: "sp" };
    await ok(api.systemSubnetPoolMemberAdd({ path: pool, body: { subnet: "203.0.112.0/20", minPrefixLength: 24 } }));
    await ok(api.systemSubnetPoolSiloLink({ path: pool, body: { silo: "default", isDefault: true } }));
    const body = { name: "x1", description: "", allocator: { type: "auto", prefixLength: 28 } } as const;
    const subnet = await ok(api.externalSubnetCreate({ query, body }));
    expect(subnet.subnet).toBe("203.0.112.0/28");
    const short = { name: "x2", description: "", allocator: { type: "auto", prefixLength: 20 } } as const;
    expect(await refused(api.externalSubnetCreate({ query, body: short }))).toMatch(/^400 allocator.prefix_length: /);
    await ok(api.externalSubnetAttach({ path: { externalSubnet: "x1" }, query, body: { instance: "i1" } }));
    await settled();
    const port = sleds.flatMap(({ state }) => state?.ports ?? [])[0];
    expect(port?.ipv4?.attached_subnets).toEqual([{ subnet: "203.0.112.0/28", is_external: true }]);
    const target = { internal_ip: "fd00:1122:3344:101::1", inner_mac: port?.guest_mac, vni: port?.vni };
    expect(switches[1]?.state?.attached_subnets).toEqual([{ subnet: "203.0.112.0/28", target }]);
  });

  test("limits: 8 NICs, one ephemeral address a family, 32 external addresses", async () => {
    const { api, settled } = tested;
    await withPool(tested, 60);
    await ok(api.projectCreate({ body: { name: "p1", description: "" } }));
    const inVpc = { ...query, vpc: "default" };
    const nic = (at: number) => ({ name: `n${at}`, description: "", vpcName: "default", subnetName: `s${at}` });
    for (let at = 0; at < 9; at++) {
      await ok(
        api.vpcSubnetCreate({ query: inVpc, body: { name: `s${at}`, description: "", ipv4Block: `10.${at}.0.0/24` } }),
      );
    }
    const nics = (count: number) => ({
      type: "create" as const,
      params: Array.from({ length: count }, (_, at) => nic(at)),
    });
    expect(
      await refused(api.instanceCreate({ query, body: { ...instanceBody("i1"), networkInterfaces: nics(9) } })),
    ).toBe("400 network_interfaces.params: at most 8 network interfaces per instance");
    await ok(api.instanceCreate({ query, body: { ...instanceBody("i1"), networkInterfaces: nics(8), start: false } }));
    expect(
      await refused(api.instanceNetworkInterfaceCreate({ query: { ...query, instance: "i1" }, body: nic(8) })),
    ).toBe("400 name: at most 8 network interfaces per instance");
    for (let at = 0; at < 33; at++) {
      await ok(api.floatingIpCreate({ query, body: { name: `f${at}`, description: "" } }));
      const answer = api.floatingIpAttach({
        path: { floatingIp: `f${at}` },
        query,
        body: { kind: "instance", parent: "i1" },
      });
      if (at < 32) await ok(answer);
      else expect(await refused(answer)).toBe("400 floating_ip: at most 32 external IPs per instance");
    }
    await settled();
  });
});
