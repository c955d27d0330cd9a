import { expect, test } from "vitest";
import { daemonKilled, daemonStopped, eventually, testbed } from "../../src/index.ts";
import { learned } from "./ddm.ts";
import { originating, ours, pingBothWays, untilCounts, untilTunnels, within } from "./trio-ddm.ts";

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

test("D15: a tunnel origin is learned again by a sled that begins anew", { timeout: 300_000 }, async () => {
  await using bed = await testbed("trio");
  const origin = "-o 203.0.113.0/24 -b fd00:1122:3344:1f0::1 -v 47 -m 0";
  const net = ["203.0.113.0/24"];
  await bed.node("t1").ask(`ddmadm tunnel-advertise ${origin}`);
  await untilTunnels(bed, [net, net, []]);
  await bed.whileBroken(daemonKilled("s1", { service: "ddmd" }), () => untilTunnels(bed, [net, net, []]));
  await bed.node("t1").ask(`ddmadm tunnel-withdraw ${origin}`);
  await untilTunnels(bed, [[], [], []]);
});
