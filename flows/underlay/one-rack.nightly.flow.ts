import { beforeAll, expect, test } from "vitest";
import { eventually, type FlowTestbed, type PacketTrace, type Plan, readTopology, testbed } from "../../src/index.ts";
import { learned, peersOf } from "./ddm.ts";
import { converged, type Endpoint } from "./fabric.ts";

const sled0: Endpoint = { node: "rack0-sled0", address: "fd00:1122:3344:101::1" };
const sled1: Endpoint = { node: "rack0-sled1", address: "fd00:1122:3344:102::1" };

let plan: Plan;

beforeAll(async () => {
  plan = await readTopology("topologies/one-rack.yaml", { parameters: { sleds: 2 } });
});

/** Send a datagram from this port of the first sled to the second, and follow it. */
function datagram(bed: FlowTestbed, sourcePort: number): Promise<PacketTrace> {
  const send = `echo flow ${sourcePort} | socat -u - UDP6-SENDTO:[${sled1.address}]:9,sourceport=${sourcePort}`;
  return bed.node(sled0.node).trace(send, { to: sled1.node, match: { udp: { srcPort: sourcePort } } });
}

test(
  "R15 R17: physical flow: either switch, and from hop to hop by link-local neighbours",
  { timeout: 600_000 },
  async () => {
    await using bed = await testbed(plan);
    await converged(bed);
    const mac = (port: string): string => bed.port(port).mac;
    const ways = new Set<number>();
    // Ports spread flows over both next hops. That all of these take the same has a chance of 2 to the -31.
    for (let port = 5000; port < 5032 && ways.size < 2; port += 1) {
      const trace = await datagram(bed, port);
      const way = trace.hops[0]?.seen.from === "rack0-sled0:net0" ? 0 : 1;
      ways.add(way);
      const ends = { src: sled0.address, dst: sled1.address };
      expect(trace).toTraverse(
        [
          {
            leaves: `rack0-sled0:net${way}`,
            enters: `rack0-switch${way}:rear0`,
            ethernet: { src: mac(`rack0-sled0:net${way}`), dst: mac(`rack0-switch${way}:rear0`) },
            ipv6: { ...ends, hopLimit: 64 },
            udp: { srcPort: port, dstPort: 9 },
          },
          {
            leaves: `rack0-switch${way}:rear1`,
            enters: `rack0-sled1:net${way}`,
            ethernet: { src: mac(`rack0-switch${way}:rear1`), dst: mac(`rack0-sled1:net${way}`) },
            ipv6: { ...ends, hopLimit: 63 },
            udp: { srcPort: port, dstPort: 9 },
          },
        ],
        { exactly: true },
      );
      const neighbour = await bed.node(sled0.node).ask(`ip -6 neigh show dev net${way}`);
      expect(neighbour).toContain(
        `${bed.port(`rack0-switch${way}:rear0`).linkLocal} lladdr ${mac(`rack0-switch${way}:rear0`)}`,
      );
    }
    expect([...ways].toSorted()).toEqual([0, 1]);
  },
);

test("traceroute shows the switch between two sleds", { timeout: 300_000 }, async () => {
  await using bed = await testbed(plan);
  await converged(bed);
  const shown = await bed.node(sled0.node).ask(`traceroute -6 -n -q 1 -w 10 ${sled1.address}`);
  expect(shown).toMatch(/^ 1 {2}fd00:1122:3344:1f[01]::1 .*\n 2 {2}fd00:1122:3344:102::1 /m);
});

test(
  "R19: a sled has an address by its MAC address alone, which the others know by both switches",
  { timeout: 300_000 },
  async () => {
    await using bed = await testbed(plan);
    await converged(bed);
    const [, , ...mac] = bed.port("rack0-sled1:net0").mac.split(":");
    const groups = [
      bed.port("rack0-sled1:net0").mac.slice(0, 5).replace(":", ""),
      mac.slice(0, 2).join(""),
      mac.slice(2).join(""),
    ];
    const prefix = `fdb0:${groups.map((group) => Number.parseInt(group, 16).toString(16)).join(":")}`;
    expect(await learned(bed, sled0.node, /^fdb0:/)).toEqual([`${prefix}::/64`]);
    const routes = await bed.node(sled0.node).ask(`ip -6 route show ${prefix}::/64`);
    expect(routes).toMatch(/dev net0/);
    expect(routes).toMatch(/dev net1/);
    await bed.node(sled0.node).ask(`ping -6 -q -c 1 -W 20 ${prefix}::1`);
  },
);

test(
  "R20: cables that are swapped between the ports of a switch make no difference",
  { timeout: 600_000 },
  async () => {
    await using bed = await testbed(plan, { fresh: true });
    await converged(bed);
    const cables = [0, 1].map((sled) => bed.wire(`rack0-sled${sled}:net0--rack0-switch0:rear${sled}`));
    await Promise.all(cables.map((cable) => cable.unplug("b")));
    await Promise.all(cables.map((cable, sled) => cable.plug("b", `rack0-switch0:rear${1 - sled}`)));
    await eventually(
      async () => {
        const peers = await peersOf(bed, "rack0-switch0");
        expect(peers.map((peer) => [peer.host, peer.interface.replace(/_0$/, "")]).toSorted()).toEqual([
          ["rack0-sled0", "tfportrear1"],
          ["rack0-sled1", "tfportrear0"],
        ]);
      },
      { what: "the switch has each sled for a peer at its new port", within: 120_000 },
    );
    // By the first switch, which either sled knows again, and by nothing else.
    await Promise.all(
      [sled0, sled1].map(({ node }) =>
        bed.node(node).until("ip -6 route show proto 223 | grep -q 'dev net0'", { within: 120_000 }),
      ),
    );
    await bed.node(sled0.node).ask("ip link set net1 down");
    const since = await bed.mark();
    await bed.node(sled0.node).until(`ping -6 -q -c 1 -W 5 ${sled1.address}`, { within: 120_000 });
    await expect(bed.port("rack0-switch0:rear1")).toCarry(
      {
        from: "rack0-sled0:net0",
        ipv6: { src: sled0.address, dst: sled1.address },
        icmpv6: { message: "echo-request" },
      },
      { since },
    );
  },
);
