import { describe, expect, test } from "vitest";
import { instanceBody, ok, refused, startNexus, type TestedNexus } from "./nexus-fixture.ts";
import { peer, uplinkSettings, withUplinks } from "./uplinks.ts";

const query = { project: "p1" };

async function withBgp({ api }: TestedNexus, rackId: string): Promise<void> {
  const announcement = [{ addressLotBlock: "uplinks", network: "203.0.113.128/25" }];
  await ok(api.networkingBgpAnnounceSetUpdate({ body: { name: "as", description: "", announcement } }));
  const config = { name: "bgp", description: "", asn: 65_001, bgpAnnounceSetId: "as" };
  await ok(api.networkingBgpConfigCreate({ body: config }));
  const body = {
    ...uplinkSettings("with-bgp", "203.0.113.11/24"),
    bgpPeers: [
      {
        linkName: "phy0",
        peers: [
          { ...peer, addr: { type: "numbered" as const, ip: "203.0.113.254" }, bgpConfig: "bgp", md5AuthKey: "k" },
        ],
      },
    ],
  };
  await ok(api.networkingSwitchPortSettingsCreate({ body }));
  await ok(
    api.networkingSwitchPortApplySettings({
      path: { port: "qsfp1" },
      query: { rackId, switchSlot: "switch0" },
      body: { portSettings: "with-bgp" },
    }),
  );
}

describe("switches", () => {
  test("get uplinks, BGP, BFD and addresses, each its own", async () => {
    await using tested = await startNexus({ sleds: 1 });
    const { api, switches, sleds, settled } = tested;
    const rackId = await withUplinks(tested);
    await withBgp(tested, rackId);
    const bfd = { detectionThreshold: 3, mode: "single_hop", remote: "203.0.113.254", requiredRx: 300_000 } as const;
    await ok(api.networkingBfdEnable({ body: { ...bfd, switchSlot: "switch1" } }));
    const loopback = { address: "203.0.113.99", addressLot: "uplinks", anycast: false, mask: 32, rackId };
    await ok(api.networkingLoopbackAddressCreate({ body: { ...loopback, switchSlot: "switch0" } }));
    await settled();
    const [first, second] = switches.map(({ state }) => state);
    expect(first?.uplinks.map(({ port_name, addresses }) => [port_name, addresses[0]?.address])).toEqual([
      ["qsfp0", "203.0.113.1/24"],
      ["qsfp1", "203.0.113.11/24"],
    ]);
    expect(second?.uplinks).toHaveLength(1);
    expect(second?.bgp).toEqual([]);
    expect(first?.bgp).toMatchObject([
      {
        asn: 65_001,
        announced: [{ prefix: "203.0.113.128/25", origins: ["announce_set"] }],
        peers: [
          { port_name: "qsfp1", addr: { type: "numbered", ip: "203.0.113.254" }, hold_time: 6, md5_auth_key: "k" },
        ],
      },
    ]);
    expect(first?.bfd).toEqual([]);
    expect(second?.bfd).toMatchObject([{ remote: "203.0.113.254", local: null, required_rx: 300_000 }]);
    expect(first?.loopback_addresses).toEqual([{ address: "203.0.113.99/32", anycast: false }]);
    expect(sleds[0]?.state?.boundary).toEqual([
      { prefix: "0.0.0.0/0", endpoints: ["fd00:1122:3344:1f0::1", "fd00:1122:3344:1f1::1"] },
    ]);

    const clear = { path: { port: "qsfp0" }, query: { rackId, switchSlot: "switch1" as const } };
    await ok(api.networkingSwitchPortClearSettings(clear));
    await settled();
    expect(sleds[0]?.state?.boundary).toEqual([{ prefix: "0.0.0.0/0", endpoints: ["fd00:1122:3344:1f0::1"] }]);
  });

  test("announced prefixes follow pools and floating IPs", async () => {
    await using tested = await startNexus({ sleds: 1 });
    const { api, switches, settled } = tested;
    await withBgp(tested, await withUplinks(tested));
    const announced = () =>
      switches[0]?.state?.bgp[0]?.announced.map(({ prefix, origins }) => `${prefix} ${origins.join(",")}`);
    await ok(api.systemIpPoolCreate({ body: { name: "pool", description: "" } }));
    const range = { first: "198.51.100.0", last: "198.51.100.5" };
    await ok(api.systemIpPoolRangeAdd({ path: { pool: "pool" }, body: range }));
    await settled();
    const set = "203.0.113.128/25 announce_set";
    expect(announced()).toEqual([set]);
    await ok(api.systemIpPoolSiloLink({ path: { pool: "pool" }, body: { silo: "default", isDefault: true } }));
    await settled();
    const pool = ["198.51.100.0/30 ip_pool", "198.51.100.4/31 ip_pool"];
    expect(announced()).toEqual([...pool, set]);
    await ok(api.projectCreate({ body: { name: "p1", description: "" } }));
    await ok(api.instanceCreate({ query, body: instanceBody("i1") }));
    await ok(api.floatingIpCreate({ query, body: { name: "f", description: "" } }));
    const path = { floatingIp: "f" };
    await ok(api.floatingIpAttach({ path, query, body: { kind: "instance", parent: "i1" } }));
    await settled();
    expect(announced()).toEqual([pool[0], "198.51.100.1/32 floating_ip", pool[1], set]);
    await ok(api.floatingIpDetach({ path, query }));
    await settled();
    expect(announced()).toEqual([...pool, set]);
  });

  test("what they report of BGP and BFD is told", async () => {
    await using tested = await startNexus({ sleds: 0 });
    const { api, switches } = tested;
    const [, second] = switches;
    if (second === undefined) throw new Error("no switch");
    const session = { addr: "203.0.113.254", peer_id: "phy0", local_asn: 65_001, remote_asn: 65_002 };
    second.more = {
      bgp_peers: [{ ...session, state: "established", state_duration_millis: 1000 }],
      bgp_exported: [{ peer_id: "phy0", prefix: "198.51.100.0/24" }],
      bgp_imported: [
        { id: 1, asn: 65_001, nexthop: "203.0.113.254", prefix: "0.0.0.0/0" },
        { id: 1, asn: 65_009, nexthop: "203.0.113.254", prefix: "10.0.0.0/8" },
      ],
      bfd: [{ peer: "203.0.113.254", state: "up" }],
    };
    const bfd = { detectionThreshold: 3, mode: "single_hop", remote: "203.0.113.254", requiredRx: 300_000 } as const;
    await ok(api.networkingBfdEnable({ body: { ...bfd, switchSlot: "switch1" } }));
    await expect
      .poll(() => ok(api.networkingBgpStatus({})))
      .toMatchObject([{ switch: "switch1", state: "established" }]);
    expect(await ok(api.networkingBgpExported({}))).toMatchObject([{ switch: "switch1", prefix: "198.51.100.0/24" }]);
    expect(await ok(api.networkingBgpImported({ query: { asn: 65_001 } }))).toMatchObject([{ prefix: "0.0.0.0/0" }]);
    expect(await ok(api.networkingBfdStatus({}))).toMatchObject([{ switchSlot: "switch1", state: "up" }]);
  });

  test("what is in use is not taken away", async () => {
    await using tested = await startNexus({ sleds: 0 });
    const { api } = tested;
    await withBgp(tested, await withUplinks(tested));
    expect(await refused(api.networkingSwitchPortSettingsDelete({ query: { portSettings: "with-bgp" } }))).toBe(
      '400 port_settings: "with-bgp" is applied to qsfp1 of switch0: clear that first',
    );
    expect(await refused(api.networkingBgpConfigDelete({ query: { nameOrId: "bgp" } }))).toBe(
      '400 name_or_id: "bgp" is in use by switch port settings "with-bgp"',
    );
    expect(await refused(api.networkingBgpAnnounceSetDelete({ path: { announceSet: "as" } }))).toBe(
      '400 announce_set: "as" is in use by BGP configuration "bgp"',
    );
    expect(await refused(api.networkingAddressLotDelete({ path: { addressLot: "uplinks" } }))).toMatch(
      /^400 address_lot: "uplinks" is in use by /,
    );
    const outside = { ...uplinkSettings("x", "192.0.2.1/24") };
    expect(await refused(api.networkingSwitchPortSettingsCreate({ body: outside }))).toBe(
      '400 addresses.0.addresses.0.address: 192.0.2.1 is not in address lot "uplinks"',
    );
  });
});
