import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { programsFolder, tryCompile } from "./compile-program.ts";
import { referenceFaults } from "./json-references.ts";

const files = readdirSync(programsFolder).filter((file) => file.endsWith(".p4"));

describe("the test programs", () => {
  it("are at least thirty, one for each feature", () => {
    expect(files.length).toBeGreaterThanOrEqual(30);
  });

  it.each(files)("compile without a warning to JSON whose references hold, the same each time: %s", (file) => {
    const path = join(programsFolder, file);
    const compile = (): ReturnType<typeof tryCompile> => tryCompile(readFileSync(path, "utf8"), path);
    const { json, diagnostics } = compile();
    expect(diagnostics).toEqual([]);
    expect(referenceFaults(json)).toEqual([]);
    expect(JSON.stringify(compile().json)).toBe(JSON.stringify(json));
  });

  it("tell where each primitive comes from", () => {
    const path = join(programsFolder, "ipv4-router.p4");
    const text = JSON.stringify(tryCompile(readFileSync(path, "utf8"), "router.p4").json);
    expect(text).toContain(
      '"filename":"router.p4","line":74,"column":9,"source_fragment":"hdr.ipv4.ttl = hdr.ipv4.ttl - 1;"',
    );
  });
});
