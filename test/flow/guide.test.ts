import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";

const root = join(import.meta.dirname, "../..");
const guide = readFileSync(join(root, "docs/flows.md"), "utf8");

/** Lines without the indentation that depends on where they stand. */
const lines = (text: string): string =>
  text
    .split("\n")
    .map((line) => line.trim())
    .join("\n");

const flows = readdirSync(join(root, "flows"), { recursive: true, encoding: "utf8" })
  .filter((file) => file.endsWith(".flow.ts"))
  .map((file) => lines(readFileSync(join(root, "flows", file), "utf8")));

const examples = [...guide.matchAll(/^```ts\n([^]*?)^```$/gm)].map(([, code = ""]) => code.trim());

describe("docs/flows.md", () => {
  test("has examples", () => {
    expect(examples.length).toBeGreaterThan(8);
  });

  test.for(examples)("shows part of a real flow: %s", (example) => {
    expect(flows.some((flow) => flow.includes(lines(example)))).toBe(true);
  });

  test("shows the report as it is", () => {
    const report = readFileSync(join(import.meta.dirname, "reports/second-frame-missing.txt"), "utf8");
    const [shown = ""] = /^wire h1:net0--r1:net0[^]*?(?=\n```)/m.exec(guide) ?? [];
    expect(report.startsWith(shown)).toBe(true);
  });
});
