import { expect, test } from "vitest";
import { daemonKilled, daemonStopped, down, eventually, type FlowTestbed, stably, testbed } from "../../src/index.ts";
import { askDdmd, learned, learnedTunnels, peersOf, tellDdmd } from "./ddm.ts";

/** The routers of the trio: two sleds and the switch between them. */
const routers = ["s1", "s2", "t1"] as const;
/** What the flows have sleds originate; their own prefixes are there all the time. */
const ours = /^fd00:[0-9]:/;
/** How long a peer that ends without a word is still believed, and how long news then takes, under emulation. */
const within = 60_000;

/** How many of the prefixes of these flows each router has learned: in the order of `routers`. */
async function counts(bed: FlowTestbed): Promise<readonly number[]> {
  return Promise.all(routers.map(async (node) => (await learned(bed, node, ours)).length));
}

async function untilCounts(bed: FlowTestbed, expected: readonly [s1: number, s2: number, t1: number]): Promise<void> {
  const what = `s1, s2 and t1 have learned ${expected.join(", ")} prefixes`;
  await eventually(
    async () => {
      expect(await counts(bed)).toEqual(expected);
    },
    { what, within },
  );
}

async function pingBothWays(bed: FlowTestbed): Promise<void> {
  await bed.node("s1").until("ping -6 -q -c 1 -W 5 fd00:1122:3344:102::1", { within });
  await bed.node("s2").until("ping -6 -q -c 1 -W 5 fd00:1122:3344:101::1", { within });
}

/** Have sleds originate prefixes until the end of the scope. */
async function originating(
  bed: FlowTestbed,
  prefixes: Readonly<Partial<Record<"s1" | "s2", readonly string[]>>>,
): Promise<AsyncDisposable> {
  const change = (method: "PUT" | "DELETE") =>
    Promise.all(Object.entries(prefixes).map(([node, list]) => tellDdmd(bed, node, method, "/prefix", list)));
  await change("PUT");
  return {
    [Symbol.asyncDispose]: async () => {
      await change("DELETE");
    },
  };
}

test("D1: each sled has the switch for a peer, and the switch both sleds; the sleds reach each other", async () => {
  await using bed = await testbed("trio");
  const peers = await Promise.all(routers.map((node) => peersOf(bed, node)));
  expect(peers.map((list) => list.map(({ host }) => host).toSorted())).toEqual([["t1"], ["t1"], ["s1", "s2"]]);
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

test(
  "D4 to D7: who is away is forgotten with what it told, and offers it again by itself",
  { timeout: 600_000 },
  async () => {
    await using bed = await testbed("trio");
    await using _originating = await originating(bed, { s1: ["fd00:1::/64"], s2: ["fd00:2::/64"] });
    await untilCounts(bed, [1, 1, 2]);
    await bed.whileBroken(daemonStopped("t1", { service: "ddmd" }), async () => {
      for (const node of ["s1", "s2"])
        await eventually(
          async () => {
            expect(await learned(bed, node, ours)).toEqual([]);
          },
          { within },
        );
    });
    await untilCounts(bed, [1, 1, 2]);
    await pingBothWays(bed);
    await bed.whileBroken(daemonStopped("s1", { service: "ddmd" }), async () => {
      await eventually(
        async () => {
          expect(await learned(bed, "s2", ours)).toEqual([]);
        },
        { within },
      );
      expect(await learned(bed, "t1", ours)).toEqual(["fd00:2::/64"]);
    });
    await untilCounts(bed, [1, 1, 2]);
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
  "D13 to D16: a tunnel origin of the switch is known to both sleds, once, until it is withdrawn",
  { timeout: 300_000 },
  async () => {
    await using bed = await testbed("trio");
    const origin = "-o 203.0.113.0/24 -b fd00:1122:3344:1f0::1 -v 47 -m 0";
    const known = () => Promise.all(routers.map((node) => learnedTunnels(bed, node)));
    const untilKnown = (...expected: readonly (readonly string[])[]) =>
      eventually(
        async () => {
          expect(await known()).toEqual(expected);
        },
        { within },
      );
    const net = ["203.0.113.0/24"];
    await bed.node("t1").ask(`ddmadm tunnel-advertise ${origin}`);
    await untilKnown(net, net, []);
    await bed.node("t1").ask(`ddmadm tunnel-advertise ${origin}`);
    await stably(3, async () => {
      expect(await known()).toEqual([net, net, []]);
    });
    expect(await askDdmd<readonly unknown[]>(bed, "t1", "/originated_tunnel_endpoints")).toHaveLength(1);
    await bed.whileBroken(daemonKilled("s1", { service: "ddmd" }), () => untilKnown(net, net, []));
    await bed.node("t1").ask(`ddmadm tunnel-withdraw ${origin}`);
    await untilKnown([], [], []);
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
