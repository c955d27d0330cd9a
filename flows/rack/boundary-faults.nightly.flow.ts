import { expect, test } from "vitest";
import { killed, testbed } from "../../src/index.ts";
import { instanceCommand, NexusClient } from "../../src/rack/index.ts";
import { outside, pingFrom, pingTo, reachedBy, runningInstance, wayOut, within } from "./boundary.ts";

const project = "shop";

test("a customer's router, a silent uplink and a switch are lost and come back", { timeout: 1_800_000 }, async () => {
  await using bed = await testbed("boundary", { fresh: true });
  const nexus = await NexusClient.of(bed.testbed);
  const web = await runningInstance(bed, nexus, "web");
  const sled = bed.node(web.sled);
  const both = ["qsfp0", "qsfp1"];
  await reachedBy(bed, both);

  // The router is gone: its peers hear nothing of it for as long as they hold the session.
  await bed.whileBroken(killed("c1"), async () => {
    await reachedBy(bed, ["qsfp1"]);
    const out = await sled.trace(pingFrom(web, outside), { to: "internet", match: { geneve: {} } });
    expect(out).toTraverse(wayOut(web, "198.51.100.0", "c2"), { exactly: true });
    expect((await sled.exec(pingFrom(web, outside))).exitCode).toBe(0);
  });
  await reachedBy(bed, both);

  // BFD tells of a wire that swallows everything, long before BGP would.
  const session = { detection_threshold: 5, mode: "single_hop", remote: "192.0.2.6", required_rx: 1_000_000 };
  await nexus.send("POST", "/v1/system/networking/bfd-enable", {}, { ...session, switch_slot: "switch0" });
  await bed.node("c2").ask("/usr/lib/frr/bfdd --daemon --config_file /dev/null");
  const lines = [
    ...[
      "bfd",
      "peer 192.0.2.5",
      "detect-multiplier 5",
      "receive-interval 1000",
      "transmit-interval 1000",
      "exit",
      "exit",
    ],
    ...["router bgp 64502", "neighbor 192.0.2.5 bfd", "end"],
  ];
  await bed.node("c2").ask(["vtysh", ...["configure terminal", ...lines].flatMap((line) => ["-c", line])]);
  await bed.node("t1").until("mgadm bfd get-peers | grep -q ' up$'", { within });
  const silent = bed.wire("t1:qsfp1--c2:net0");
  await silent.cut();
  await reachedBy(bed, ["qsfp0"]);
  expect((await sled.exec(pingFrom(web, outside))).exitCode).toBe(0);
  await silent.mend();
  await reachedBy(bed, both);

  // A switch that was off has its uplinks and NAT before nexus says anything.
  await bed.whileBroken(killed("t1"), async () => {
    await bed.node("internet").until("! ip route show 198.51.100.0/26 | grep -q .", { within });
  });
  await reachedBy(bed, both);
  expect((await sled.exec(pingFrom(web, outside))).exitCode).toBe(0);
});

test("an external subnet that is attached to an instance leads to it", { timeout: 900_000 }, async () => {
  await using bed = await testbed("boundary", { fresh: true });
  const nexus = await NexusClient.of(bed.testbed);
  const web = await runningInstance(bed, nexus, "web");
  const sled = bed.node(web.sled);
  await reachedBy(bed, ["qsfp0", "qsfp1"]);
  const member = { subnet: "198.51.100.128/25", min_prefix_length: 25, max_prefix_length: 30 };
  await nexus.send("POST", "/v1/system/subnet-pools", {}, { name: "nets", description: "", ip_version: "v4" });
  await nexus.send("POST", "/v1/system/subnet-pools/nets/members/add", {}, member);
  await nexus.send("POST", "/v1/system/subnet-pools/nets/silos", {}, { silo: "default", is_default: true });
  const allocator = { type: "explicit", subnet: "198.51.100.128/28" };
  await nexus.send("POST", "/v1/external-subnets", { project }, { name: "net", description: "", allocator });
  await nexus.send("POST", "/v1/external-subnets/net/attach", { project }, { instance: "web" });
  await bed.node("c1").until("ip route show 198.51.100.128/28 | grep -q 'via 192.0.2.1 '", { within });
  await sled.until("opteadm --json show-state | grep -qF 198.51.100.128/28", { within });
  const address = "198.51.100.130";
  await sled.ask(instanceCommand(web.id, `ip address add ${address}/32 dev lo`));
  const request = { ipv4: { src: outside, dst: address }, icmp: { message: "echo-request" as const } };
  const into = await bed.node("internet").trace(pingTo(address), { to: web.sled });
  expect(into).toTraverse(
    [
      { leaves: "internet", enters: /^c[12]$/, ...request },
      { leaves: /^c[12]$/, enters: "t1", ...request },
      { leaves: "t1", enters: `${web.sled}:net0`, ipv6: { src: "::", dst: web.underlay }, geneve: {}, inner: request },
    ],
    { exactly: true },
  );
  expect((await bed.node("internet").exec(pingTo(address))).exitCode).toBe(0);
});
