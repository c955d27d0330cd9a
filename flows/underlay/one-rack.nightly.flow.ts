import { beforeAll, expect, test } from "vitest";
import { type FlowTestbed, type PacketTrace, type Plan, readTopology, testbed } from "../../src/index.ts";
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
  return bed.node(sled0.node).trace(send, { to: sled1.node });
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
