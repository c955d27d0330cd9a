import { expect, test } from "vitest";
import {
  allOf,
  anyOf,
  ethernet,
  everydayBackground,
  type FlowTestbed,
  ipv6,
  masked,
  noneOf,
  packet,
  type Packet,
  payload,
  testbed,
  udp,
} from "../../src/index.ts";

const first = "h1:net0--r1:net0";
const second = "r1:net1--h2:net0";

function routed(): Promise<FlowTestbed> {
  return testbed("routed");
}

/** Nobody listens on the discard port of h2, which says so: until then the conversation has not ended. */
async function refusalComesBack(bed: FlowTestbed, since = bed.cursor): Promise<void> {
  await expect(bed.wire(first)).toCarry({ from: "r1:net0", icmpv6: { message: "destination-unreachable" } }, { since });
}

function datagram(bed: FlowTestbed, { hopLimit = 64, dstPort = 9 } = {}): Packet {
  const [h1, h2] = [bed.port("h1:net0"), bed.port("h2:net0")];
  return packet(
    ethernet({ src: h1.mac, dst: bed.port("r1:net0").mac }),
    ipv6({ src: h1.ipv6, dst: h2.ipv6, hopLimit }),
    udp({ srcPort: 4000, dstPort }),
    payload("kestrel"),
  );
}

async function complaint(failing: Promise<unknown>): Promise<string> {
  return failing.then(
    () => "it passed",
    (error: unknown) => (error as Error).message,
  );
}

test("a whole frame comes out of the router as it went in, apart from MACs and hop limit", async () => {
  await using bed = await routed();
  const sent = datagram(bed);
  await bed.port("h1:net0").send(sent);
  await expect(bed.wire(first)).toCarry(sent);
  const crossed = masked(sent).ignoring("ethernet").ignoring("ipv6", "hopLimit");
  await expect(bed.wire(second)).toCarry(crossed);
  expect(await complaint(expect(bed.wire(second)).toCarry(masked(sent).ignoring("ethernet"), { within: 200 }))).toMatch(
    /wire r1:net1--h2:net0 did not carry the frame expected[^]*✗ ipv6\.hopLimit +expected 64, found 63/,
  );
  await refusalComesBack(bed);
});

test("the wires that carry it, and those that do not", async () => {
  await using bed = await routed();
  const [before, behind] = [bed.wire(first), bed.wire(second)];
  await bed.port("h1:net0").send(datagram(bed));
  const since = bed.cursor;
  await expect(allOf(before, behind)).toCarry({ udp: { dstPort: 9 } });
  await bed.port("h1:net0").send(datagram(bed, { hopLimit: 1 }));
  await expect(anyOf(before, behind)).toCarry({ icmpv6: { message: "time-exceeded" } });
  await expect(noneOf(before, behind)).toCarry({ tcp: {} }, { within: 200 });
  expect(await complaint(expect(allOf(before, behind)).toCarry({ udp: {} }, { within: 200 }))).toMatch(
    /^expected each of 2 to carry it, 1 did\nwire r1:net1--h2:net0 did not carry the frame expected within 200 ms/,
  );
  await refusalComesBack(bed, since);
});

test("three echo requests are three, in whatever order the rest comes", async () => {
  await using bed = await routed();
  await bed.node("h1").exec(["ping", "-6", "-c", "3", "-i", "0.2", "-W", "20", bed.port("h2:net0").ipv6]);
  const wire = bed.wire(second);
  const request = { icmpv6: { message: "echo-request" } } as const;
  const reply = { icmpv6: { message: "echo-reply" } } as const;
  await expect(wire).toCarry(request, { exactly: 3 });
  await expect(wire).toCarry([reply, request], { inAnyOrder: true });
  await expect(wire).toCarry([request, reply], { atLeast: 3, atMost: 3, only: true });
  expect(await complaint(expect(wire).toCarry(request, { exactly: 2 }))).toMatch(
    /^wire r1:net1--h2:net0 carried the frame 3 times, expected exactly 2 times/,
  );
});

test("what nodes say by themselves is background, and which of it can be said", async () => {
  await using bed = await routed();
  // Whom h1 hears asking, it knows: r1 is made to forget too, and h1 asks at once.
  await bed.node("r1").ask(["ip", "-6", "neigh", "flush", "all"]);
  await bed.node("h1").exec(`ip -6 neigh flush all; ping -6 -c 1 -W 20 ${bed.port("h2:net0").ipv6}`);
  const wire = bed.wire(first);
  const exchange = [{ icmpv6: { message: "echo-request" } }, { icmpv6: { message: "echo-reply" } }] as const;
  await expect(wire).toCarry(exchange, { only: true });
  expect(await complaint(expect(wire).toCarry(exchange, { only: true, background: "none" }))).toMatch(
    /carried something else than the 2 frames expected/,
  );
  const others = [...everydayBackground].filter((kind) => kind !== "neighbor-discovery");
  expect(await complaint(expect(wire).toCarry(exchange, { only: true, background: others }))).toMatch(
    /carried something else than the 2 frames expected: .*ICMPv6 neighbor /,
  );
});
