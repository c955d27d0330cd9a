import { describe, expect, test } from "vitest";
import { deployStack } from "../../../src/rack/index.ts";
import { planTopology, type TopologyDeclaration } from "../../../src/topology/index.ts";

const declared: TopologyDeclaration = {
  name: "small",
  nodes: {
    s1: { kind: "sled", ports: { net0: {} } },
    s2: { kind: "sled", ports: { net0: {} } },
    t1: { kind: "switch", ports: { rear0: {}, rear1: {} } },
  },
  wires: [
    ["s1:net0", "t1:rear0"],
    ["s2:net0", "t1:rear1"],
  ],
};
const withStack = (stack: TopologyDeclaration["stack"]) => deployStack(planTopology({ ...declared, stack }));
const fileOf = (plan: ReturnType<typeof deployStack>, node: string, path: string): string => {
  const found = plan.nodes.find(({ name }) => name === node)?.files.find((file) => file.path === path);
  return found !== undefined && "content" in found ? found.content : "";
};

describe("machines for instances", () => {
  test("there are as many as declared instances of that kind, and spare ones", () => {
    const plan = withStack({ machines: 1, projects: { shop: { instances: { web: { kind: "vm" }, db: null } } } });
    expect(plan.nodes.map(({ name }) => name)).toEqual(["s1", "s2", "t1", "machine0", "machine1"]);
    expect(plan.companions).toEqual(["rack/machines/provider-main"]);
    const machine = plan.nodes.find(({ name }) => name === "machine1");
    expect(machine).toMatchObject({ kind: "host", image: "instance", ports: [{ name: "net0", mtu: 1500 }] });
    // Every sled has a port for each, which its kernel and the underlay leave alone.
    for (const name of ["s1", "s2"]) {
      const sled = plan.nodes.find((node) => node.name === name);
      expect(sled).toMatchObject({ nicClass: 4, ports: [{ slot: 0 }, { name: "machine0", slot: 1 }, { slot: 2 }] });
      expect(sled?.sysctls["net.ipv6.conf.machine1.disable_ipv6"]).toBe("1");
      for (const daemon of ["ddmd", "lldpd", "opted"])
        expect(fileOf(plan, name, `/etc/kestrel/${daemon}.json`)).not.toContain("machine");
    }
    // The wire of each is plugged into the first sled to begin with.
    expect(plan.wires.slice(2)).toMatchObject([
      { name: "machine0", a: { node: "machine0", port: "net0" }, b: { node: "s1", port: "machine0" } },
      { name: "machine1", a: { node: "machine1", port: "net0" }, b: { node: "s1", port: "machine1" } },
    ]);
    expect(JSON.parse(fileOf(plan, "s1", "/etc/kestrel/nexusd.json"))).toMatchObject({
      projects: [
        {
          instances: [
            { name: "web", kind: "vm" },
            { name: "db", kind: "light" },
          ],
        },
      ],
    });
    expect(deployStack(plan)).toBe(plan);
  });

  test("there are none, and nothing runs beside the testbed, where no instance is one", () => {
    const plan = withStack({ projects: { shop: { instances: { db: null } } } });
    expect(plan.nodes.map(({ name }) => name)).toEqual(["s1", "s2", "t1"]);
    expect(plan).not.toHaveProperty("companions");
  });
});
