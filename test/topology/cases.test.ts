import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { describeError } from "../../src/error/kestrel-error.ts";
import { parseTopology, renderPlan, type Plan } from "../../src/topology/index.ts";

const cases = join(import.meta.dirname, "cases");

function filesOf(kind: string): string[] {
  return readdirSync(join(cases, kind))
    .filter((file) => file.endsWith(".yaml"))
    .toSorted();
}

function plan(kind: string, file: string): Plan {
  return parseTopology(readFileSync(join(cases, kind, file), "utf8"), file);
}

describe("golden cases", () => {
  it.each(filesOf("valid"))("%s gives the plan that it gave before", async (file) => {
    const result = plan("valid", file);
    const golden = join(cases, "valid", file.replace(".yaml", ""));
    await expect(`${JSON.stringify(result, null, 2)}\n`).toMatchFileSnapshot(`${golden}.plan.json`);
    await expect(`${renderPlan(result)}\n`).toMatchFileSnapshot(`${golden}.txt`);
  });

  it.each(filesOf("invalid"))("%s is refused in the same words as before", async (file) => {
    let told = "nothing";
    try {
      plan("invalid", file);
    } catch (error) {
      told = describeError(error);
      expect(error).toMatchObject({ name: "DocumentFaults", kind: "input", exitCode: 2 });
    }
    await expect(`${told}\n`).toMatchFileSnapshot(join(cases, "invalid", file.replace(".yaml", ".txt")));
    expect(told).not.toMatch(/node_modules|at .*\.ts:\d/);
  });
});
