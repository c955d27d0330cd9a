import { spawnSync } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { deployStack, fabricOf } from "../../src/rack/index.ts";
import { planTopology, readTopology, type TopologyDeclaration } from "../../src/topology/index.ts";

const root = join(import.meta.dirname, "../..");
const topology = (name: string) => readTopology(join(root, `topologies/${name}.yaml`));

describe("the racks of a plan", () => {
  it("are the instances of a blueprint with a switch in it", async () => {
    const { racks, links } = fabricOf(await topology("two-racks"));
    expect(racks.map(({ name, sleds, switches }) => [name, sleds.length, switches.length])).toEqual([
      ["rack0", 4, 2],
      ["rack1", 4, 2],
    ]);
    expect(racks[1]?.sleds[2]).toMatchObject({ rack: 1, index: 2, prefix: "fd00:1122:3344:203::/64" });
    expect(racks[1]?.switches[1]).toMatchObject({ role: "switch", index: 1, prefix: "fd00:1122:3344:2f1::/64" });
    expect(links).toHaveLength(20);
  });

  it("are one where there are no instances", async () => {
    const { racks } = fabricOf(await topology("trio"));
    expect(racks.map(({ name, sleds }) => [name, sleds.map(({ node }) => node.name)])).toEqual([
      ["trio", ["s1", "s2"]],
    ]);
  });
});

describe("deployment", () => {
  it.each(["trio", "two-racks"])("of %s is what it was before", async (name) => {
    const { nodes } = deployStack(await topology(name));
    const deployed = nodes.map(({ name, sysctls, files, commands, services, ready }) => ({
      name,
      sysctls,
      files: Object.fromEntries(files.map((file) => [file.path, "content" in file ? JSON.parse(file.content) : null])),
      commands,
      services,
      ready,
    }));
    const text = `${JSON.stringify(deployed, null, 2)}\n`;
    await expect(text).toMatchFileSnapshot(join(import.meta.dirname, "cases", `${name}.json`));
  });

  it("has the rest of a node's daemons begin after its network, or without it when a neighbour is away", async () => {
    const { nodes } = deployStack(await topology("boundary"));
    const s1 = nodes.find(({ name }) => name === "s1");
    const t1 = nodes.find(({ name }) => name === "t1");
    const waiting = (node: typeof s1) => node?.services.filter(({ after }) => after.length > 0) ?? [];
    expect(s1?.services.map(({ name }) => name)).toEqual(["ddmd", "lldpd", "opted", "sled-agent", "nexusd", "dnsd"]);
    expect(waiting(s1)).toMatchObject([
      { name: "lldpd", after: [{ type: "http", path: "/prefixes", timeoutMs: 45_000 }] },
    ]);
    expect(t1?.services.map(({ name }) => name).slice(0, 5)).toEqual(["p4switch", "dpd", "tfportd", "ddmd", "lldpd"]);
    expect(waiting(t1)).toMatchObject([
      { name: "lldpd", after: [{ path: "/prefixes" }, { path: expect.stringMatching(/^\/route\/ipv6/) as string }] },
    ]);
  });

  it("gives a switch with uplinks mgd and FRR, which nexus reaches at its tunnel endpoint", async () => {
    const { nodes } = deployStack(await topology("boundary"));
    const [s1, t1] = ["s1", "t1"].map((name) => nodes.find((node) => node.name === name));
    expect(t1?.services.map(({ name }) => name).slice(-5)).toEqual(["mgd", "zebra", "staticd", "bfdd", "bgpd"]);
    expect(t1?.files.map(({ path }) => path)).toContain("/etc/kestrel/zebra.conf");
    expect(t1?.commands.join("\n")).toContain("ip address add fd00:1122:3344:1f0::1/128 dev lo");
    expect(t1?.ready).toContainEqual(
      expect.objectContaining({
        path: "/bgp/status/neighbors",
        json: ["192.0.2.2", "2001:db8:2:1::2", "192.0.2.6", "2001:db8:2:2::2"].map((addr) => ({
          addr,
          state: "established",
        })),
      }),
    );
    const nexusd = s1?.files.find(({ path }) => path === "/etc/kestrel/nexusd.json");
    const configuration: unknown = JSON.parse(nexusd !== undefined && "content" in nexusd ? nexusd.content : "");
    expect(configuration).toMatchObject({
      boundary: {
        pools: [
          { name: "public", prefixes: ["198.51.100.0/26"] },
          { name: "public6", prefixes: ["2001:db8:51::/64"] },
        ],
        bgp: { asn: 64500, max_paths: 2 },
        uplinks: [
          {
            ...{ rack: "boundary", slot: "switch0", port: "qsfp0" },
            peers: [
              { address: "192.0.2.2", asn: 64501 },
              { address: "2001:db8:2:1::2", asn: 64501 },
            ],
          },
          {
            ...{ rack: "boundary", slot: "switch0", port: "qsfp1" },
            peers: [
              { address: "192.0.2.6", asn: 64502 },
              { address: "2001:db8:2:2::2", asn: 64502 },
            ],
          },
        ],
      },
      racks: [{ switches: [{ agent: { host: "fd00:1122:3344:1f0::1", port: 12_222 } }] }],
    });
  });

  it("of a plan that has been deployed, or that has no racks, changes nothing", async () => {
    const deployed = deployStack(await topology("trio"));
    expect(deployStack(deployed)).toBe(deployed);
    const hosts = await topology("routed");
    expect(deployStack(hosts)).toBe(hosts);
  });

  it("leaves what the topology declares on top", () => {
    const plan = deployStack(
      planTopology(
        rack({
          s1: {
            kind: "sled",
            ports: { net0: null },
            sysctls: { "net.ipv6.fib_multipath_hash_policy": 0 },
            files: { "/etc/kestrel/lldpd.json": "{}", "/etc/note": "x" },
            commands: ["true"],
            ready: [{ file: "/etc/note" }],
          },
        }),
      ),
    );
    const sled = plan.nodes.find(({ name }) => name === "s1");
    expect(sled?.sysctls["net.ipv6.fib_multipath_hash_policy"]).toBe("0");
    expect(sled?.files.filter(({ path }) => path === "/etc/kestrel/lldpd.json")).toEqual([
      { path: "/etc/kestrel/lldpd.json", mode: 0o644, content: "{}" },
    ]);
    expect(sled?.commands.at(-1)).toBe("true");
    expect(sled?.ready.at(-1)).toMatchObject({ type: "file", path: "/etc/note" });
  });

  it("has a switch of engine bmv2 run the node's simple_switch, with the ports and the program that p4switch would have", async () => {
    const plan = await topology("trio");
    const switchOf = (engine: "kestrel" | "bmv2") =>
      deployStack({ ...plan, stack: { ...plan.stack, engine } }).nodes.find(({ name }) => name === "t1");
    const service = switchOf("bmv2")?.services.find(({ name }) => name === "p4switch");
    expect(service).toEqual({
      name: "p4switch",
      command: [
        ...[
          "/usr/bin/env",
          "simple_switch",
          "--interface",
          "0@cpu0",
          "--interface",
          "1@rear0",
          "--interface",
          "2@rear1",
        ],
        ...["/opt/kestrel/rack.json", "--", "--enable-swap"],
      ],
      parked: false,
      after: [],
    });
    const [check = "", ...others] = switchOf("bmv2")?.commands ?? [];
    expect(others).toEqual(switchOf("kestrel")?.commands);
    const nowhere = spawnSync("/bin/sh", ["-c", check], { env: { PATH: "/nonexistent" }, encoding: "utf8" });
    expect(nowhere).toMatchObject({ status: 1, stderr: expect.stringMatching(/simple_switch.*bring yours/) as string });
    const folder = await mkdtemp(join(tmpdir(), "kestrel-bmv2-"));
    await writeFile(join(folder, "simple_switch"), "#!/bin/sh\n", { mode: 0o755 });
    expect(spawnSync("/bin/sh", ["-c", check], { env: { PATH: folder } }).status).toBe(0);
    await rm(folder, { recursive: true });
  });

  it("tells everything that is wrong with the racks at once", () => {
    const declared = rack({
      s1: { kind: "sled", ports: { net0: ["10.0.0.1/24"], net1: null } },
      s2: { kind: "sled", ports: { net1: null } },
      t1: { kind: "switch", ports: { rear0: null, front: null, rear32: null } },
    });
    declared.wires?.push(["s1:net1", "s2:net1"]);
    const plan = planTopology(declared);
    expect(() => deployStack(plan)).toThrow(
      /port front of t1.*; port rear32 of t1.*; wire s1:net1--s2:net1 between two sleds; addresses at s1:net0/s,
    );
  });
});

function rack(nodes: NonNullable<TopologyDeclaration["nodes"]>): TopologyDeclaration {
  return {
    name: "rack",
    nodes: { t1: { kind: "switch", ports: { rear0: null } }, ...nodes },
    wires: [["s1:net0", "t1:rear0"]],
  };
}
