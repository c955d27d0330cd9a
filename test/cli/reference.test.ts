import { expect, test } from "vitest";
import { cliReference } from "../../src/cli/index.ts";

test("the reference has every verb with usage and example, and says the same every time", () => {
  const text = cliReference();
  const headings = [...text.matchAll(/^#{2,4} `(kestrel .+)`$/gm)].map(([, name]) => name);
  expect(headings).toEqual(
    expect.arrayContaining(["kestrel up", "kestrel exec", "kestrel wire set", "kestrel image build"]),
  );
  expect(headings).not.toContain("kestrel complete");
  expect(new Set(headings).size).toBe(headings.length);
  for (const name of headings) expect(text).toMatch(new RegExp(`^${name ?? ""} .*`, "m"));
  expect(text.match(/^```sh$/gm)).toHaveLength(headings.length);
  expect(cliReference()).toBe(text);
});
