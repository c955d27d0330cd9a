import { expect, test } from "vitest";
import { down, eventually, stably, testbed } from "../../src/index.ts";
import { askDdmd, peersOf, tellDdmd } from "./ddm.ts";
import {
  counts,
  originating,
  ours,
  pingBothWays,
  routers,
  tunnelsKnown,
  untilCounts,
  untilTunnels,
} from "./trio-ddm.ts";

test("D1 R18: each sled has the switch for a peer, and the switch both sleds, by link-local addresses; the sleds reach each other", async () => {
  await using bed = await testbed("trio");
  const since = await bed.mark();
  const peers = await Promise.all(routers.map((node) => peersOf(bed, node)));
  expect(peers.map((list) => list.map(({ host }) => host).toSorted())).toEqual([["t1"], ["t1"], ["s1", "s2"]]);
  const addressOf = (port: string): string => bed.port(port).linkLocal;
  expect(peers[2]?.map(({ addr }) => addr).toSorted()).toEqual(["s1:net0", "s2:net0"].map(addressOf).toSorted());
  // They find and keep each other by what does not leave a wire.
  const found = { ipv6: { src: addressOf("s1:net0"), dst: "ff02::dd", hopLimit: 1 }, udp: { dstPort: 3549 } };
  await expect(bed.port("t1:rear0")).toCarry({ from: "s1:net0", ...found }, { since });
  await pingBothWays(bed);
});

test(
  "D2, D3, D8, D10: what a sled originates is known to the others, once, until it is withdrawn",
  { timeout: 300_000 },
  async () => {
    await using bed = await testbed("trio");
    {
      await using _first = await originating(bed, { s1: ["fd00:1::/64"] });
      await untilCounts(bed, [0, 1, 1]);
      await using _second = await originating(bed, { s2: ["fd00:2::/64"] });
      await untilCounts(bed, [1, 1, 2]);
      await bed.node("s1").ask("ddmadm advertise-prefixes fd00:1::/64");
      await stably(3, async () => {
        expect(await counts(bed)).toEqual([1, 1, 2]);
      });
    }
    await untilCounts(bed, [0, 0, 0]);
  },
);

test(
  "D12: a prefix that is named twice is there once, in the protocol and in the kernel",
  { timeout: 300_000 },
  async () => {
    await using bed = await testbed("trio");
    const three = ["fd00:1::/64", "fd00:2::/64", "fd00:3::/64"];
    await using _originating = await originating(bed, { s2: [...three, "fd00:2::/64"] });
    await untilCounts(bed, [3, 0, 3]);
    await eventually(async () => {
      const routes = await bed.node("s1").ask("ip -6 -json route show proto 223");
      const destinations = (JSON.parse(routes) as readonly { readonly dst: string }[]).map(({ dst }) => dst);
      expect(destinations.filter((destination) => ours.test(destination)).toSorted()).toEqual(three);
    });
  },
);

test("D9: a peer that an operator expires is found again", { timeout: 300_000 }, async () => {
  await using bed = await testbed("trio");
  await using _originating = await originating(bed, { s1: ["fd00:1::/64"] });
  await untilCounts(bed, [0, 1, 1]);
  const sled = (await peersOf(bed, "t1")).find(({ host }) => host === "s1");
  await tellDdmd(bed, "t1", "DELETE", `/peers/${sled?.addr ?? ""}`);
  await untilCounts(bed, [0, 1, 1]);
  await pingBothWays(bed);
});

test(
  "D13, D14, D16: a tunnel origin of the switch is known to both sleds, once, until it is withdrawn",
  { timeout: 300_000 },
  async () => {
    await using bed = await testbed("trio");
    const origin = "-o 203.0.113.0/24 -b fd00:1122:3344:1f0::1 -v 47 -m 0";
    const net = ["203.0.113.0/24"];
    await bed.node("t1").ask(`ddmadm tunnel-advertise ${origin}`);
    await untilTunnels(bed, [net, net, []]);
    await bed.node("t1").ask(`ddmadm tunnel-advertise ${origin}`);
    await stably(3, async () => {
      expect(await tunnelsKnown(bed)).toEqual([net, net, []]);
    });
    expect(await askDdmd<readonly unknown[]>(bed, "t1", "/originated_tunnel_endpoints")).toHaveLength(1);
    await bed.node("t1").ask(`ddmadm tunnel-withdraw ${origin}`);
    await untilTunnels(bed, [[], [], []]);
  },
);

test("D22: a cable without carrier is noticed at once, by both ends", { timeout: 300_000 }, async () => {
  await using bed = await testbed("trio");
  await using _originating = await originating(bed, { s1: ["fd00:1::/64"] });
  await untilCounts(bed, [0, 1, 1]);
  await bed.whileBroken(down("s1:net0--t1:rear0"), () => untilCounts(bed, [0, 0, 0]));
  await untilCounts(bed, [0, 1, 1]);
  await pingBothWays(bed);
});
