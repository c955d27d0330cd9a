import { expect, test } from "vitest";
import { daemonFrozen, eventually, type FlowTestbed, testbed } from "../../src/index.ts";
import { instanceCommand, settledInstance } from "../../src/rack/index.ts";
import { ok, type PlacedInstance, tunnelPort, underlayOf, VpcRack, within } from "./vpc.ts";

const timeout = 600_000;

/** What every promise is about: two instances of one VPC on different sleds. */
async function shop(bed: FlowTestbed) {
  const rack = await VpcRack.of(bed);
  const [web, db] = [await rack.instance("shop/web"), await rack.instance("shop/db")];
  expect(web.sled).not.toBe(db.sled);
  return { rack, web, db };
}

/** What has to hold of the way of a packet from one sled to the other. */
function tunnel(from: PlacedInstance, to: PlacedInstance, vni: (found: number) => boolean) {
  const outer = { src: underlayOf(from.sled), dst: underlayOf(to.sled) };
  return { ipv6: outer, udp: { dstPort: 6081 }, geneve: { vni } } as const;
}

test(
  "R12 R27 R28 R30 R47: between sleds there is nothing but tunnels, each with the VNI of its VPC",
  { timeout },
  async () => {
    await using bed = await testbed("vpcs");
    const { rack, web, db } = await shop(bed);
    await using _rack = rack;
    const lab = { web: await rack.instance("lab/web"), db: await rack.instance("lab/db") };
    // The same addresses, of other instances.
    expect([web.v4, db.v4]).toEqual([lab.web.v4, lab.db.v4]);
    const vnis = new Set<unknown>();
    for (const [from, to] of [
      [web, db],
      [lab.web, lab.db],
    ] as const) {
      const inner = { ipv4: { src: from.v4, dst: to.v4 }, icmp: { message: "echo-request" } } as const;
      const ping = instanceCommand(from.id, ["ping", "-n", "-c", "1", "-W", "20", to.v4]);
      const vni = (found: number) => {
        vnis.add(found);
        return found >= 1024;
      };
      const trace = await bed.node(from.sled).trace(ping, { to: to.sled, match: { geneve: {}, inner } });
      expect(trace).toTraverse(
        [
          { leaves: `${from.sled}:net0`, enters: "t1", ...tunnel(from, to, vni), inner },
          { leaves: "t1", enters: `${to.sled}:net0`, ...tunnel(from, to, vni), inner },
        ],
        { exactly: true },
      );
      await expect(bed.wire("s1:net0--t1:rear0")).not.toCarry({ ethernet: { etherType: 0x0800 } }, { within: 0 });
    }
    expect(vnis.size).toBe(2);
  },
);

test(
  "R32 R33: an instance has its addresses, ways and servers by itself, and no neighbour but its gateway",
  { timeout },
  async () => {
    await using bed = await testbed("vpcs");
    const { rack, web, db } = await shop(bed);
    await using _rack = rack;
    expect(await rack.pings(web, db.v4)).toBe(true);
    expect(await rack.pings(web, db.v6)).toBe(true);
    const say = async (command: string) => (await rack.run(web, command)).stdout;
    expect(await say("ip -4 -brief address show dev net0")).toContain(`${web.v4}/32`);
    expect(await say("ip -6 -brief address show dev net0")).toContain(`${web.v6}/128`);
    expect(await say("ip route show default")).toMatch(/^default via 172\.30\.0\.1 dev net0/);
    expect(await say("cat /etc/resolv.conf")).toContain("search default.shop.internal\nnameserver 172.30.0.2\n");
    const neighbours = (await say("ip neighbour show dev net0")).trim().split("\n");
    expect(
      neighbours
        .filter((line) => !line.includes("FAILED"))
        .map((line) => line.split(/\s/)[2])
        .toSorted(),
    ).toEqual(neighbours.map(() => "a8:40:25:ff:77:77"));
  },
);

test(
  "R34 R53: rules of the firewall take effect by protocol, port, source and target, and so does their end",
  { timeout },
  async () => {
    await using bed = await testbed("vpcs");
    const { rack, web, db } = await shop(bed);
    await using _rack = rack;
    const query = { project: "shop", vpc: "default" };
    const { rules } = await ok(rack.api.vpcFirewallRulesView({ query }));
    const kept = rules.map(({ name, description, status, direction, priority, action, targets, filters }) => ({
      ...{ name, description, status, direction, priority, action, targets, filters },
    }));
    type Rule = (typeof kept)[number];
    const have = async (more: readonly Rule[]) => {
      await ok(rack.api.vpcFirewallRulesUpdate({ query, body: { rules: [...kept, ...more] } }));
    };
    const reach = async () => [
      await rack.pings(web, db.v4),
      await rack.connects(web, db.v4, 8080),
      await rack.connects(web, db.v4, 9090),
    ];
    const untilReach = (expected: readonly boolean[]) =>
      eventually(
        async () => {
          expect(await reach()).toEqual(expected);
        },
        { what: "echo requests, TCP port 8080 and TCP port 9090 get through as they shall", within },
      );
    await untilReach([true, true, true]);
    const deny: Omit<Rule, "targets" | "filters"> = {
      ...{ name: "deny", description: "", status: "enabled", direction: "inbound", priority: 1, action: "deny" },
    } as const;
    const everybody: Rule["targets"] = [{ type: "vpc", value: "default" }];
    const cases: readonly (readonly [Pick<Rule, "targets" | "filters">, readonly boolean[]])[] = [
      [{ targets: everybody, filters: { protocols: [{ type: "icmp", value: null }] } }, [false, true, true]],
      [
        {
          targets: [{ type: "instance", value: "db" }],
          filters: { ports: ["8000-8999"], protocols: [{ type: "tcp" }] },
        },
        [true, false, true],
      ],
      [
        { targets: [{ type: "ip", value: db.v4 }], filters: { hosts: [{ type: "ip", value: web.v4 }] } },
        [false, false, false],
      ],
      [
        {
          targets: [{ type: "subnet", value: "default" }],
          filters: { hosts: [{ type: "subnet", value: "default" }], ports: ["9090"], protocols: [{ type: "tcp" }] },
        },
        [true, true, false],
      ],
      // Rules for others, and from others.
      [{ targets: [{ type: "instance", value: "cache" }], filters: {} }, [true, true, true]],
      [{ targets: everybody, filters: { hosts: [{ type: "ip_net", value: "10.0.0.0/8" }] } }, [true, true, true]],
    ];
    try {
      for (const [rule, expected] of cases) {
        await have([{ ...deny, ...rule }]);
        await untilReach(expected);
      }
    } finally {
      await have([]);
    }
    await untilReach([true, true, true]);
  },
);

test("R35 R60: a router of one's own drops, and leads to an instance that forwards", { timeout }, async () => {
  await using bed = await testbed("vpcs");
  const { rack, web, db } = await shop(bed);
  await using _rack = rack;
  const vpc = { project: "shop", vpc: "default" };
  await ok(rack.api.vpcRouterCreate({ query: vpc, body: { name: "own", description: "" } }));
  const query = { ...vpc, router: "own" };
  const add = (name: string, value: string, target: { type: "drop" } | { type: "instance"; value: string }) => {
    const destination = value.includes("/") ? ({ type: "ip_net", value } as const) : ({ type: "ip", value } as const);
    return ok(rack.api.vpcRouterRouteCreate({ query, body: { name, description: "", destination, target } }));
  };
  const attach = async (customRouter: string | null) => {
    await ok(rack.api.vpcSubnetUpdate({ path: { subnet: "default" }, query: vpc, body: { customRouter } }));
  };
  const transit = async (transitIps: string[]) => {
    const path = { interface: "net0" };
    await ok(
      rack.api.instanceNetworkInterfaceUpdate({
        path,
        query: { project: "shop", instance: "db" },
        body: { transitIps },
      }),
    );
  };
  const untilPings = (expected: boolean) =>
    eventually(
      async () => {
        expect(await rack.pings(web, db.v4)).toBe(expected);
      },
      { what: `web ${expected ? "reaches" : "does not reach"} db`, within },
    );
  try {
    await add("away", db.v4, { type: "drop" });
    await add("by-db", "10.9.0.0/24", { type: "instance", value: "db" });
    await untilPings(true);
    await attach("own");
    await untilPings(false);
    // What leads to an instance gets to its sled, to its MAC address, whatever the destination.
    const inner = { ipv4: { src: web.v4, dst: "10.9.0.1" } };
    await rack.run(web, ["ping", "-n", "-c", "1", "-W", "1", "10.9.0.1"]);
    await expect(bed.wire(`${db.sled}:net0--t1:rear${Number(db.sled.slice(1)) - 1}`)).toCarry({
      ...{ to: `${db.sled}:net0`, geneve: {}, inner },
    });
    await ok(rack.api.vpcRouterRouteDelete({ path: { route: "away" }, query }));
    await untilPings(true);
    await transit(["10.9.0.0/24"]);
    await rack.run(db, ["ip", "address", "add", "10.9.0.1/32", "dev", "lo"]);
    await eventually(
      async () => {
        expect(await rack.pings(web, "10.9.0.1")).toBe(true);
      },
      { what: "db answers at an address that it has besides its own", within },
    );
  } finally {
    await rack.run(db, ["ip", "address", "delete", "10.9.0.1/32", "dev", "lo"]);
    await transit([]);
    await attach(null);
    for (const { name } of (await ok(rack.api.vpcRouterRouteList({ query }))).items) {
      await ok(rack.api.vpcRouterRouteDelete({ path: { route: name }, query }));
    }
    await ok(rack.api.vpcRouterDelete({ path: { router: "own" }, query: vpc }));
  }
});

test(
  "R52: names of a VPC are known to its instances alone, without nexus, and with one name server",
  { timeout },
  async () => {
    await using bed = await testbed("vpcs");
    const { rack, web, db } = await shop(bed);
    await using _rack = rack;
    const cache = await rack.instance("shop/cache");
    await bed.mark();
    for (const name of ["db", "db.default.shop.internal", "db.default.default.shop.internal"]) {
      await eventually(
        async () => {
          expect(await rack.addressesOf(web, name)).toEqual([db.v4, db.v6]);
        },
        { what: `web knows ${name}`, within },
      );
    }
    for (const name of ["nobody", "db.default.lab.internal", "nobody.default.shop.internal"]) {
      expect(await rack.addressesOf(web, name)).toEqual([]);
    }
    expect((await rack.run(web, ["getent", "hosts", db.v4])).stdout).toContain("db.default.shop.internal");
    // A query leaves the sled as the agent's own, never as the guest's.
    await expect(bed.wire("s1:net0--t1:rear0")).not.toCarry(
      { geneve: {}, inner: { udp: { dstPort: 53 } } },
      { within: 0 },
    );
    await bed.whileBroken(daemonFrozen("s1", { service: "nexusd" }), () =>
      bed.whileBroken(daemonFrozen("s1", { service: "dnsd" }), () =>
        eventually(
          async () => {
            expect(await rack.addressesOf(web, "cache")).toEqual([cache.v4, cache.v6]);
          },
          { what: "web knows cache", within },
        ),
      ),
    );
  },
);

test("R42: packets go on without sled-agents and nexus", { timeout }, async () => {
  await using bed = await testbed("vpcs");
  const { rack, web, db } = await shop(bed);
  await using _rack = rack;
  await bed.whileBroken(daemonFrozen("s1", { service: "nexusd" }), () =>
    bed.whileBroken(daemonFrozen("s1", { service: "sled-agent" }), () =>
      bed.whileBroken(daemonFrozen("s2", { service: "sled-agent" }), async () => {
        const ping = ["ping", "-n", "-c", "20", "-i", "0.2", "-W", "20", db.v4];
        expect((await rack.run(web, ping)).stdout).toContain(" 0% packet loss");
      }),
    ),
  );
});

test(
  "R26 R29: what is not an instance's own leaves it never, and what is goes one way for each connection",
  { timeout },
  async () => {
    await using bed = await testbed("vpcs");
    const { rack, web, db } = await shop(bed);
    await using _rack = rack;
    const wire = bed.wire(`${web.sled}:net0--t1:rear${Number(web.sled.slice(1)) - 1}`);
    const forged = "172.30.0.99";
    await bed.mark();
    await rack.run(
      web,
      `ip address add ${forged}/32 dev net0; ping -n -c 1 -W 1 -I ${forged} ${db.v4}; ip address delete ${forged}/32 dev net0`,
    );
    await expect(wire).not.toCarry({ geneve: {}, inner: { ipv4: { src: forged } } }, { within: 0 });
    // The switch chooses a way by the tunnel's port, which follows from the connection alone.
    for (const srcPort of [5001, 5002, 5001]) {
      await rack.run(web, `socat -u OPEN:/dev/null TCP:${db.v4}:9,sourceport=${srcPort},reuseaddr,connect-timeout=5`);
      const udp = { srcPort: tunnelPort({ src: web.v4, srcPort, dst: db.v4, dstPort: 9 }), dstPort: 6081 };
      const inner = { tcp: { srcPort, dstPort: 9 } };
      await expect(wire).toCarry({ from: `${web.sled}:net0`, udp, geneve: {}, inner });
    }
  },
);

test("R63: more rules than a VPC may have are refused, with the number, and change nothing", { timeout }, async () => {
  await using bed = await testbed("vpcs");
  await using rack = await VpcRack.of(bed);
  const query = { project: "shop", vpc: "default" };
  const before = await ok(rack.api.vpcFirewallRulesView({ query }));
  const rule = { description: "", status: "enabled", direction: "inbound", priority: 1, action: "allow" } as const;
  const rules = Array.from({ length: 1025 }, (_, at) => ({ ...rule, name: `r${at}`, targets: [], filters: {} }));
  const answer = await rack.api.vpcFirewallRulesUpdate({ query, body: { rules } });
  expect(answer).toMatchObject({ type: "error", response: { status: 400 } });
  expect(JSON.stringify(answer.type === "error" && answer.data)).toContain("1024");
  expect(await ok(rack.api.vpcFirewallRulesView({ query }))).toEqual(before);
});

test(
  "R50: sleds and switches see who is at the other end of a wire, and nothing depends on it",
  { timeout },
  async () => {
    await using bed = await testbed("vpcs");
    const { rack, web, db } = await shop(bed);
    await using _rack = rack;
    for (const [node, neighbours] of [
      ["s1", ["t1"]],
      ["s2", ["t1"]],
      ["t1", ["s1", "s2"]],
    ] as const) {
      await eventually(
        async () => {
          const { body } = await bed.node(node).httpGet({ address: "::1", port: 12_230, path: "/neighbors" });
          for (const name of neighbours) expect(body).toContain(`"${name}"`);
        },
        { what: `${node} sees ${neighbours.join(" and ")}`, within },
      );
    }
    await bed.whileBroken(daemonFrozen("t1", { service: "lldpd" }), async () => {
      expect(await rack.pings(web, db.v4)).toBe(true);
    });
  },
);

test("R65: a packet of 1500 bytes passes in its tunnel, and no longer one leaves", { timeout }, async () => {
  await using bed = await testbed("vpcs");
  const { rack, web, db } = await shop(bed);
  await using _rack = rack;
  const ping = async (size: number) =>
    (await rack.run(web, ["ping", "-n", "-M", "do", "-c", "1", "-W", "20", "-s", String(size), db.v4])).exitCode;
  expect(await ping(1472)).toBe(0);
  expect(await ping(1473)).not.toBe(0);
});

test("R08 R53: an instance that moves keeps its addresses, and is found at once", { timeout }, async () => {
  await using bed = await testbed("vpcs");
  const { rack, web, db } = await shop(bed);
  await using _rack = rack;
  expect(await rack.pings(web, db.v4)).toBe(true);
  await rack.nexus.send("POST", `/v1/instances/${db.id}/move`, {}, {});
  expect(await settledInstance(rack.nexus, db.id, within)).toBe("running");
  const moved = await rack.instance("shop/db");
  expect(moved.sled).toBe(web.sled);
  expect(moved.addresses).toEqual(db.addresses);
  for (const address of moved.addresses) {
    await eventually(
      async () => {
        expect(await rack.pings(web, address)).toBe(true);
      },
      { what: `web reaches db at ${address}`, within },
    );
  }
  // On one sled: nothing of it is on a wire.
  await bed.mark();
  expect(await rack.pings(web, db.v4)).toBe(true);
  await expect(bed.wire("s1:net0--t1:rear0")).not.toCarry({ geneve: {} }, { within: 0 });
  await expect(bed.wire("s2:net0--t1:rear1")).not.toCarry({ geneve: {} }, { within: 0 });
});
