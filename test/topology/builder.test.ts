import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, expectTypeOf, it } from "vitest";
import { parse } from "yaml";
import { DocumentFaults } from "../../src/document/index.ts";
import { parseTopology, topology, type TopologyBuilder, type TopologyDeclaration } from "../../src/topology/index.ts";

function example(file: string): string {
  return readFileSync(join(import.meta.dirname, "../../topologies", file), "utf8");
}

function routed(): TopologyBuilder {
  const built = topology("routed");
  const h1 = built.host("h1", {
    ports: { net0: ["10.0.1.1/24", "fd00:1::1/64"] },
    routes: [
      { to: "10.0.2.0/24", via: "10.0.1.254" },
      { to: "fd00:2::/64", via: "fd00:1::fe" },
    ],
  });
  const r1 = built.router("r1", {
    ports: { net0: ["10.0.1.254/24", "fd00:1::fe/64"], net1: ["10.0.2.254/24", "fd00:2::fe/64"] },
  });
  const h2 = built.host("h2", {
    ports: { net0: ["10.0.2.1/24", "fd00:2::1/64"] },
    routes: [
      { to: "10.0.1.0/24", via: "10.0.2.254" },
      { to: "fd00:1::/64", via: "fd00:2::fe" },
    ],
  });
  expectTypeOf<Parameters<(typeof r1)["port"]>[0]>().toEqualTypeOf<"net0" | "net1">();
  return built.wire(h1.port("net0"), r1.port("net0")).wire(r1.port("net1"), h2.port("net0"));
}

function racks(): TopologyBuilder {
  const built = topology("blueprint").blueprint("rack", { hosts: 2, net: null }, (rack) => {
    rack.node("h${i}", {
      count: "${hosts}",
      ports: { net0: ["10.${net}.${i}.1/24", "fd00:${net}:${i}::1/64"] },
      routes: [
        { to: "default", via: "10.${net}.${i}.254" },
        { to: "default", via: "fd00:${net}:${i}::fe" },
      ],
    });
    const gw = rack.router("gw", {
      ports: {
        "rear${i}": { count: "${hosts}", addresses: ["10.${net}.${i}.254/24", "fd00:${net}:${i}::fe/64"] },
        front: ["10.0.0.${net}/24", "fd00::${net}/64"],
      },
      routes: [
        { to: "10.${3 - net}.0.0/16", via: "10.0.0.${3 - net}" },
        { to: "fd00:${3 - net}::/32", via: "fd00::${3 - net}" },
      ],
    });
    rack.wire("h${i}:net0", gw.port("rear${i}"), { count: "${hosts}" }).export("front", gw.port("front"));
  });
  built.instance("rack${i}", { blueprint: "rack", count: 2, with: { net: "${i + 1}" } });
  return built.wire("rack0:front", "rack1:front", { name: "trunk", delay: "2 ms" });
}

describe("the builder", () => {
  it("gives the plan that the YAML file gives", () => {
    expect(routed().plan()).toEqual(parseTopology(example("routed.yaml"), "routed.yaml"));
    expect(racks().plan()).toEqual(parseTopology(example("blueprint.yaml"), "blueprint.yaml"));
  });

  it("writes the YAML that means the same", () => {
    for (const built of [routed(), racks()]) expect(parseTopology(built.toYaml(), "x.yaml")).toEqual(built.plan());
  });

  it("begins from a declaration without changing it", () => {
    const declaration = { ...(parse(example("two-hosts.yaml")) as TopologyDeclaration), name: "start" };
    const built = topology(declaration);
    built.host("h3", { ports: { net0: [] } });
    expect(built.plan().nodes).toHaveLength(3);
    expect(Object.keys(declaration.nodes ?? {})).toEqual(["h1", "h2"]);
  });

  it("takes defaults, definitions, segments and seeds", () => {
    const built = topology({ name: "lan", seed: 3 }).defaults({ node: { memory: "192 MiB" }, wire: { delay: "1 ms" } });
    built.define("daemon", { cpus: 2 });
    const a = built.host("a", { extends: "daemon", ports: { net0: {} } });
    const b = built.host("b", { ports: { net0: {} } });
    const plan = built.segment("lan", [a.port("net0"), { port: b.port("net0"), loss: "1%" }]).plan();
    expect(plan.nodes.map(({ memoryMiB, cpus }) => [memoryMiB, cpus])).toEqual([
      [192, 2],
      [192, 1],
    ]);
    expect(
      plan.segments[0]?.legs.map(({ name, toSegment }) => [name, toSegment.loss, toSegment.delayMicroseconds]),
    ).toEqual([
      ["a:net0--lan", 0, 1000],
      ["b:net0--lan", 0.01, 1000],
    ]);
  });

  it("tells all faults at once, by the path of each", () => {
    const built = topology("bad");
    built.host("h1", { memory: "1 parsec", ports: { net0: ["10.0.0.1/24"] } });
    built.wire("h1:net1", "h2:net0", { delay: "soon" });
    let faults: unknown;
    try {
      built.plan();
    } catch (error) {
      if (error instanceof DocumentFaults) faults = error.message;
    }
    expect(faults).toBe(
      [
        "read topology: bad: 4 faults",
        'bad: nodes.h1.memory: expected a size such as "256 MiB", found "1 parsec"',
        'bad: wires[0].delay: expected a duration such as "10 ms", found "soon"',
        'bad: wires[0].ends[0]: the node h1 has no port "net1"\n  hint: did you mean "net0"?',
        'bad: wires[0].ends[1]: there is no node "h2"\n  hint: did you mean "h1"?',
      ].join("\n\n"),
    );
  });

  it("refuses a name that is declared twice, and a declaration that is no plain data", () => {
    const built = topology("twice");
    built.host("h1", {});
    expect(() => built.host("h1", {})).toThrow(/twice: nodes\.h1: "h1" is declared twice/);
    const odd = topology("odd");
    odd.declaration.description = (() => "a function") as unknown as string;
    expect(() => odd.plan()).toThrow(DocumentFaults);
  });
});
