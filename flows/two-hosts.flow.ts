import { expect, test } from "vitest";
import { ethernet, type FlowTestbed, ipv6, packet, payload, testbed, udp } from "../src/index.ts";

const wire = "h1:net0--h2:net0";

function twoHosts(): Promise<FlowTestbed> {
  return testbed("two-hosts");
}

test("a ping asks and is answered on the one wire", async () => {
  await using bed = await twoHosts();
  const [h1, h2] = [bed.port("h1:net0"), bed.port("h2:net0")];
  const { exitCode } = await bed.node("h1").exec(["ping", "-6", "-c", "1", "-W", "20", h2.ipv6]);

  expect(exitCode).toBe(0);
  await expect(bed.wire(wire)).toCarry(
    [
      { from: "h1:net0", ipv6: { src: h1.ipv6, dst: h2.ipv6 }, icmpv6: { message: "echo-request" } },
      { from: "h2:net0", ipv6: { src: h2.ipv6, dst: h1.ipv6 }, icmpv6: { message: "echo-reply" } },
    ],
    { only: true },
  );
});

test("neighbour discovery is background, unless it is asked for", async () => {
  await using bed = await twoHosts();
  const target = bed.port("h2:net0").ipv6;
  // Whom h1 hears asking, it knows: h2 is made to forget too, and h1 asks at once.
  await bed.node("h2").ask(["ip", "-6", "neigh", "flush", "all"]);
  await bed.node("h1").exec(`ip -6 neigh flush all; ping -6 -c 1 -W 20 ${target}`);

  await expect(bed.wire(wire)).toCarry([
    { from: "h1:net0", icmpv6: { message: "neighbor-solicitation" } },
    { from: "h2:net0", icmpv6: { message: "neighbor-advertisement" } },
    { from: "h1:net0", icmpv6: { message: "echo-request" } },
  ]);
});

test("an expectation that fails names the wire, the nearest frame and the field", async () => {
  await using bed = await twoHosts();
  const [h1, h2] = [bed.port("h1:net0"), bed.port("h2:net0")];
  await h1.send(
    packet(
      ethernet({ src: h1.mac, dst: h2.mac }),
      ipv6({ src: h1.ipv6, dst: h2.ipv6, hopLimit: 64 }),
      udp({ srcPort: 4000, dstPort: 9 }),
      payload("kestrel"),
    ),
  );

  const failing = expect(bed.wire(wire)).toCarry({ from: "h1:net0", ipv6: { hopLimit: 63 }, udp: {} }, { within: 200 });
  await expect(failing).rejects.toThrow(
    /did not carry the frame expected within 200 ms[^]*✗ ipv6\.hopLimit +expected 63, found 64[^]*h1:net0 → h2:net0/,
  );
});
