import { expect, test } from "vitest";
import { z } from "zod";
import { testbed } from "../../src/index.ts";
import { NexusClient } from "../../src/rack/index.ts";
import {
  natEntries,
  outside,
  pingFrom,
  pingTo,
  reachedBy,
  runningInstance,
  tunnelEndpoint,
  unmapped,
  wayOut,
  within,
} from "./boundary.ts";

const project = "shop";
const floatingIp = "198.51.100.40";
const externalIps = z.object({ items: z.array(z.object({ kind: z.string(), ip: z.string() })) });

test(
  "instances reach the internet and are reached from it, by the addresses that their rack announces",
  { timeout: 900_000 },
  async () => {
    await using bed = await testbed("boundary", { fresh: true });
    const nexus = await NexusClient.of(bed.testbed);
    const web = await runningInstance(bed, nexus, "web");
    const sled = bed.node(web.sled);
    const internet = bed.node("internet");
    await reachedBy(bed, ["qsfp0", "qsfp1"]);
    const router = /^c[12]$/;
    const toSled = `${web.sled}:net0`;

    // Source NAT: out in a tunnel to the switch, from a block of ports; back in a tunnel of the instance's VPC.
    const shared = "198.51.100.0";
    const [block] = await natEntries(bed, shared);
    if (block === undefined) throw new Error("no block of ports");
    const { low, high, target } = block;
    expect(target.internal_ip).toBe(web.underlay);
    const out = await sled.trace(pingFrom(web, outside), { to: "internet", match: { geneve: {} } });
    expect(out).toTraverse(wayOut(web, shared, router), { exactly: true });
    const isInBlock = (port: number): boolean => port >= low && port <= high;
    const reply = {
      ipv4: { src: outside, dst: shared },
      icmp: { message: "echo-reply" as const, identifier: isInBlock },
    };
    const inbound = { ipv6: { src: "::", dst: web.underlay }, geneve: { vni: target.vni } };
    await expect(bed.port(toSled)).toCarry({ to: toSled, ...inbound, inner: reply });
    expect((await sled.exec(pingFrom(web, outside))).exitCode).toBe(0);

    // A pool is announced, and nothing of the internet to the routers.
    for (const [name, uplink] of [
      ["c1", "192.0.2.1"],
      ["c2", "192.0.2.5"],
    ] as const) {
      expect(await bed.node(name).ask("ip route show 198.51.100.0/26")).toContain(`via ${uplink} `);
    }
    expect(await bed.node("c1").ask("vtysh -c 'show ip bgp neighbors 192.0.2.1 routes'")).not.toContain("203.0.113.0");

    // Nobody outside speaks to the switch's own daemons.
    await bed.node("c1").exec("socat -u /dev/null TCP4:192.0.2.1:8000,connect-timeout=1");
    const filter = await bed.node("t1").ask("nft list chain inet uplinks input");
    expect(filter).toMatch(/counter packets [1-9]\d* bytes \d+ drop/);

    // An address of the pool that is nobody's is dropped where it comes in.
    const nobody = await internet.trace(pingTo(unmapped, 1));
    expect(nobody).toTraverse(
      [
        { leaves: "internet", enters: router },
        { leaves: router, enters: "t1" },
      ],
      { exactly: true },
    );

    // A floating address leads to its instance, and is announced by itself; what comes back comes from it.
    const allocator = { type: "explicit", ip: floatingIp };
    const floating = { name: "web-ip", description: "", address_allocator: allocator };
    await nexus.send("POST", "/v1/floating-ips", { project }, floating);
    await nexus.send("POST", "/v1/floating-ips/web-ip/attach", { project }, { kind: "instance", parent: "web" });
    expect(await natEntries(bed, floatingIp)).toMatchObject([{ low: 0, high: 65_535, target }]);
    await bed.node("c1").until(`ip route show ${floatingIp}/32 | grep -q 'via 192.0.2.1 '`, { within });
    await sled.until(`opteadm --json show-state | grep -qF ${floatingIp}`, { within });
    const request = { ipv4: { src: outside, dst: floatingIp }, icmp: { message: "echo-request" as const } };
    const mapped = await internet.trace(pingTo(floatingIp), { to: web.sled });
    expect(mapped).toTraverse(
      [
        { leaves: "internet", enters: router, ...request },
        { leaves: router, enters: "t1", ...request },
        { leaves: "t1", enters: toSled, ...inbound, inner: request },
      ],
      { exactly: true },
    );
    const answer = { ipv4: { src: floatingIp, dst: outside }, icmp: { message: "echo-reply" as const } };
    const toSwitch = { ipv6: { src: web.underlay, dst: tunnelEndpoint }, geneve: { vni: 99 } };
    await expect(bed.port(toSled)).toCarry({ from: toSled, ...toSwitch, inner: answer });
    await expect(bed.port("internet:net0")).not.toCarry({ ipv4: { src: shared } });

    // What the firewall denies gets as far as the sled, and no further.
    const refused = async (): Promise<number> => {
      const { layers } = JSON.parse(await sled.ask(`opteadm --json stats -p ${await portOf(web.sled)}`)) as {
        readonly layers: Readonly<Record<string, Readonly<Record<string, number>>>>;
      };
      return layers["firewall"]?.["in_deny"] ?? 0;
    };
    const portOf = async (name: string): Promise<string> => {
      const [port] = JSON.parse(await bed.node(name).ask("opteadm --json list-ports")) as { readonly name: string }[];
      return port?.name ?? "";
    };
    const before = await refused();
    const connect = `socat -u /dev/null TCP4:${floatingIp}:80,bind=${outside},connect-timeout=2`;
    const denied = await internet.trace(connect, { to: web.sled });
    const syn = { ipv4: { dst: floatingIp }, tcp: { dstPort: 80 } };
    expect(denied).toTraverse(
      [
        { leaves: "internet", enters: router, ...syn },
        { leaves: router, enters: "t1", ...syn },
        { leaves: "t1", enters: toSled, ...inbound, inner: syn },
      ],
      { exactly: true },
    );
    expect(await refused()).toBeGreaterThan(before);
    await expect(bed.port(toSled)).not.toCarry({ from: toSled, inner: { tcp: { srcPort: 80 } } });

    // An uplink that is lost takes nothing along but itself, and comes back.
    const uplink = bed.wire("t1:qsfp0--c1:net0");
    await uplink.down();
    await reachedBy(bed, ["qsfp1"]);
    const other = await sled.trace(pingFrom(web, outside), { to: "internet", match: { geneve: {} } });
    expect(other).toTraverse(wayOut(web, floatingIp, "c2"), { exactly: true });
    expect((await sled.exec(pingFrom(web, outside))).exitCode).toBe(0);
    await uplink.up();
    await reachedBy(bed, ["qsfp0", "qsfp1"]);

    // An ephemeral address is the instance's for as long as it has it.
    await nexus.send("POST", "/v1/floating-ips/web-ip/detach", { project });
    await nexus.send("POST", "/v1/instances/web/external-ips/ephemeral", { project }, {});
    const addresses = (await nexus.get("/v1/instances/web/external-ips", { project }, externalIps)).items;
    const ephemeral = addresses.find(({ kind }) => kind === "ephemeral")?.ip ?? "";
    await natEntries(bed, ephemeral);
    await sled.until(`opteadm --json show-state | grep -qF ${ephemeral}`, { within });
    expect((await internet.exec(pingTo(ephemeral))).exitCode).toBe(0);
    await expect(bed.port(toSled)).toCarry({ ...inbound, inner: { ipv4: { src: outside, dst: ephemeral } } });
    expect((await sled.exec(pingFrom(web, outside))).exitCode).toBe(0);
    await expect(bed.port("internet:net0")).not.toCarry({ ipv4: { src: shared } });
  },
);
