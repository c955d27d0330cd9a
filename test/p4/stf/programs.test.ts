import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { describeDiagnostic, SourceFile } from "../../../src/p4/compiler/index.ts";
import { describeFailure, runStf } from "../../../src/p4/stf/index.ts";
import { loadProgram } from "../../../src/p4/switch/format/load.ts";
import { programsFolder, tryCompile } from "../compiler/compile-program.ts";

const programs = readdirSync(programsFolder)
  .filter((file) => file.endsWith(".p4"))
  .map((file) => file.slice(0, -".p4".length));

test("at least eighty programs are tested", () => {
  expect(programs.length).toBeGreaterThanOrEqual(80);
});

describe.each(programs)("%s does what its test says", (name) => {
  const file = join(programsFolder, `${name}.p4`);
  const stf = new SourceFile(`${name}.stf`, readFileSync(join(programsFolder, `${name}.stf`), "utf8"));
  const compilation = tryCompile(readFileSync(file, "utf8"), file);

  test.each(["compiled", "interpreted"] as const)("%s", (execution) => {
    if (compilation.json === undefined) throw new Error(compilation.diagnostics.map(describeDiagnostic).join("\n\n"));
    const program = loadProgram(JSON.stringify(compilation.json), file);
    const result = runStf(program, stf, { execution });
    const complaints = [...result.diagnostics.map(describeDiagnostic), ...result.failures.map(describeFailure)];
    expect(complaints.join("\n\n")).toBe("");
    expect(result.expectations).toBeGreaterThan(0);
  });
});
