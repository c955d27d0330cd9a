import { readFile } from "node:fs/promises";
import { expect, it } from "vitest";

function oneLine(code: string): string {
  return code
    .replaceAll(/\s+/g, " ")
    .replaceAll(/, ?([)}\]])/g, "$1")
    .trim();
}

it("every example of docs/faults.md is part of a flow that runs", async () => {
  const read = (path: string) => readFile(new URL(`../../../${path}`, import.meta.url), "utf8");
  const flow = oneLine(await read("flows/fault/examples.flow.ts"));
  const examples = [...(await read("docs/faults.md")).matchAll(/```ts\n([\s\S]*?)```/g)].map(([, code = ""]) =>
    oneLine(code),
  );
  expect(examples.length).toBeGreaterThan(4);
  for (const example of examples) expect(flow).toContain(example);
});
