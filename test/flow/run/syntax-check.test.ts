import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { syntaxFaults } from "../../../src/flow/run/syntax-check.ts";

test("every syntax error of every file is told, with its place and the lines around it", async () => {
  const root = await mkdtemp("/tmp/ks-syntax-");
  const file = async (name: string, text: string): Promise<string> => {
    await writeFile(join(root, name), text);
    return join(root, name);
  };
  try {
    const files = [
      await file("good.flow.ts", "const x: number = 1;\nexport { x };\n"),
      await file("one.flow.ts", 'test("a", async () => {\n  await (;\n});\n'),
      await file("two.flow.ts", "const = 3;\n"),
    ];
    const faults = await syntaxFaults(files, root);
    expect(faults).toMatchObject([
      {
        kind: "input",
        file: "one.flow.ts",
        location: { line: 2, column: 10 },
        message: 'syntax error: Unexpected ";"',
      },
      { kind: "input", file: "two.flow.ts", location: { line: 1, column: 7 } },
    ]);
    expect(faults[0]?.codeFrame).toContain("await (;");
  } finally {
    await rm(root, { recursive: true });
  }
});
