import { expect, test } from "vitest";
import { testbed } from "../../src/index.ts";

test("a ping crosses the router and comes back", async () => {
  await using bed = await testbed("routed");
  await bed.node("h1").exec(["ping", "-6", "-c", "1", "-W", "20", bed.port("h2:net0").ipv6]);

  await expect(bed.wire("r1:net1--h2:net0")).toCarry([
    { from: "r1:net1", ipv6: { hopLimit: 63 }, icmpv6: { message: "echo-request" } },
    { from: "h2:net0", ipv6: { hopLimit: 64 }, icmpv6: { message: "echo-reply" } },
  ]);
});
