import { fileURLToPath } from "node:url";
import { execa } from "execa";
import { expect, test } from "vitest";
import { type FlowTestbed, testbed } from "../../src/index.ts";

const kestrel = fileURLToPath(new URL("../../bin/kestrel", import.meta.url));
const wire = "h1:net0--h2:net0";

function fault(bed: FlowTestbed, ...words: readonly string[]) {
  return execa(kestrel, ["fault", "--testbed", bed.name, ...words], { reject: false });
}

async function isCut(bed: FlowTestbed): Promise<readonly boolean[]> {
  const { aToB, bToA } = await bed.wire(wire).status();
  return [aToB.settings.cut, bToA.settings.cut];
}

test.for([
  ["SIGINT", "h1:net0 cut --a-to-b", 0],
  ["SIGTERM", "h1:net0 cut --a-to-b --for 60", 143],
] as const)("%s ends kestrel fault %s, and heals", async ([signal, words, code]) => {
  await using bed = await testbed("two-hosts");
  const running = fault(bed, ...words.split(" "));
  let said = "";
  running.stdout.on("data", (piece: Buffer) => (said += piece.toString()));
  await expect.poll(() => said).toContain("is cut");
  expect(await isCut(bed)).toEqual([true, false]);
  running.kill(signal);
  const { exitCode, stdout } = await running;
  expect(exitCode).toBe(code);
  expect(stdout).toBe(`✗ ${wire} is cut (aToB)\n✔ ${wire} is cut (aToB): healed`);
  expect(await isCut(bed)).toEqual([false, false]);
});

test("kestrel fault heals after its time, and tells each step as a line of JSON", async () => {
  await using bed = await testbed("two-hosts");
  const { exitCode, stdout } = await fault(bed, "h2", "paused", "--for", "0.3", "--json");
  const steps = stdout.split("\n").map((line) => JSON.parse(line) as Record<string, unknown>);
  const detail = { kind: "paused", node: "h2" };
  expect(exitCode).toBe(0);
  expect(steps).toMatchObject([
    { kind: "fault", outcome: "done", testbed: bed.name, detail },
    { kind: "heal", outcome: "done", testbed: bed.name, detail },
  ]);
});

test("kestrel fault ends with 2 for a node that is not there, and says which is", async () => {
  await using bed = await testbed("two-hosts");
  const { exitCode, stderr } = await fault(bed, "h3", "paused");
  expect([exitCode, stderr]).toEqual([
    2,
    'kestrel: break the testbed: two-hosts: there is no node h3 (did you mean "h1"?)',
  ]);
});
