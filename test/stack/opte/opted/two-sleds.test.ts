import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { optePorts, wantedPaths } from "../../../../src/tui/effects/opte-ports.ts";
import type { SledState } from "../../../../src/stack/opte/opted/sled-state.ts";
import { busyboxWorks, type GuestPrograms, type Laboratory, namespacesWork } from "./laboratory.ts";
import {
  configure,
  configure6,
  g1,
  g2,
  g3,
  guests,
  h1,
  h2,
  type LabGuest,
  pings,
  sleds,
  sniffer,
  stateOfSled,
  twoSleds,
  vni,
} from "./two-sleds.ts";

const dhclientWorks = spawnSync("dhclient", ["--version"]).status === 0;

/** Counters of a port. */
interface PortCounters {
  readonly port: Readonly<Record<string, number>>;
  readonly layers: Readonly<Record<string, Readonly<Record<string, number>>>>;
  readonly routeCache: Readonly<Record<string, number>>;
}

describe.skipIf(!namespacesWork || !busyboxWorks)("two sleds in network namespaces (root, busybox)", () => {
  let lab: Laboratory;
  let setup: Awaited<ReturnType<typeof twoSleds>>;
  const told = new Map<string, string>();
  const programs = new Map<string, GuestPrograms>();
  const of = ({ name }: LabGuest): GuestPrograms => {
    const found = programs.get(name);
    if (found === undefined) throw new Error(`${name} has no programs`);
    return found;
  };

  beforeAll(async () => {
    setup = await twoSleds();
    ({ lab } = setup);
    for (const sled of ["s1", "s2"] as const) await lab.apply(sled, stateOfSled(lab, sled));
    for (const guest of guests) told.set(guest.name, (await configure(lab, guest)).stdout);
    for (const { name } of guests) {
      const started = await lab.programs(name);
      await started.do({ order: "digest", port: 5000, name });
      await started.do({ order: "udp-echo", port: 5001 });
      await started.do({ order: "echo", port: 5002 });
      programs.set(name, started);
    }
  }, 240_000);
  afterAll(async () => {
    await lab[Symbol.asyncDispose]();
  });

  const counters = async ({ sled, port }: LabGuest): Promise<PortCounters> =>
    (await lab.ask(sled, "GET", `/ports/${port}/counters`)) as PortCounters;
  const sledCounters = async (sled: string): Promise<Readonly<Record<string, number>>> =>
    (await lab.ask(sled, "GET", "/counters")) as Readonly<Record<string, number>>;

  test("a DHCP client gets its address, the routes to its gateway alone, its name and its name servers", () => {
    expect(told.get("g1")).toBe(
      "hostname=g1 lease=86400 dns=192.0.2.53 routes=172.30.0.1/32 0.0.0.0 0.0.0.0/0 172.30.0.1\n",
    );
    expect(lab.ip("g1", "-4", "-brief", "address", "show", "opte0")).toContain("172.30.0.5/32");
    expect(lab.ip("g1", "route")).toContain("default via 172.30.0.1 dev opte0");
  });

  test("the kernel takes its default route from the router advertisement, and no address", async () => {
    await expect
      .poll(() => lab.ip("g1", "-6", "route", "show", "default"))
      .toContain("default via fe80::aa40:25ff:feff:7777 dev opte0 proto ra");
    const routes = lab.ip("g1", "-6", "-json", "address", "show", "opte0");
    expect(JSON.parse(routes)).toMatchObject([{ addr_info: [{ scope: "link" }] }]);
  });

  test.skipIf(!dhclientWorks)("a DHCPv6 client gets its address and its name (dhclient)", async () => {
    const [first, ...others] = guests;
    expect(await configure6(lab, first)).toMatchObject({
      status: 0,
      stdout: "address=fd00::5 servers=2001:db8::53 fqdn=g1.lab.test life=4294967295\n",
    });
    for (const guest of others) expect((await configure6(lab, guest)).status).toBe(0);
    expect(await pings(lab, g1, g2.ip6)).toBe(true);
    expect(await pings(lab, g1, g3.ip6)).toBe(true);
  });

  test("guests ping their gateway, each other across the underlay, and each other on one sled", async () => {
    expect(await pings(lab, g1, "172.30.0.1")).toBe(true);
    expect(await pings(lab, g1, g2.ip)).toBe(true);
    const before = await sledCounters("s1");
    expect(await pings(lab, g1, g3.ip)).toBe(true);
    const after = await sledCounters("s1");
    expect((after["loopback"] ?? 0) - (before["loopback"] ?? 0)).toBe(6);
    // The guest knows nobody but its gateway.
    const neighbours = JSON.parse(lab.ip("g1", "-4", "-json", "neighbour")) as { readonly dst: string }[];
    expect(neighbours.map(({ dst }) => dst)).toEqual(["172.30.0.1"]);
  });

  /** Have one guest say so many bytes to another over TCP, and that other say whether it heard them. */
  async function transfer(from: LabGuest, to: LabGuest, size: number, localPort?: number): Promise<void> {
    const order = {
      order: "say",
      address: to.ip,
      port: 5000,
      size,
      ...(localPort === undefined ? {} : { localPort }),
    } as const;
    const { answer, digest } = (await of(from).do(order)) as { readonly answer: string; readonly digest: string };
    expect(answer).toBe(`${to.name} ${size} ${digest}`);
  }

  test("16 MiB of TCP arrive as they were sent, both ways and on one sled", { timeout: 120_000 }, async () => {
    for (const [from, to] of [
      [g1, g2],
      [g2, g1],
      [g1, g3],
      [g3, g2],
    ] as const) {
      await transfer(from, to, 16 * 1024 * 1024);
    }
    expect(await sledCounters("s1")).toMatchObject({ underlay_no_route: 0, underlay_too_long: 0, out_drop_bad_len: 0 });
  });

  test("UDP is asked and answered, and none of it had a wrong checksum", async () => {
    const answers = (await of(g1).do({ order: "udp", address: g2.ip, port: 5001, count: 20 })) as readonly string[];
    expect(answers).toEqual(Array.from({ length: 20 }, (_, at) => `datagram ${at}`));
    expect(await of(g3).do({ order: "udp", address: g2.ip, port: 5001, count: 1 })).toEqual(["datagram 0"]);
    for (const { name } of [g1, g2, g3]) {
      const [names = "", values = ""] = lab.run(name, "grep", "^Udp:", "/proc/net/snmp").split("\n");
      expect(values.split(" ")[names.split(" ").indexOf("InErrors")]).toBe("0");
    }
  });

  test("two VPCs with the same addresses do not meet", async () => {
    await transfer(g1, g2, 1000);
    await transfer(h1, h2, 1000);
    // g3 is in the VPC of g1 alone.
    const before = (await counters(h1)).port["out_drop_layer"] ?? 0;
    expect(await pings(lab, h1, g3.ip)).toBe(false);
    expect((await counters(h1)).port["out_drop_layer"]).toBe(before + 3);
  });

  /** The ports of a sled as the user interface shows them, from what opted answers. */
  const shownPorts = async (sled: string): Promise<NonNullable<ReturnType<typeof optePorts>>> => {
    const answers = new Map<string, unknown>();
    for (;;) {
      const missing = wantedPaths(answers).filter((path) => !answers.has(path));
      if (missing.length === 0) return optePorts(answers) ?? [];
      for (const path of missing) answers.set(path, await lab.ask(sled, "GET", path));
    }
  };

  test("what a guest sends under another address does not leave, and the probes say why", async () => {
    const probe = lab.watch("s1", "--json", "probe", "--drops", "-p", "opte0");
    lab.ip(g1.name, "address", "add", "172.30.0.99/32", "dev", "opte0");
    const layerDrops = (await counters(g1)).layers["gateway"]?.["out_deny"] ?? 0;
    // The probe is there when the first line of its answer is, which is an empty one: so ping until it tells.
    const seen = probe.line((line) => line.includes('"rule-deny"') && line.includes("172.30.0.99"));
    const ping = lab.background(g1.name, "busybox", "ping", "-i", "1", "-I", "172.30.0.99", g2.ip);
    expect(JSON.parse(await seen)).toMatchObject({
      ...{ probe: "rule-deny", port: "opte0", direction: "out", layer: "gateway", reason: "default" },
      flow: expect.stringMatching(/^ICMP\/8\/0:172\.30\.0\.99:172\.30\.0\.6:\d+$/) as unknown,
    });
    await ping.stop("SIGKILL");
    await probe.stop("SIGKILL");
    lab.ip(g1.name, "address", "del", "172.30.0.99/32", "dev", "opte0");
    expect((await counters(g1)).layers["gateway"]?.["out_deny"]).toBeGreaterThan(layerDrops);
    const [shown] = await shownPorts("s1");
    expect(shown).toMatchObject({ name: "opte0", state: "running", addresses: [g1.ip, g1.ip6] });
    expect(shown?.out?.misses).toBeGreaterThan(0);
    expect(shown?.out?.reasons.map(({ text }) => text)).toContain("gateway: denied by default");
    expect(shown?.out?.dropped).toBeGreaterThan(0);
  });

  test("the firewall denies by rule, and a guest hears nothing of it", async () => {
    const deny = "dir=in action=deny priority=10 protocol=icmp";
    const { id } = (await lab.ask("s2", "POST", "/ports/opte0/firewall-rules", deny)) as { readonly id: number };
    const probe = lab.watch("s2", "probe", "rule-deny");
    const seen = probe.line((line) => line.includes("layer=firewall"));
    const ping = lab.background(g1.name, "busybox", "ping", "-i", "1", g2.ip);
    expect(await seen).toMatch(
      new RegExp(`^rule-deny opte0 in ICMP/8/0:172.30.0.5:172.30.0.6:\\d+ layer=firewall rule=${id} reason=rule$`),
    );
    await ping.stop("SIGKILL");
    await probe.stop("SIGKILL");
    const shown = (await shownPorts("s2")).find(({ name }) => name === "opte0");
    expect(shown?.in?.reasons.map(({ text }) => text)).toContainEqual(
      expect.stringMatching(new RegExp(`^firewall rule ${id}: .*ICMP`)),
    );
    await lab.ask("s2", "DELETE", `/ports/opte0/firewall-rules/in/${id}`);
    expect(await pings(lab, g1, g2.ip)).toBe(true);
  });

  test("a destination without a route dies in the router", async () => {
    const before = (await counters(g1)).layers["router"]?.["out_deny"] ?? 0;
    expect(await pings(lab, g1, "198.51.100.1", "-c", "1")).toBe(false);
    expect((await counters(g1)).layers["router"]?.["out_deny"]).toBeGreaterThan(before);
  });

  test("traceroute sees one hop: neither OPTE nor the underlay is one", async () => {
    const { stdout } = await lab.attempt(
      g1.name,
      "busybox",
      "traceroute",
      "-n",
      "-q",
      "1",
      "-w",
      "3",
      "-m",
      "5",
      g2.ip,
    );
    const [, ...hops] = stdout.trim().split("\n");
    expect(hops).toHaveLength(1);
    expect(hops[0]).toContain("172.30.0.6");
  });

  test(
    "a guest whose interface takes more than its port finds the path's MTU, and TCP goes on",
    { timeout: 120_000 },
    async () => {
      for (const { name, port, sled } of [g1, g2]) {
        lab.ip(sled, "link", "set", `${port}-h`, "mtu", "9000");
        lab.ip(name, "link", "set", port, "mtu", "9000");
      }
      await transfer(g1, g2, 1024 * 1024);
      expect(lab.ip(g1.name, "route", "get", g2.ip)).toContain("mtu 1500");
      expect((await counters(g1)).port["out_oversize"]).toBeGreaterThan(0);
      for (const { name, port, sled } of [g1, g2]) {
        lab.ip(name, "link", "set", port, "mtu", "1500");
        lab.ip(sled, "link", "set", `${port}-h`, "mtu", "1500");
      }
    },
  );

  test("frames on the underlay are those of the specification, byte by byte", async () => {
    const sniff = lab.background("s2", process.execPath, sniffer, "u0", "u1");
    await sniff.line((line) => line === "listening");
    await expect(of(g1).do({ order: "say", address: g2.ip, port: 80, size: 1, localPort: 44_490 })).rejects.toThrow(
      "ECONNREFUSED",
    );
    const line = await sniff.line((each) => /^u\d .*adca0050/.test(each));
    await sniff.stop("SIGKILL");
    const [link = "", hex = ""] = line.split(" ");
    const outer = hex.slice(0, 28);
    const macOf = (sled: string): string => {
      const [{ address = "" } = {}] = JSON.parse(lab.ip(sled, "-json", "link", "show", link)) as { address?: string }[];
      return address.replaceAll(":", "");
    };
    expect(outer).toBe(`${macOf("s2")}${macOf("s1")}86dd`);
    const innerLength = (hex.length - 28) / 2 - 40 - 8 - 16;
    const length = (24 + innerLength).toString(16).padStart(4, "0");
    expect(hex.slice(28, 28 + 2 * 64)).toBe(
      [
        `60000000${length}1180`,
        "fd00000000f701010000000000000001",
        "fd00000000f701160000000000000001",
        `25b717c1${length}0000`,
        "0200655813a59d00",
        "0129020100000000",
      ].join(""),
    );
    expect(hex.slice(156, 184)).toBe("a84025f00066a84025fafa370800");
  });

  test(
    "flows are spread over both links, and go on over one when the other loses its signal",
    { timeout: 120_000 },
    async () => {
      const sent = (link: string): number =>
        Number(lab.run("s1", "cat", `/sys/class/net/${link}/statistics/tx_packets`));
      const before = [sent("u0"), sent("u1")];
      // Each datagram is a flow of its own.
      await of(g1).do({ order: "udp", address: g2.ip, port: 5001, count: 64 });
      expect(sent("u0") - (before[0] ?? 0)).toBeGreaterThan(10);
      expect(sent("u1") - (before[1] ?? 0)).toBeGreaterThan(10);
      lab.ip("s1", "link", "set", "u0", "down");
      try {
        for (const sequence of [1, 2, 3, 4]) expect(await pings(lab, g1, g2.ip), `ping ${sequence}`).toBe(true);
      } finally {
        lab.ip("s1", "link", "set", "u0", "up");
      }
    },
  );

  test("an agent that is killed stops nothing, and one that comes back finds nothing to change", async () => {
    const file = `${lab.directory}/wanted.json`;
    const wanted = stateOfSled(lab, "s1");
    writeFileSync(file, JSON.stringify(wanted));
    await of(g1).do({ order: "open", address: g2.ip, port: 5002 });
    expect(await of(g1).do({ order: "talk", text: "before", accepted: false })).toBe("before");
    const flows = (await counters(g1)).port["tcp_flows"];
    const agent = lab.watch("s1", "apply", file);
    await agent.stop("SIGKILL");
    expect(await of(g1).do({ order: "talk", text: "without an agent", accepted: false })).toBe("without an agent");
    const again = await lab.opteadm("s1", "--json", "apply", file);
    expect(JSON.parse(again.stdout)).toEqual({ changes: [] });
    expect(await of(g2).do({ order: "talk", text: "from the other side", accepted: true })).toBe("from the other side");
    expect((await counters(g1)).port["tcp_flows"]).toBe(flows);
    // What differs is changed, and nothing else.
    const [port] = wanted.ports;
    if (port === undefined) throw new Error("no port");
    port.routes.push({ destination: "10.0.0.0/8", target: "drop", class: "custom" });
    expect(await lab.apply("s1", wanted)).toEqual(["port opte0: route 10.0.0.0/8 drop custom added"]);
    expect(await of(g2).do({ order: "talk", text: "still", accepted: true })).toBe("still");
    expect(await lab.apply("s1", stateOfSled(lab, "s1"))).toEqual(["port opte0: route 10.0.0.0/8 drop custom deleted"]);
  });

  test(
    "the address of a port here is mapped to here again, by an agent and by opted's next run",
    { timeout: 120_000 },
    async () => {
      const { ip, mac } = g1;
      const own = async (): Promise<readonly string[]> => {
        const { v2p } = (await lab.ask("s1", "GET", "/state")) as Pick<SledState, "v2p">;
        return v2p.filter((entry) => entry.vni === vni && entry.ip === ip).map(({ underlay }) => underlay);
      };
      await lab.ask("s1", "DELETE", "/v2p", { vni, ip });
      expect(await own()).toEqual([]);
      expect(await lab.apply("s1", stateOfSled(lab, "s1"))).toEqual([`V2P ${String(vni)} ${ip} set`]);
      await lab.ask("s1", "PUT", "/v2p", { vni, ip, mac, underlay: sleds.s2 });
      expect(await lab.apply("s1", { ...stateOfSled(lab, "s1"), v2p: [] })).toContain(`V2P ${String(vni)} ${ip} set`);
      expect(await lab.apply("s1", stateOfSled(lab, "s1"))).not.toContain(`V2P ${String(vni)} ${ip} set`);
      for (const change of ["DELETE", "PUT"] as const) {
        await lab.ask("s1", change, "/v2p", { vni, ip, ...(change === "PUT" ? { mac, underlay: sleds.s2 } : {}) });
        await setup.opted.s1.stop();
        setup.opted.s1 = await lab.opted("s1");
        expect(await own()).toEqual([sleds.s1]);
      }
      expect(await pings(lab, g3, ip)).toBe(true);
    },
  );

  test("opted's own restart keeps ports and connections", { timeout: 120_000 }, async () => {
    // Inbound, g1 admits what it began and nothing else: only what was saved lets the other side speak first.
    await lab.apply("s1", stateOfSled(lab, "s1", { g1: ["dir=in action=deny priority=10 protocol=icmp"] }));
    await of(g1).do({ order: "open", address: g2.ip, port: 5002 });
    expect(await of(g1).do({ order: "talk", text: "before", accepted: false })).toBe("before");
    const state = await lab.ask("s1", "GET", "/state");
    await setup.opted.s1.stop("SIGTERM");
    expect(setup.opted.s1.child.exitCode).toBe(0);
    setup.opted.s1 = await lab.opted("s1");
    expect(await lab.ask("s1", "GET", "/state")).toEqual(state);
    expect(await of(g2).do({ order: "talk", text: "after", accepted: true })).toBe("after");
    expect(await of(g1).do({ order: "talk", text: "and back", accepted: false })).toBe("and back");
    expect(await lab.ask("s1", "GET", "/ports/opte0/tcp-flows")).toEqual(
      expect.arrayContaining([expect.objectContaining({ state: "ESTABLISHED" })]),
    );
  });

  test(
    "killed, opted comes back with its ports, and with the connections that it saved last",
    { timeout: 120_000 },
    async () => {
      const saved = async (): Promise<number> => {
        const snapshot = await readFile(`${lab.directory}/s1-data/flows-opte0.json`, "utf8");
        return (JSON.parse(snapshot) as { readonly tcpFlows: unknown[] }).tcpFlows.length;
      };
      await setup.opted.s1.stop("SIGTERM");
      setup.opted.s1 = await lab.opted("s1", { snapshotInterval: 1000 });
      await of(g1).do({ order: "open", address: g2.ip, port: 5002 });
      expect(await of(g1).do({ order: "talk", text: "before", accepted: false })).toBe("before");
      // Ends of connections that a test before left behind may still come and go.
      const unsaved = async (): Promise<number> => Number((await counters(g1)).port["tcp_flows"]) - (await saved());
      await expect.poll(unsaved).toBe(0);
      await setup.opted.s1.stop("SIGKILL");
      setup.opted.s1 = await lab.opted("s1");
      expect(await of(g2).do({ order: "talk", text: "after", accepted: true })).toBe("after");
    },
  );
});
