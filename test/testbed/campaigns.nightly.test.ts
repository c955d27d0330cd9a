import { expect, test } from "vitest";
import { rowOfHosts, withTestbed } from "../../src/bench/benchmark.ts";
import type { Testbed } from "../../src/testbed/index.ts";

/** Every node answers, and knows its own name. */
async function expectAllAnswer(testbed: Testbed): Promise<void> {
  const answers = await Promise.all(testbed.nodes.map(async (node) => (await node.guest()).exec("hostname")));
  expect(answers.map(({ stdout }) => stdout.trim())).toEqual(testbed.nodes.map(({ name }) => name));
}

test("64 clones come up and answer", async () => {
  await withTestbed(rowOfHosts(64), {}, expectAllAnswer);
});

test.for(Array.from({ length: 13 }, (_, round) => round))(
  "cold boots of four at a time all arrive: round %i",
  async () => {
    await withTestbed(rowOfHosts(4), { cold: true }, expectAllAnswer);
  },
);
