import { beforeAll, expect, test } from "vitest";
import {
  drawCampaign,
  eventually,
  type FlowTestbed,
  type Plan,
  rackStatus,
  readTopology,
  seedFor,
  testbed,
} from "../../src/index.ts";
import { learned } from "./ddm.ts";
import { converged } from "./fabric.ts";

const here = { node: "rack0-sled0", address: "fd00:1122:3344:101::1" };
const there = { node: "rack1-sled0", address: "fd00:1122:3344:201::1" };

let plan: Plan;

beforeAll(async () => {
  plan = await readTopology("topologies/two-racks.yaml", { parameters: { sleds: 1 } });
});

/** The destinations that each data plane is programmed with, by node. */
async function programmed(bed: FlowTestbed): Promise<Readonly<Record<string, readonly string[]>>> {
  const { racks } = await rackStatus(bed.testbed);
  return Object.fromEntries(
    racks.flatMap(({ nodes }) =>
      nodes.map(({ name, routes }): [string, readonly string[]] => [
        name,
        routes
          .filter((route) => route.programmed.length > 0)
          .map(({ destination }) => destination)
          .toSorted(),
      ]),
    ),
  );
}

test(
  "R13 R14 R19 R23 R24: rack to rack: by a switch of one's own rack and one of the other, which is known as a whole",
  { timeout: 900_000 },
  async () => {
    await using bed = await testbed(plan);
    await converged(bed);

    // To a sled and its switches the other rack is one /56; what is in it, and bootstrap prefixes, stay there.
    const ofTheOther = /^fd00:1122:3344:2..:|^fdb0:/;
    expect(await learned(bed, here.node, ofTheOther)).toEqual(["fd00:1122:3344:200::/56"]);
    const known = await learned(bed, "rack0-switch0", ofTheOther);
    expect(known.filter((prefix) => prefix.startsWith("fd00:"))).toEqual(["fd00:1122:3344:200::/56"]);
    // Name servers are known in the whole site, each by a prefix of its own.
    await eventually(async () => {
      expect(await learned(bed, here.node, /^fd00:1122:3344:.::/)).toEqual(["fd00:1122:3344:2::/64"]);
    });

    // What a switch is programmed with: its own sled's prefixes, one for the other rack, one for each name server.
    const [bootstrap] = await learned(bed, "rack0-switch0", /^fdb0:/);
    expect((await programmed(bed))["rack0-switch0"]).toEqual(
      [
        "fd00:1122:3344:101::/64",
        "fd00:1122:3344:1::/64",
        "fd00:1122:3344:200::/56",
        "fd00:1122:3344:2::/64",
        bootstrap,
      ].toSorted(),
    );

    const ways = new Set<string>();
    // Two next hops at the sled and two at its switch make four ways; some of them is enough to see that each is sound.
    for (let port = 6000; port < 6032 && ways.size < 3; port += 1) {
      const send = `echo flow ${port} | socat -u - UDP6-SENDTO:[${there.address}]:9,sourceport=${port}`;
      const trace = await bed.node(here.node).trace(send, { to: there.node, match: { udp: { srcPort: port } } });
      const [first, second] = trace.hops.map(({ seen }) => seen.to);
      const own = first?.split(":")[0] ?? "";
      const other = second?.split(":")[0] ?? "";
      ways.add(`${own} ${other}`);
      const packet = { udp: { srcPort: port, dstPort: 9 } };
      const ends = { src: here.address, dst: there.address };
      expect(own).toMatch(/^rack0-switch[01]$/);
      expect(other).toMatch(/^rack1-switch[01]$/);
      expect(trace).toTraverse(
        [
          { leaves: here.node, enters: `${own}:rear0`, ipv6: { ...ends, hopLimit: 64 }, ...packet },
          { leaves: own, enters: other, at: /qsfp/, ipv6: { ...ends, hopLimit: 63 }, ...packet },
          { leaves: `${other}:rear0`, enters: there.node, ipv6: { ...ends, hopLimit: 62 }, ...packet },
        ],
        { exactly: true },
      );
    }
    expect(ways.size).toBeGreaterThanOrEqual(3);

    // And back, which other ways may be taken for.
    await bed.node(there.node).ask(`ping -6 -q -c 4 -W 20 ${here.address}`);
  },
);

test(
  "a campaign of thirty faults in two racks leaves everybody in everybody's reach, and no route over",
  { timeout: 3_600_000 },
  async () => {
    await using bed = await testbed(plan);
    await converged(bed);
    const before = await programmed(bed);
    const switches = plan.nodes.filter(({ kind }) => kind === "switch").map(({ name }) => name);
    const campaign = drawCampaign(
      seedFor("faults of two racks"),
      {
        count: 30,
        kinds: [
          ...(["down", "flapping", "cut", "one-way-cut", "impaired", "paused"] as const),
          ...(["killed", "daemon-killed", "daemon-stopped"] as const),
        ],
        daemons: {
          ...Object.fromEntries(switches.map((name) => [name, [{ service: "ddmd" }, { service: "dpd" }]])),
          [here.node]: [{ service: "ddmd" }],
          [there.node]: [{ service: "ddmd" }],
        },
        atOnce: 3,
        durationMs: { from: 500, to: 10_000 },
        quietMs: { from: 500, to: 4000 },
      },
      bed.plan,
    );
    await bed.campaign(campaign);
    await converged(bed);
    await bed.node(here.node).until(`ping -6 -q -c 1 -W 5 ${there.address}`, { within: 120_000 });
    await bed.node(there.node).until(`ping -6 -q -c 1 -W 5 ${here.address}`, { within: 120_000 });
    expect(await programmed(bed)).toEqual(before);
  },
);
