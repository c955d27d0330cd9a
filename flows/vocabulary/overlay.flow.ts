import { expect, test } from "vitest";
import { ethernet, type FlowTestbed, icmp, ipv4, packet, type Packet, payload, testbed, udp } from "../../src/index.ts";

function overlay(): Promise<FlowTestbed> {
  return testbed("overlay");
}

function datagram(bed: FlowTestbed, text: string): Packet {
  const [h1, h2] = [bed.port("h1:net0"), bed.port("h2:net0")];
  return packet(
    ethernet({ src: h1.mac, dst: bed.port("r1:net0").mac }),
    ipv4({ src: h1.ipv4, dst: h2.ipv4, identification: 7 }),
    udp({ srcPort: 4000, dstPort: 9 }),
    payload(text),
  );
}

/** What a failing assertion says. */
async function complaint(failing: Promise<unknown> | (() => void)): Promise<string> {
  try {
    if (typeof failing === "function") failing();
    else await failing;
  } catch (error) {
    return (error as Error).message;
  }
  return "it passed";
}

test("a packet is followed through NAT and Geneve, on wires and at taps", async () => {
  await using bed = await overlay();
  await using _inside = await bed.node("r1").tap("gnv0", { filter: "udp" });
  await using _entry = await bed.node("r1").tap("net0", { filter: "udp" });
  const trace = await bed.port("h1:net0").trace(datagram(bed, "kestrel over geneve"), { to: "h2" });

  expect(trace).toTraverse(
    [
      { leaves: "h1:net0", enters: "r1", ipv4: { src: "10.1.0.1", ttl: 64 }, geneve: false },
      { at: "r1:net0", enters: "r1:net0", ipv4: { ttl: 64 } },
      { at: "r1:gnv0", leaves: "r1:gnv0", ipv4: { src: "10.9.0.1", dst: "10.2.0.1", ttl: 63 } },
      {
        leaves: "r1:net1",
        enters: "r2:net1",
        ipv6: { src: "fd00::1", dst: "fd00::2" },
        geneve: { vni: 1001 },
        inner: { ipv4: { src: "10.9.0.1", ttl: 63 } },
      },
      { leaves: "r2:net0", enters: "h2:net0", geneve: false, ipv4: { src: "10.9.0.1", ttl: 62 } },
    ],
    { exactly: true },
  );
  expect(String(trace)).toMatch(/\+ Geneve VNI 1001 {2}outer IPv6 fd00::1 > fd00::2[^]*− Geneve VNI 1001/);
  expect(String(trace)).toMatch(/~ source address {2}10\.1\.0\.1 → 10\.9\.0\.1/);
});

test("a command's packet is followed as well", async () => {
  await using bed = await overlay();
  const trace = await bed.node("h1").trace(["ping", "-c", "1", "-W", "20", "10.2.0.1"], { to: "h2" });
  expect(trace).toTraverse([
    { leaves: "h1", icmp: { message: "echo-request" } },
    { at: "underlay", geneve: { vni: 1001 } },
    { enters: "h2", icmp: { message: "echo-request" } },
  ]);
});

test("a path that is not the expected one names hop, field, expected and found", async () => {
  await using bed = await overlay();
  const trace = await bed.port("h1:net0").trace(datagram(bed, "wrong path"), { to: "h2" });
  const wrong = await complaint(() => {
    expect(trace).toTraverse([
      { leaves: "h1" },
      { leaves: "r1:net1", geneve: { vni: 1002 }, inner: { ipv4: { ttl: 62 } } },
      { enters: "h2" },
    ]);
  });
  expect(wrong).toMatch(
    /^hop 2 is not as expected, at r1:net1 → r2:net1:\n {2}geneve\.vni: expected 1002, found 1001\n {2}inner ipv4\.ttl: expected 62, found 63\n/,
  );
  expect(wrong).toMatch(
    /the packet's path:\n {2}h1:net0 ━━━━━ r1:net0[^]*r1:net1 ━━━━━ r2:net1[^]*r2:net0 ━━━━━ h2:net0/,
  );
});

test("a packet that a cut wire swallows is missing behind it, and the report says which wire and why", async () => {
  await using bed = await overlay();
  await bed.wire("underlay").cut();
  const trace = await bed.port("h1:net0").trace(datagram(bed, "swallowed"), { to: "h2" });
  const missing = await complaint(() => {
    expect(trace).toTraverse([{ leaves: "h1" }, { enters: "h2" }]);
  });
  expect(missing).toMatch(
    /^hop 2 \(enters h2\) is missing: it was last seen at r1:net1 → r2:net1, which did not deliver it: cut\n/,
  );
});

test("an expectation looks into tunnels, and its failure shows what is inside", async () => {
  await using bed = await overlay();
  await bed.port("h1:net0").send(datagram(bed, "inside"));
  const underlay = bed.wire("underlay");
  await expect(underlay).toCarry({ from: "r1:net1", geneve: { vni: 1001 }, inner: { udp: { dstPort: 9 } } });
  const failing = expect(underlay).toCarry(
    { geneve: { vni: 1001 }, inner: { ipv4: { src: "10.1.0.1" } } },
    { within: 200 },
  );
  expect(await complaint(failing)).toMatch(
    /wire underlay did not carry the frame expected[^]*✗ inner ipv4\.src +expected 10\.1\.0\.1, found 10\.9\.0\.1/,
  );
});

test("a tap sees what came since the last send, also what was sent before it was looked at", async () => {
  await using bed = await overlay();
  await using tap = await bed.node("r2").tap("gnv0");
  await bed.port("h1:net0").send(datagram(bed, "first"));
  await expect(tap).toCarry({ udp: {}, payload: { data: (data) => Buffer.from(data).toString() === "first" } });
  await bed.port("h1:net0").send(datagram(bed, "second"));
  await expect(tap).toCarry({ to: "r2:gnv0", udp: { dstPort: 9 } }, { exactly: 1 });
  expect(await complaint(expect(tap).toCarry({ udp: { dstPort: 10 } }, { within: 200 }))).toMatch(
    /^tap r2:gnv0 did not carry the frame expected within 200 ms[^]*✗ udp\.dstPort +expected 10, found 9/,
  );
  const { captured, dropped } = await tap.stop();
  expect(captured).toBeGreaterThanOrEqual(2);
  expect(dropped).toBe(0);
});

test("a tap does not mind that the clock of its node is stepped", async () => {
  await using bed = await overlay();
  const r2 = bed.node("r2");
  await using tap = await r2.tap("gnv0", { filter: "udp" });
  const textOf = (text: string) => ({ payload: { data: (data: Uint8Array) => Buffer.from(data).toString() === text } });
  await bed.port("h1:net0").send(datagram(bed, "before"));
  await expect(tap).toCarry(textOf("before"));
  for (const step of ["1 hour ago", "2 hours"]) {
    await r2.ask(["date", "--set", step]);
    await bed.port("h1:net0").send(datagram(bed, step));
    await expect(tap).toCarry(textOf(step), { exactly: 1, only: true });
  }
  await r2.ask(["date", "--set", "1 hour ago"]);
});

test("a tap that cannot be is one clear error", async () => {
  await using bed = await overlay();
  expect(await complaint(bed.node("r1").tap("gnv1"))).toMatch(
    /^tap an interface: r1:gnv1: expected an interface of r1: .*gnv0.*, found no such interface/,
  );
  expect(await complaint(bed.node("r1").tap("gnv0", { filter: "udp prot 9" }))).toMatch(
    /^tap an interface: r1:gnv0: expected a filter of pcap-filter\(7\), found udp prot 9: /,
  );
});

test("a tap may be in another network namespace", async () => {
  await using bed = await overlay();
  const h1 = bed.node("h1");
  await h1.ask(
    "ip netns add box && ip link add veth0 type veth peer name eth0 netns box && ip address add 10.3.0.1/24 dev veth0 && " +
      "ip link set veth0 up && ip -n box address add 10.3.0.2/24 dev eth0 && ip -n box link set eth0 up",
  );
  {
    await using tap = await h1.tap("eth0", { namespace: "box", filter: "icmp" });
    await h1.exec(["ping", "-c", "1", "-W", "20", "10.3.0.2"]);
    await expect(tap).toCarry([
      { to: "h1:box/eth0", icmp: { message: "echo-request" } },
      { from: "h1:box/eth0", icmp: { message: "echo-reply" } },
    ]);
  }
  await h1.ask("ip netns delete box");
});

test("an answer that quotes a translated packet finds its way back", async () => {
  await using bed = await overlay();
  const [h1, r1] = [bed.port("h1:net0"), bed.port("r1:net0")];
  await h1.send(
    packet(
      ethernet({ src: h1.mac, dst: r1.mac }),
      ipv4({ src: h1.ipv4, dst: "10.2.0.1" }),
      icmp({ message: "echo-request", identifier: 77, sequence: 5 }),
      payload("ask"),
    ),
  );
  await expect(bed.wire("h1:net0--r1:net0")).toCarry({ from: "r1:net0", icmp: { message: "echo-reply", sequence: 5 } });
  const [request, reply] = (await bed.trace()).packets;
  expect(request).toTraverse(["h1", "underlay", "h2"]);
  expect(reply).toTraverse([
    "h2",
    { at: "underlay", geneve: { vni: 1001 } },
    { enters: "h1", ipv4: { dst: "10.1.0.1" } },
  ]);
});
