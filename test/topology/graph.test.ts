import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { graphDot, graphMermaid, graphSvg, readTopology, type Plan } from "../../src/topology/index.ts";

const topologies = join(import.meta.dirname, "../../topologies");
const cases = join(import.meta.dirname, "cases");

function plan(file: string): Promise<Plan> {
  return readTopology(join(topologies, file));
}

describe("a drawing", () => {
  it.each(["routed", "blueprint", "segment", "impaired"])("of %s is what it was before", async (name) => {
    const drawn = await plan(`${name}.yaml`);
    await expect(graphMermaid(drawn)).toMatchFileSnapshot(join(cases, `graph/${name}.mmd`));
    await expect(graphDot(drawn)).toMatchFileSnapshot(join(cases, `graph/${name}.dot`));
  });

  it("shows uplinks, VDE switches, nested instances and direct wires", async () => {
    const everything = await readTopology(join(cases, "valid/everything-of-a-node.yaml"));
    expect(graphMermaid(everything)).toContain('user(["user network"])');
    const nested = graphDot(await readTopology(join(cases, "valid/nested-blueprints.yaml")));
    expect(nested.match(/subgraph/g)).toHaveLength(4);
    expect(graphDot(await readTopology(join(cases, "valid/many-ports.yaml")))).toContain("style=dashed");
    expect(graphMermaid(await readTopology(join(cases, "valid/segment-vde.yaml")))).toContain("lan (VDE)");
  });

  it("as SVG holds every node, address and instance", async () => {
    const drawn = await plan("blueprint.yaml");
    const svg = (await graphSvg(drawn)).replaceAll("&#45;", "-");
    expect(svg).toMatch(/^<\?xml[\s\S]*<svg [\s\S]*<\/svg>\s*$/);
    for (const { name, ports } of drawn.nodes) {
      expect(svg).toContain(name);
      for (const address of ports.flatMap((port) => port.addresses)) expect(svg).toContain(address);
    }
    for (const { name } of drawn.groups) expect(svg).toContain(`cluster_${name}`);
    expect(svg.match(/class="edge"/g)).toHaveLength(drawn.wires.length);
  });
});
