import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { generatedPages } from "../../scripts/generate-docs.ts";
import { nodeKindNames, parseTopology, topologyJsonSchema } from "../../src/topology/index.ts";

const root = join(import.meta.dirname, "../..");

describe("the reference", () => {
  it.each(Object.entries(generatedPages))(
    "%s is up to date (scripts/generate-docs.ts writes it)",
    { timeout: 60_000 },
    async (page, generate) => {
      expect(readFileSync(join(root, page), "utf8")).toBe(await generate());
    },
  );

  it("shows examples that are topologies", () => {
    const page = readFileSync(join(root, "docs/topology.md"), "utf8");
    const examples = [...page.matchAll(/`topologies\/(.*?)`:\n\n```yaml\n([\s\S]*?)```/g)];
    expect(examples.map(([, file]) => file).toSorted()).toEqual([
      "blueprint.yaml",
      "impaired.yaml",
      "instances.yaml",
      "routed.yaml",
      "segment.yaml",
      "two-hosts.yaml",
    ]);
    for (const [, file = "", text = ""] of examples) expect(parseTopology(text, file).nodes.length).toBeGreaterThan(1);
  });

  it("has a heading for every link", () => {
    const page = readFileSync(join(root, "docs/topology.md"), "utf8");
    const headings = new Set(
      [...page.matchAll(/^## (.*)$/gm)].map(([, title = ""]) => title.toLowerCase().replaceAll(" ", "-")),
    );
    const links = [...page.matchAll(/\]\(#(.*?)\)/g)].map(([, anchor = ""]) => anchor);
    expect(links.length).toBeGreaterThan(10);
    expect(links.filter((anchor) => !headings.has(anchor))).toEqual([]);
  });
});

describe("topologies/", () => {
  it.each(readdirSync(join(root, "topologies")))("%s says what it shows, and has a plan", (file) => {
    const text = readFileSync(join(root, "topologies", file), "utf8");
    expect(text).toMatch(/^# \w/);
    expect(parseTopology(text, file).nodes.length).toBeGreaterThan(0);
  });
});

describe("the JSON Schema", () => {
  it("describes every key, and knows the kinds", () => {
    const schema = topologyJsonSchema();
    expect(schema.title).toBe("Kestrel topology");
    const node = schema.$defs?.["node"];
    expect(node?.properties?.["kind"]?.enum).toEqual(nodeKindNames);
    const silent = Object.entries(node?.properties ?? {}).filter(([, { description }]) => description === undefined);
    expect(silent.map(([key]) => key)).toEqual([]);
    expect(node?.additionalProperties).toBe(false);
  });
});
