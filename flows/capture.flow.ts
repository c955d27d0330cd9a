import { execFile, execFileSync } from "node:child_process";
import { createWriteStream } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { testbed } from "../src/index.ts";

function hasTshark(): boolean {
  try {
    execFileSync("tshark", ["--version"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

test.skipIf(!hasTshark())("one capture of all wires opens in tshark, with a wire an interface", async () => {
  await using bed = await testbed("routed");
  const directory = await mkdtemp(join(tmpdir(), "kestrel-flow-"));
  try {
    await bed.node("h1").exec(["ping", "-6", "-c", "1", "-W", "20", bed.port("h2:net0").ipv6]);
    const file = join(directory, "all.pcapng");
    await pipeline(
      bed.testbed.wires.capture({ includeRecorded: true, follow: false }).bytes,
      createWriteStream(file, { mode: 0o600 }),
    );
    const fields = ["frame.interface_name", "eth.src", "ipv6.hlim"].flatMap((field) => ["-e", field]);
    const { stdout } = await promisify(execFile)("tshark", [
      "-r",
      file,
      "-Y",
      "icmpv6.type == 128",
      "-T",
      "fields",
      ...fields,
    ]);
    expect(stdout.trim().split("\n").slice(-2)).toEqual([
      ["h1:net0--r1:net0", bed.port("h1:net0").mac, "64"].join("\t"),
      ["r1:net1--h2:net0", bed.port("r1:net1").mac, "63"].join("\t"),
    ]);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
});
