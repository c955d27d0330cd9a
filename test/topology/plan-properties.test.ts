import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parse, stringify } from "yaml";
import { DocumentFaults } from "../../src/document/index.ts";
import {
  deriveMac,
  parseTopology,
  planMemoryMiB,
  planTopology,
  type Plan,
  type TopologyDeclaration,
} from "../../src/topology/index.ts";

const folders = [join(import.meta.dirname, "cases/valid"), join(import.meta.dirname, "../../topologies")];
const texts = folders.flatMap((folder) =>
  readdirSync(folder)
    .filter((file) => file.endsWith(".yaml"))
    .map((file) => [file, readFileSync(join(folder, file), "utf8")] as const),
);

/** Topologies of up to six nodes with random ports, wired in pairs as far as ports go. */
const declarations: fc.Arbitrary<TopologyDeclaration> = fc
  .record({
    name: fc.constantFrom("alpha", "beta"),
    seed: fc.nat(),
    nodes: fc.dictionary(
      fc.stringMatching(/^[a-z][a-z0-9]{0,6}$/),
      fc.record({
        kind: fc.constantFrom("host" as const, "router" as const),
        cpus: fc.integer({ min: 1, max: 4 }),
        ports: fc.dictionary(
          fc.stringMatching(/^[a-z][a-z0-9]{0,6}$/).filter((name) => !["lo", "all", "default"].includes(name)),
          fc.record({ mtu: fc.integer({ min: 1280, max: 9000 }) }),
          { maxKeys: 4 },
        ),
      }),
      { minKeys: 1, maxKeys: 6 },
    ),
  })
  .map((topology) => {
    const ports = Object.entries(topology.nodes).flatMap(([node, { ports: own }]) =>
      Object.keys(own).map((port) => `${node}:${port}`),
    );
    const wires = ports.flatMap((port, index): [string, string][] => {
      const other = ports[index + 1];
      return index % 2 === 0 && other !== undefined ? [[port, other]] : [];
    });
    return { ...topology, wires };
  });

/** The same mapping with its keys, at every depth, in another order. */
function shuffled(value: unknown, order: number): unknown {
  if (Array.isArray(value)) return value.map((item: unknown) => shuffled(item, order));
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).map(([key, entry]) => [key, shuffled(entry, order)] as const);
  const weight = (key: string): string => deriveMac(String(order), key, "");
  return Object.fromEntries(entries.toSorted(([a], [b]) => (weight(a) < weight(b) ? -1 : 1)));
}

/** What must not depend on the order of keys. */
function withoutOrder(plan: Plan): unknown {
  const byName = <T extends { readonly name: string }>(items: readonly T[]): T[] =>
    items.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const nodes = plan.nodes.map((node) => ({
    ...node,
    ports: byName(node.ports.map(({ slot: _slot, ...port }) => port)),
  }));
  const stages = plan.stages.map((stage) => stage.toSorted());
  return { ...plan, nodes: byName(nodes), wires: byName(plan.wires), segments: byName(plan.segments), stages };
}

describe("a plan", () => {
  it("is the same for the same input, survives JSON, and is the same from YAML and from data", () => {
    fc.assert(
      fc.property(declarations, (declaration) => {
        const plan = planTopology(declaration);
        expect(planTopology(declaration)).toEqual(plan);
        expect(JSON.parse(JSON.stringify(plan))).toEqual(plan);
        expect(parseTopology(stringify(declaration), "x.yaml")).toEqual(plan);
      }),
      { seed: 1, numRuns: 25 },
    );
  });

  it("has the same names, MACs and seeds whatever the order of keys", () => {
    fc.assert(
      fc.property(declarations, fc.nat(), (declaration, order) => {
        const other = shuffled(declaration, order) as TopologyDeclaration;
        expect(withoutOrder(planTopology(other))).toEqual(withoutOrder(planTopology(declaration)));
      }),
      { seed: 1, numRuns: 25 },
    );
  });

  it.each(texts)("of %s does not depend on the order of keys", (file, text) => {
    const other = stringify(shuffled(parse(text), 5));
    const ordered = (plan: Plan): unknown => ({
      ...(withoutOrder(plan) as object),
      groups: plan.groups.map(({ name }) => name).toSorted(),
    });
    expect(ordered(parseTopology(other, file))).toEqual(ordered(parseTopology(text, file)));
  });

  it("gives every port a MAC of its own which is locally administered and unicast", () => {
    const plan = parseTopology("nodes:\n  n${i}: { count: 50, ports: { 'p${i}': { count: 8 } } }\n", "many.yaml");
    const macs = plan.nodes.flatMap((node) => node.ports.map((port) => port.mac));
    expect(new Set(macs).size).toBe(400);
    for (const mac of macs) expect(mac).toMatch(/^[0-9a-f][26ae](:[0-9a-f]{2}){5}$/);
    expect(planMemoryMiB(plan)).toBe(50 * 256);
  });

  it("takes parameters and a seed from outside", () => {
    const text = "parameters: { hosts: 1 }\nnodes:\n  h${i}: { count: '${hosts}' }\n";
    expect(parseTopology(text, "x.yaml").nodes).toHaveLength(1);
    const other = parseTopology(text, "x.yaml", { parameters: { hosts: 3 }, seed: 9 });
    expect(other.nodes.map(({ name }) => name)).toEqual(["h0", "h1", "h2"]);
    expect(other.seed).toBe(9);
    expect(() => parseTopology(text, "x.yaml", { parameters: { host: 3 } })).toThrow(/no parameter "host"/);
  });

  it("or faults come of any damage to a topology, never another error", () => {
    const damage = fc.record({
      at: fc.nat(),
      remove: fc.nat({ max: 12 }),
      insert: fc.constantFrom("", " ", "\n", ":", "${", "}", "-", "9", "x: ", "[", "~"),
    });
    fc.assert(
      fc.property(
        fc.constantFrom(...texts),
        fc.array(damage, { minLength: 1, maxLength: 4 }),
        ([file, text], damages) => {
          const damaged = damages.reduce((current, { at, remove, insert }) => {
            const place = at % (current.length + 1);
            return current.slice(0, place) + insert + current.slice(place + remove);
          }, text);
          try {
            parseTopology(damaged, file);
          } catch (error) {
            expect(error).toBeInstanceOf(DocumentFaults);
          }
        },
      ),
      { seed: 1, numRuns: 120 },
    );
  });

  it("is refused when counts multiply beyond reason", () => {
    const text = "nodes:\n  n${i}: { count: 4096, ports: { 'p${i}': { count: 4096 } } }\n";
    expect(() => parseTopology(text, "x.yaml")).toThrow(/at most \d+ entries in all/);
  });
});
