import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { ok, startNexus, type TestedNexus } from "./nexus-fixture.ts";

const uplink = {
  ...{ rack: "rack0", slot: "switch0", port: "qsfp0", addresses: ["192.0.2.1/30", "2001:db8:1::1/64"] },
  peers: [{ address: "192.0.2.2", asn: 64501, hold_time: 9, bfd: true }, {}],
  routes: [{ to: "0.0.0.0/0", via: "192.0.2.2" }],
};
const boundary = {
  pools: [
    { name: "public", prefixes: ["198.51.100.0/26"] },
    { name: "spare", prefixes: ["198.51.100.64/26"] },
    { name: "wide", prefixes: ["2001:db8::/64"] },
  ],
  bgp: { asn: 64500, max_paths: 2 },
  uplinks: [uplink],
};
const projects = [{ name: "shop", instances: [{ name: "web", ncpus: 1, memory: 268_435_456 }] }];

describe("ways out that the configuration declares", () => {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), "kestrel-nexus-"));
  });
  afterEach(() => {
    rmSync(directory, { recursive: true });
  });

  const start = (declared: object): Promise<TestedNexus> =>
    startNexus({ database: join(directory, "nexus.db"), more: { boundary: declared, projects } });

  test("are there before projects: instances have source NAT, and switches uplinks, peers and announcements", async () => {
    await using nexus = await start(boundary);
    await nexus.settled();
    const { items: pools } = await ok(nexus.api.systemIpPoolList({ query: {} }));
    expect(pools.map(({ name, ipVersion }) => [name, ipVersion])).toEqual([
      ["public", "v4"],
      ["spare", "v4"],
      ["wide", "v6"],
    ]);
    const [first, second] = nexus.switches.map(({ state }) => state);
    expect(first).toMatchObject({
      nat: [
        { external_ip: "198.51.100.0", first_port: 0, last_port: 16_383 },
        { external_ip: "2001:db8::", first_port: 0, last_port: 16_383 },
      ],
      uplinks: [
        {
          port_name: "qsfp0",
          interfaces: [{ kind: "primary", v6_enabled: true }],
          addresses: [{ address: "192.0.2.1/30" }, { address: "2001:db8:1::1/64" }],
          static_routes: [{ destination: "0.0.0.0/0", gateway: "192.0.2.2" }],
        },
      ],
      bgp: [
        {
          ...{ asn: 64500, max_paths: 2 },
          announced: [{ prefix: "198.51.100.0/26" }, { prefix: "198.51.100.64/26" }, { prefix: "2001:db8::/64" }],
          peers: [
            { addr: { type: "numbered", ip: "192.0.2.2" }, remote_asn: 64501, hold_time: 9, keepalive: 3 },
            { addr: { type: "unnumbered" }, remote_asn: null, hold_time: 30 },
          ],
        },
      ],
      bfd: [{ remote: "192.0.2.2", mode: "single_hop" }],
    });
    // The other switch has no uplink, and knows all guests.
    expect(second).toMatchObject({ uplinks: [], bgp: [], bfd: [], nat: first?.nat });
  });

  test("are made once: what is changed afterwards stays so", async () => {
    const where = (rackId: string) => ({ query: { rackId, switchSlot: "switch0" }, path: { port: "qsfp0" } }) as const;
    {
      await using nexus = await start(boundary);
      const { items } = await ok(nexus.api.rackList({ query: {} }));
      await ok(nexus.api.networkingSwitchPortClearSettings(where(items[0]?.id ?? "")));
    }
    await using nexus = await start(boundary);
    await nexus.settled();
    expect(nexus.switches[0]?.state?.uplinks).toEqual([]);
  });

  test("what cannot be made is not made in part, and nexus serves all the same", async () => {
    await expect(
      (async () => {
        await using nexus = await start({ ...boundary, uplinks: [{ ...uplink, port: "qsfp9" }] });
        const { items } = await ok(nexus.api.systemIpPoolList({ query: {} }));
        expect(items).toEqual([]);
      })(),
    ).rejects.toThrow("qsfp9");
  });
});
