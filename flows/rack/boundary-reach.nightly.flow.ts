import { expect, test } from "vitest";
import { z } from "zod";
import { cut, eventually, type FlowTestbed } from "../../src/index.ts";
import { instanceCommand, NexusClient } from "../../src/rack/index.ts";
import { allDrops, grownBy, sampleOf, sledMetrics } from "./boundary-drops.ts";
import {
  boundaryOfFile,
  echo,
  natEntries,
  outside,
  outside6,
  pingFrom,
  pingTo,
  reachedBy,
  type RunningInstance,
  runningInstance,
  tunnelEndpoint,
  unmapped,
  wayIn,
  wayOut,
  within,
} from "./boundary.ts";
import { ethernet, geneve, type GeneveOption, icmp, ipv4, ipv6, packet, payload, udp } from "../../src/index.ts";

const timeout = 600_000;
const project = "shop";
const boundary = boundaryOfFile();
const router = /^c[12]$/;
const externalIps = z.object({
  items: z.array(
    z.object({ kind: z.string(), ip: z.string(), first_port: z.int().optional(), last_port: z.int().optional() }),
  ),
});

async function shop() {
  const bed = await boundary();
  const nexus = await NexusClient.of(bed.testbed);
  const web = await runningInstance(bed, nexus, "web");
  await reachedBy(bed, ["qsfp0", "qsfp1"]);
  return { bed, nexus, web, sled: bed.node(web.sled), internet: bed.node("internet") };
}

/** The external addresses of one kind, IPv4 first. */
async function addressesOf(nexus: NexusClient, instance: string, wanted: string): Promise<readonly string[]> {
  const { items } = await nexus.get(`/v1/instances/${instance}/external-ips`, { project }, externalIps);
  const found = items.filter(({ kind }) => kind === wanted).map(({ ip }) => ip);
  return found.toSorted((one, other) => Number(one.includes(":")) - Number(other.includes(":")));
}

/** A floating address of web, known everywhere; taken back at the end. */
async function withFloating(
  bed: FlowTestbed,
  nexus: NexusClient,
  web: RunningInstance,
  ip: string,
  run: (vni: number) => Promise<void>,
): Promise<void> {
  const name = "web-ip";
  const body = { name, description: "", address_allocator: { type: "explicit", ip } };
  await nexus.send("POST", "/v1/floating-ips", { project }, body);
  const one = `/v1/floating-ips/${name}`;
  try {
    await nexus.send("POST", `${one}/attach`, { project }, { kind: "instance", parent: "web" });
    const [entry] = await natEntries(bed, ip);
    await bed.node(web.sled).until(`opteadm --json show-state | grep -qF '"${ip}"'`, { within });
    const family = ip.includes(":") ? "-6 " : "";
    await bed.node("c1").until(`ip ${family}route show ${ip} | grep -q .`, { within });
    await bed.node("internet").until(`ip ${family}route show ${ip} | grep -q .`, { within });
    await run(entry?.target.vni ?? 0);
    await nexus.send("POST", `${one}/detach`, { project });
  } finally {
    await nexus.send("DELETE", one, { project });
  }
  await bed.node("c1").until(`! ip ${ip.includes(":") ? "-6 " : ""}route show ${ip} | grep -q .`, { within });
}

test(
  "R06 R09: sessions and pools are there by themselves, and what is announced follows pools",
  { timeout },
  async () => {
    const { bed, nexus, web, sled } = await shop();
    // What the rack's nodes are told by the topology: nothing.
    const own = bed.testbed.plan.nodes.filter(({ kind }) => kind === "sled" || kind === "switch");
    expect(own.map(({ name }) => name)).toEqual(["s1", "s2", "t1"]);
    for (const address of [outside, outside6]) expect((await sled.exec(pingFrom(web, address))).exitCode).toBe(0);
    const neighbors = await bed.node("t1").ask("mgadm bgp status neighbors");
    for (const peer of ["192.0.2.2", "192.0.2.6", "2001:db8:2:1::2", "2001:db8:2:2::2"]) {
      expect(neighbors).toMatch(new RegExp(`${peer}\\s.*[Ee]stablished`));
    }
    for (const [name, uplink] of [
      ["c1", "192.0.2.1"],
      ["c2", "192.0.2.5"],
    ] as const) {
      expect(await bed.node(name).ask("ip route show 198.51.100.0/26")).toContain(`via ${uplink} `);
      expect(await bed.node(name).ask("ip -6 route show 2001:db8:51::/64")).toContain("dev net0");
    }
    // Nothing of the internet goes to the routers: a rack is nobody's transit.
    expect(await bed.node("c1").ask("vtysh -c 'show ip bgp neighbors 192.0.2.1 routes'")).not.toContain("203.0.113.0");
    const range = { first: "198.51.100.192", last: "198.51.100.199" };
    await nexus.send("POST", "/v1/system/ip-pools/public/ranges/add", {}, range);
    await bed.node("internet").until("ip route show 198.51.100.192/29 | grep -q .", { within });
    await nexus.send("POST", "/v1/system/ip-pools/public/ranges/remove", {}, range);
    await bed.node("internet").until("! ip route show 198.51.100.192/29 | grep -q .", { within });
  },
);

test(
  "R05 R36: source NAT, out by the sled's own way, from the instance's block of ports, and back",
  { timeout },
  async () => {
    const { bed, nexus } = await shop();
    for (const name of ["web", "db"]) {
      const instance = await runningInstance(bed, nexus, name);
      const toSled = `${instance.sled}:net0`;
      const other = instance.sled === "s1" ? "s2:net0" : "s1:net0";
      for (const [at, shared] of (await addressesOf(nexus, name, "snat")).entries()) {
        const destination = at === 0 ? outside : outside6;
        const block = (await natEntries(bed, shared)).find(({ target }) => target.internal_ip === instance.underlay);
        if (block === undefined) throw new Error(`no block of ports for ${name}`);
        const { low, high, target } = block;
        expect(high - low + 1).toBe(16_384);
        const out = await bed
          .node(instance.sled)
          .trace(pingFrom(instance, destination), { to: "internet", match: { geneve: {} } });
        expect(out).toTraverse(wayOut(instance, shared, router), { exactly: true });
        const isInBlock = (port: number): boolean => port >= low && port <= high;
        const reply = echo(destination, shared, "echo-reply");
        const identified =
          "icmp" in reply
            ? { ...reply, icmp: { ...reply.icmp, identifier: isInBlock } }
            : { ...reply, icmpv6: { ...reply.icmpv6, identifier: isInBlock } };
        const inbound = { ipv6: { src: "::", dst: instance.underlay }, geneve: { vni: target.vni } };
        await expect(bed.port(toSled)).toCarry({ to: toSled, ...inbound, inner: identified });
        await expect(bed.port(other)).not.toCarry({ geneve: {}, inner: identified }, { within: 0 });
      }
    }
  },
);

test("R49: an address of the pool that is nobody's goes no further than the switch", { timeout }, async () => {
  const { bed, internet } = await shop();
  for (const address of [unmapped, "2001:db8:51::5555"]) {
    const before = await allDrops(bed);
    const nobody = await internet.trace(pingTo(address, 1));
    const request = echo(address === unmapped ? outside : outside6, address, "echo-request");
    expect(nobody).toTraverse(
      [
        { leaves: "internet", enters: router, ...request },
        { leaves: router, enters: "t1", ...request },
      ],
      { exactly: true },
    );
    for (const port of ["s1:net0", "s2:net0"]) {
      await expect(bed.port(port)).not.toCarry({ geneve: {}, inner: request }, { within: 0 });
    }
    expect(grownBy(1, before, await allDrops(bed))).toContain("t1: nat_ingress_miss");
  }
});

test(
  "R06 R47: a floating address leads to its instance, and is announced for as long; the firewall decides at the sled",
  { timeout },
  async () => {
    const { bed, nexus, web, internet } = await shop();
    const toSled = `${web.sled}:net0`;
    for (const [ip, from] of [
      ["198.51.100.40", outside],
      ["2001:db8:51::40", outside6],
    ] as const) {
      await withFloating(bed, nexus, web, ip, async (vni) => {
        const mapped = await internet.trace(pingTo(ip), { to: web.sled });
        expect(mapped).toTraverse(wayIn(web, vni, echo(from, ip, "echo-request")), { exactly: true });
        const toSwitch = { ipv6: { src: web.underlay, dst: tunnelEndpoint }, geneve: { vni: 99 } };
        await expect(bed.port(toSled)).toCarry({ from: toSled, ...toSwitch, inner: echo(ip, from, "echo-reply") });
        const before = await allDrops(bed);
        const target = ip.includes(":") ? `TCP6:[${ip}]:80,bind=[${from}]` : `TCP4:${ip}:80,bind=${from}`;
        const denied = await internet.trace(`socat -u /dev/null ${target},connect-timeout=2`, { to: web.sled });
        const addresses = ip.includes(":") ? { ipv6: { dst: ip } } : { ipv4: { dst: ip } };
        expect(denied).toTraverse(wayIn(web, vni, { ...addresses, tcp: { dstPort: 80 } }), { exactly: true });
        expect(grownBy(1, before, await allDrops(bed))).toContain(`${web.sled}: firewall of web, in`);
        await expect(bed.port(toSled)).not.toCarry({ from: toSled, inner: { tcp: { srcPort: 80 } } });
      });
    }
  },
);

test("an ephemeral address is the instance's for as long as it has it", { timeout }, async () => {
  const { bed, nexus, web, sled, internet } = await shop();
  const path = "/v1/instances/web/external-ips/ephemeral";
  await nexus.send("POST", path, { project }, { pool_selector: { type: "auto", ip_version: "v4" } });
  const [ephemeral = ""] = await addressesOf(nexus, "web", "ephemeral");
  const [entry] = await natEntries(bed, ephemeral);
  await sled.until(`opteadm --json show-state | grep -qF ${ephemeral}`, { within });
  const into = await internet.trace(pingTo(ephemeral), { to: web.sled });
  expect(into).toTraverse(wayIn(web, entry?.target.vni ?? 0, echo(outside, ephemeral, "echo-request")), {
    exactly: true,
  });
  // What it begins itself comes from there too.
  const out = await sled.trace(pingFrom(web, outside), { to: "internet", match: { geneve: {} } });
  expect(out).toTraverse(wayOut(web, ephemeral, router), { exactly: true });
  await nexus.send("DELETE", path, { project });
  await sled.until(`! opteadm --json show-state | grep -qF ${ephemeral}`, { within });
});

test("an attached external subnet leads to its instance, and is announced", { timeout }, async () => {
  const { bed, nexus, web, sled, internet } = await shop();
  const member = { subnet: "198.51.100.128/25", min_prefix_length: 25, max_prefix_length: 30 };
  await nexus.send("POST", "/v1/system/subnet-pools", {}, { name: "nets", description: "", ip_version: "v4" });
  await nexus.send("POST", "/v1/system/subnet-pools/nets/members/add", {}, member);
  await nexus.send("POST", "/v1/system/subnet-pools/nets/silos", {}, { silo: "default", is_default: true });
  const allocator = { type: "explicit", subnet: "198.51.100.128/28" };
  await nexus.send("POST", "/v1/external-subnets", { project }, { name: "net", description: "", allocator });
  await nexus.send("POST", "/v1/external-subnets/net/attach", { project }, { instance: "web" });
  await internet.until("ip route show 198.51.100.128/28 | grep -q .", { within });
  await sled.until("opteadm --json show-state | grep -qF 198.51.100.128/28", { within });
  const address = "198.51.100.130";
  await sled.ask(instanceCommand(web.id, `ip address add ${address}/32 dev lo`));
  const [shared = ""] = await addressesOf(nexus, "web", "snat");
  const [entry] = await natEntries(bed, shared);
  const into = await internet.trace(pingTo(address), { to: web.sled });
  expect(into).toTraverse(wayIn(web, entry?.target.vni ?? 0, echo(outside, address, "echo-request")), {
    exactly: true,
  });
  expect((await internet.exec(pingTo(address))).exitCode).toBe(0);
  await nexus.send("POST", "/v1/external-subnets/net/detach", { project });
  await internet.until("! ip route show 198.51.100.128/28 | grep -q .", { within });
});

test("R10: each fault is told by one counter, which names the hop and the layer", { timeout }, async () => {
  const { bed, nexus, web, sled, internet } = await shop();
  const floating = "198.51.100.40";
  const many = 7;
  const often = (command: string) => `for i in ${"x ".repeat(many)}; do ${command}; done`;
  const inWeb = (command: string) => sled.exec(instanceCommand(web.id, command));
  const echoes = (more: string, address: string) => `ping -n -c ${many} -i 0.2 -W 1 ${more} ${address}`;
  await withFloating(bed, nexus, web, floating, async () => {
    const silent = "c1:net1--internet:net0";
    const faults: Readonly<Record<string, () => Promise<unknown>>> = {
      [`${web.sled}: firewall of web, in`]: () =>
        internet.exec(often(`echo x | socat -u - UDP4:${floating}:80,bind=${outside}`)),
      "t1: nat_ingress_miss": () => internet.exec(echoes(`-I ${outside}`, unmapped)),
      [`${web.sled}: gateway of web, out`]: () =>
        inWeb(`ip address add 172.30.3.99/32 dev lo; ${echoes("-I 172.30.3.99", outside)}`),
      [`${web.sled}: overlay of web, out`]: () => inWeb(echoes("", "192.0.2.77")),
      "t1: filter of uplinks": () => bed.node("c1").exec(often("echo x | socat -u - UDP4:192.0.2.1:8000")),
      [`${web.sled}: in_drop_bad_tun_opt`]: async () => {
        for (let sent = 0; sent < many; sent++) await tunnelled(bed, web, floating, [{ ...unknown, type: 0x81 }]);
      },
      [`wire ${silent}`]: () =>
        bed.whileBroken(cut(silent, { direction: "aToB" }), async () => {
          await bed.node("c1").exec(echoes("", "10.0.1.2"));
        }),
    };
    for (const [name, inject] of Object.entries(faults)) {
      const before = await allDrops(bed);
      await inject();
      await eventually(async () => grownBy(many, before, await allDrops(bed)).includes(name), { what: name, within });
      expect(grownBy(many, before, await allDrops(bed)), "counters that grew as well").toEqual([name]);
    }
    await inWeb("ip address del 172.30.3.99/32 dev lo");
    await reachedBy(bed, ["qsfp0", "qsfp1"]);
  });
});

/** An option of somebody's own that nobody here knows; without the critical bit. */
const unknown = { option: "unknown", class: 0xffff, type: 0x01, data: new Uint8Array(4) } as const;

/** Have an echo request from the internet come to web's sled in a tunnel with these options besides the one of its origin. */
async function tunnelled(
  bed: FlowTestbed,
  web: RunningInstance,
  address: string,
  options: readonly GeneveOption[],
): Promise<void> {
  const [entry] = await natEntries(bed, address);
  const rear = `t1:rear${Number(web.sled.slice(1)) - 1}`;
  await bed
    .port(rear)
    .send(
      packet(
        ethernet({ src: bed.port(rear).mac, dst: bed.port(`${web.sled}:net0`).mac }),
        ipv6({ src: "::", dst: web.underlay }),
        udp({ srcPort: 7777, dstPort: 6081, checksum: 0 }),
        geneve({ vni: entry?.target.vni ?? 0, options: [{ option: "external" }, ...options] }),
        ethernet({ src: "00:00:00:00:00:00", dst: entry?.target.inner_mac ?? "" }),
        ipv4({ src: outside, dst: address }),
        icmp({ message: "echo-request", identifier: 77, sequence: 1 }),
        payload("options"),
      ),
    );
}

test(
  "R11 R31: options of tunnels that nobody knows are passed over, up to 252 bytes of them, unless they are critical",
  { timeout },
  async () => {
    const { bed, nexus, web } = await shop();
    const floating = "198.51.100.40";
    const toSled = `${web.sled}:net0`;
    const answer = { from: toSled, geneve: { vni: 99 }, inner: echo(floating, outside, "echo-reply") };
    await withFloating(bed, nexus, web, floating, async () => {
      const much = { ...unknown, data: new Uint8Array(116) };
      for (const options of [
        [unknown],
        // 4 bytes of the first option, twice 4 + 116, and one with 4.
        [much, much, unknown],
        [{ option: "maximum-segment-size", size: 1448 } as const],
      ]) {
        await tunnelled(bed, web, floating, options);
        await expect(bed.port(toSled)).toCarry(answer, { within });
      }
      await tunnelled(bed, web, floating, [{ ...unknown, type: 0x81 }]);
      await expect(bed.port(toSled)).not.toCarry(answer, { within: 2000 });
    });
    // Sleds and switches of another version: both of the exchange's are served.
    const neighbour = "ip -6 neighbour show dev net0 | awk '/^fe80/ { print $1; exit }'";
    const peer = await bed.node("s1").ask(neighbour);
    for (const version of ["v2", "v3"]) {
      const request = `printf 'GET /${version}/pull HTTP/1.1\\r\\nHost: t1\\r\\nConnection: close\\r\\n\\r\\n'`;
      const answered = await bed.node("s1").ask(`${request} | socat -t 20 - 'TCP6:[${peer}%net0]:56797'`);
      expect(answered).toMatch(/^HTTP\/1.1 200 /);
      expect(answered).toContain("fd00:1122:3344:");
    }
  },
);

test("R54: what is measured is what was sent, by instance, direction and link", { timeout }, async () => {
  const { bed, web, sled } = await shop();
  const [count, size] = [40, 1000];
  const before = await sledMetrics(bed, web.sled);
  const ping = ["ping", "-n", "-q", "-c", String(count), "-i", "0.1", "-s", String(size), outside];
  expect((await sled.exec(instanceCommand(web.id, ping))).stdout).toContain(" 0% packet loss");
  const after = await sledMetrics(bed, web.sled);
  const mine = { project, vpc: "default", instance: "web", interface: "net0" };
  const grown = (family: string, labels: Readonly<Record<string, string>>): number => {
    const [one, other] = [before, after].map((samples) => sampleOf(samples, family, labels));
    if (one === undefined || other === undefined) throw new Error(`${family} is not measured`);
    return other.value - one.value;
  };
  const bytes = count * (14 + 20 + 8 + size);
  for (const direction of ["in", "out"]) {
    const own = grown("instance_network_interface_bytes", { ...mine, direction });
    expect(own).toBeGreaterThanOrEqual(bytes);
    expect(own).toBeLessThan(bytes * 1.2);
    expect(grown("instance_network_interface_packets", { ...mine, direction })).toBeGreaterThanOrEqual(count);
    // A tunnel more: Ethernet, IPv6, UDP and Geneve.
    expect(grown("physical_link_bytes", { link: "net0", direction })).toBeGreaterThanOrEqual(bytes + count * 70);
  }
  expect(grown("opte_port_uft_hits", { ...mine, direction: "out" })).toBeGreaterThanOrEqual(count - 2);
});

test("R55: who talks to whom is known without the guest, and is what the guest says", { timeout }, async () => {
  const { web, sled, internet } = await shop();
  const serving = (await internet.guest()).spawn("socat TCP4-LISTEN:7011,reuseaddr,fork EXEC:cat");
  await internet.until("ss -4 -ltn | grep -q :7011", { within });
  const guest = await sled.guest();
  const talking = [7101, 7102].map((port) =>
    guest.spawn(instanceCommand(web.id, `exec socat - TCP4:${outside}:7011,sourceport=${port}`), { stdin: true }),
  );
  const list = z.array(
    z.object({
      owner: z.string(),
      state: z.string(),
      local: z.object({ address: z.string(), port: z.int() }),
      remote: z.object({ address: z.string(), port: z.int() }),
      is_within_vpc: z.boolean(),
    }),
  );
  await eventually(
    async () => {
      const place = { address: web.underlay, port: 12_221, path: "/v1/connections" };
      const seen = list
        .parse(JSON.parse((await sled.httpGet(place)).body))
        .filter(({ owner, state, is_within_vpc: isWithin }) => owner === "web" && state === "ESTABLISHED" && !isWithin)
        .map(({ local, remote }) => `${local.address}:${local.port} ${remote.address}:${remote.port}`);
      const { stdout } = await sled.exec(instanceCommand(web.id, "ss -4tnH state established"));
      const said = stdout.split("\n").flatMap((line) => {
        const [, , local, remote] = line.trim().split(/\s+/);
        return local === undefined || remote === undefined ? [] : [`${local} ${remote}`];
      });
      expect(seen.toSorted()).toEqual(said.toSorted());
      expect(seen).toHaveLength(2);
    },
    { within },
  );
  for (const end of [...talking, serving]) {
    end.kill("SIGTERM");
    await end.result;
  }
});

test(
  "R36 R43: a block of ports that fills is told before it is full; then new flows fail, and those there are go on",
  { timeout },
  async () => {
    const { bed, nexus, web, sled, internet } = await shop();
    const serving = (await internet.guest()).spawn("socat UDP4-RECVFROM:7012,fork EXEC:cat");
    const guest = await sled.guest();
    const echoed = `UDP4:${outside}:7012`;
    const old = guest.spawn(instanceCommand(web.id, `exec socat - ${echoed},sourceport=7103`), { stdin: true });
    let heard = "";
    old.stdout.on("data", (bytes: Buffer) => (heard += bytes.toString()));
    const echoes = (words: string) =>
      eventually(
        () => {
          if (heard.endsWith(`${words}\n`)) return true;
          old.stdin.write(`${words}\n`);
          return false;
        },
        { what: `"${words}" comes back`, within, every: 1000 },
      );
    await echoes("before");
    const mine = { project, vpc: "default", instance: "web", interface: "net0" };
    const measured = async (family: string, labels: Readonly<Record<string, string>>) =>
      sampleOf(await sledMetrics(bed, web.sled), family, { ...mine, ...labels })?.value ?? -1;
    const block = { family: "ipv4", protocol: "udp" };
    expect(await measured("opte_port_snat_ports", block)).toBe(16_384);
    const status = z.object({ targets: z.array(z.object({ alerts: z.array(z.string()) })) });
    const alerts = async () =>
      (await nexus.get("/experimental/v1/reconciliation", {}, status)).targets.flatMap((target) => target.alerts);
    expect(await alerts()).toEqual([]);
    // As many flows as the block has ports. They are lost on the first wire, so that the switch has not all of them to carry.
    const fill = "for ((port = 1; port <= 17000; port++)); do echo x >/dev/udp/203.0.113.77/$port; done";
    const wire = `${web.sled}:net0--t1:rear${Number(web.sled.slice(1)) - 1}`;
    const exhausted = () => measured("opte_port_snat_exhausted", {});
    await bed.whileBroken(cut(wire, { direction: "aToB" }), async () => {
      await sled.exec(instanceCommand(web.id, ["bash", "-c", fill]));
      expect(await measured("opte_port_snat_used", block)).toBeGreaterThan(0.9 * 16_384);
      expect(await exhausted()).toBeGreaterThan(0);
    });
    const before = await exhausted();
    const another = instanceCommand(web.id, `echo new | socat -T 2 - ${echoed}`);
    expect((await sled.exec(another)).stdout).toBe("");
    expect(await exhausted()).toBeGreaterThan(before);
    const alert = "shop/web, net0: nearly all of 16384 are used: snat ipv4 udp";
    await eventually(async () => (await alerts()).includes(alert), { what: "nexus has the alert", within: 40_000 });
    await reachedBy(bed, ["qsfp0", "qsfp1"]);
    await echoes("after");
    // What is not used ends, and its port is free again.
    await eventually(async () => (await sled.exec(another)).stdout === "new\n", { what: "a new flow passes", within });
    await eventually(async () => (await alerts()).length === 0, { what: "the alert is gone", within });
    for (const end of [old, serving]) {
      end.kill("SIGTERM");
      await end.result;
    }
  },
);

test(
  "R64: a rack that would join with the /56 of another is refused, and told where it says so",
  { timeout },
  async () => {
    const { bed } = await shop();
    const guest = await bed.node("s1").guest();
    const file = "/tmp/joining.json";
    const racks = z.looseObject({ racks: z.array(z.looseObject({})) });
    const configuration = racks.parse(JSON.parse((await guest.readFile("/etc/kestrel/nexusd.json")).toString()));
    configuration.racks.push({ ...configuration.racks[0], name: "joining" });
    await guest.writeFile(file, JSON.stringify(configuration));
    const { stderr, stdout } = await guest.exec(
      `/usr/bin/node /opt/kestrel/runtime.js run nexusd --configuration ${file}; rm ${file}`,
    );
    expect(stdout + stderr).toMatch(
      /racks\.1\.sleds\.0\.underlay: expected an address outside of fd00:1122:3344:100::\/56, which is that of /,
    );
  },
);

test("R07: with static routes and without BGP the way out is the same", { timeout }, async () => {
  const { bed, nexus, web, sled, internet } = await shop();
  const racks = await nexus.list("/v1/system/hardware/racks", {}, z.object({ id: z.string() }));
  const at = { rack_id: racks[0]?.id, switch_slot: "switch0" };
  const lots = await nexus.list("/v1/system/networking/address-lot", {}, z.object({ name: z.string() }));
  const settings = "/v1/system/networking/switch-port-settings";
  const declared = await nexus.list(settings, {}, z.object({ name: z.string() }));
  const of = (list: readonly { readonly name: string }[], port: string) =>
    list.find(({ name }) => name.endsWith(port))?.name ?? "";
  const lot = of(lots, "qsfp0");
  const addresses = ["192.0.2.1/30", "2001:db8:2:1::1/64"].map((address) => ({ address, address_lot: lot }));
  const routes = [
    { dst: "203.0.113.0/24", gw: "192.0.2.2" },
    { dst: "2001:db8:113::/48", gw: "2001:db8:2:1::2" },
  ];
  await nexus.send(
    "POST",
    settings,
    {},
    {
      ...{ name: "static", description: "", port_config: { geometry: "qsfp28x1" } },
      links: [{ link_name: "phy0", mtu: 1500, speed: "speed100_g", autoneg: false, lldp: { enabled: true } }],
      interfaces: [{ link_name: "phy0", kind: { type: "primary" }, v6_enabled: true }],
      addresses: [{ link_name: "phy0", addresses }],
      routes: [{ link_name: "phy0", routes }],
    },
  );
  const apply = (port: string, name: string) =>
    nexus.send("POST", `/v1/system/hardware/switch-port/${port}/settings`, at, { port_settings: name });
  await apply("qsfp0", "static");
  await nexus.send("DELETE", "/v1/system/hardware/switch-port/qsfp1/settings", at);
  // The customer does the same.
  const back = ["-4 route add 198.51.100.0/26", "-6 route add 2001:db8:51::/64"];
  const c1 = ["via 192.0.2.1", "via 2001:db8:2:1::1"];
  const inet = ["via 10.0.1.1", "via 2001:db8:1:1::1"];
  await bed.node("t1").until("! vtysh -c 'show running-config' | grep -q 'router bgp'", { within });
  await reachedBy(bed, ["qsfp0"]);
  await bed.node("internet").until("! ip route show 198.51.100.0/26 | grep -q .", { within });
  for (const [family, route] of back.entries()) {
    await bed.node("c1").ask(`ip ${route} ${c1[family] ?? ""}`);
    await internet.ask(`ip ${route} ${inet[family] ?? ""}`);
  }
  for (const [index, shared] of (await addressesOf(nexus, "web", "snat")).entries()) {
    const destination = index === 0 ? outside : outside6;
    const out = await sled.trace(pingFrom(web, destination), { to: "internet", match: { geneve: {} } });
    expect(out).toTraverse(wayOut(web, shared, "c1"), { exactly: true });
    expect((await sled.exec(pingFrom(web, destination))).exitCode).toBe(0);
  }
  for (const [family, route] of back.map((words) => words.replace(" add ", " del ")).entries()) {
    await bed.node("c1").ask(`ip ${route} ${c1[family] ?? ""}`);
    await internet.ask(`ip ${route} ${inet[family] ?? ""}`);
  }
  for (const port of ["qsfp0", "qsfp1"]) await apply(port, of(declared, port));
  await reachedBy(bed, ["qsfp0", "qsfp1"]);
});
