import { expect, test } from "vitest";
import {
  ethernet,
  type FlowTestbed,
  ipv4,
  ipv6,
  packet,
  payload,
  testbed,
  udp,
  verifyChecksums,
} from "../src/index.ts";

const first = "h1:net0--r1:net0";
const second = "r1:net1--h2:net0";

function routed(): Promise<FlowTestbed> {
  return testbed("routed");
}

/** The MACs of the two links that a packet from h1 to h2 crosses. */
function links(bed: FlowTestbed) {
  return {
    before: { src: bed.port("h1:net0").mac, dst: bed.port("r1:net0").mac },
    after: { src: bed.port("r1:net1").mac, dst: bed.port("h2:net0").mac },
  };
}

test("an IPv6 packet crosses the router with new MACs and one hop less", async () => {
  await using bed = await routed();
  const { before, after } = links(bed);
  const [src, dst] = [bed.port("h1:net0").ipv6, bed.port("h2:net0").ipv6];

  await bed
    .port("h1:net0")
    .send(
      packet(
        ethernet(before),
        ipv6({ src, dst, hopLimit: 64 }),
        udp({ srcPort: 4000, dstPort: 9 }),
        payload("kestrel"),
      ),
    );

  await expect(bed.wire(first)).toCarry({ from: "h1:net0", ethernet: before, ipv6: { src, dst, hopLimit: 64 } });
  await expect(bed.wire(second)).toCarry({
    from: "r1:net1",
    ethernet: after,
    ipv6: { src, dst, hopLimit: 63 },
    udp: { srcPort: 4000, dstPort: 9 },
  });
  // Nobody listens on the discard port of h2, which says so.
  await expect(bed.wire(first)).toCarry([
    { from: "h1:net0", udp: {} },
    { from: "r1:net0", ipv6: { src: dst, dst: src, hopLimit: 63 }, icmpv6: {} },
  ]);
});

test("an IPv4 packet crosses the router with new MACs, one hop less and a right checksum", async () => {
  await using bed = await routed();
  const { before, after } = links(bed);
  const [src, dst] = [bed.port("h1:net0").ipv4, bed.port("h2:net0").ipv4];

  await bed
    .port("h1:net0")
    .send(
      packet(ethernet(before), ipv4({ src, dst, ttl: 64 }), udp({ srcPort: 4000, dstPort: 9 }), payload("kestrel")),
    );

  await expect(bed.wire(second)).toCarry({
    from: "r1:net1",
    ethernet: after,
    ipv4: { src, dst, ttl: 63 },
    udp: { srcPort: 4000, dstPort: 9 },
  });
  const { hops } = await bed.trace();
  const crossing = hops.find(({ seen }) => seen.from === "r1:net1");
  expect(crossing?.previous?.from).toBe("h1:net0");
  expect(crossing?.changes.map(({ layer, field }) => `${layer}.${field}`)).toEqual([
    "ethernet.dst",
    "ethernet.src",
    "ipv4.ttl",
  ]);
  // Nobody listens on the discard port of h2, which says so.
  await expect(bed.wire(first)).toCarry({ from: "r1:net0", icmp: { message: "destination-unreachable" } });
  for (const { packet: seen } of (await bed.trace()).sightings) expect(verifyChecksums(seen)).toEqual([]);
});

test.for([
  { family: "IPv4", ping: "-4", address: "ipv4", request: { ipv4: { ttl: 63 } } },
  { family: "IPv6", ping: "-6", address: "ipv6", request: { ipv6: { hopLimit: 63 } } },
] as const)("a real $family ping crosses the router and comes back", async ({ ping, address, request }) => {
  await using bed = await routed();
  const { before, after } = links(bed);
  const back = ({ src, dst }: { src: string; dst: string }) => ({ src: dst, dst: src });
  const result = await bed.node("h1").exec(["ping", ping, "-c", "1", "-W", "20", bed.port("h2:net0")[address]]);

  expect(result.exitCode, result.stderr).toBe(0);
  await expect(bed.wire(first)).toCarry([
    { from: "h1:net0", ethernet: before },
    { from: "r1:net0", ethernet: back(before), ...request },
  ]);
  await expect(bed.wire(second)).toCarry(
    [
      { from: "r1:net1", ethernet: after, ...request },
      { from: "h2:net0", ethernet: back(after) },
    ],
    { only: true },
  );
});

test("the router answers Time Exceeded to an IPv6 packet with hop limit 1, and sends nothing on", async () => {
  await using bed = await routed();
  const { before } = links(bed);
  const [src, dst] = [bed.port("h1:net0").ipv6, bed.port("h2:net0").ipv6];

  await bed
    .port("h1:net0")
    .send(
      packet(ethernet(before), ipv6({ src, dst, hopLimit: 1 }), udp({ srcPort: 4000, dstPort: 9 }), payload("late")),
    );

  await expect(bed.wire(first)).toCarry({
    from: "r1:net0",
    ipv6: { src: bed.port("r1:net0").ipv6, dst: src },
    icmpv6: { message: "time-exceeded", code: 0 },
  });
  await expect(bed.wire(second)).not.toCarry({ udp: { srcPort: 4000 } });
});

test("the router answers Time Exceeded to an IPv4 packet with TTL 1, and sends nothing on", async () => {
  await using bed = await routed();
  const { before } = links(bed);
  const [src, dst] = [bed.port("h1:net0").ipv4, bed.port("h2:net0").ipv4];

  await bed
    .port("h1:net0")
    .send(packet(ethernet(before), ipv4({ src, dst, ttl: 1 }), udp({ srcPort: 4000, dstPort: 9 }), payload("late")));

  await expect(bed.wire(first)).toCarry({
    from: "r1:net0",
    ipv4: { src: bed.port("r1:net0").ipv4, dst: src },
    icmp: { message: "time-exceeded", code: 0 },
  });
  await expect(bed.wire(second)).not.toCarry({ udp: { srcPort: 4000 } });
});
