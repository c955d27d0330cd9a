import { spawn } from "node:child_process";
import { readFile } from "node:fs/promises";
import { text } from "node:stream/consumers";
import { expect, test } from "vitest";

const program = `
import { keepPriorityInSession } from ${JSON.stringify(new URL("../../src/host/index.ts", import.meta.url).href)};
import { readFileSync } from "node:fs";
keepPriorityInSession();
console.log(readFileSync("/proc/self/autogroup", "utf8"));
`;

const hasAutogroups = await readFile("/proc/self/autogroup").then(
  () => true,
  () => false,
);

test.skipIf(!hasAutogroups)("a session of its own has the priority that its first process was given", async () => {
  const command = ["-n", "7", process.execPath, "--input-type=module", "-e", program];
  const child = spawn("nice", command, { detached: true, stdio: ["ignore", "pipe", "inherit"] });
  expect(await text(child.stdout)).toMatch(/ nice 7$/m);
});
