import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { commandLine } from "../testbed/command-line.ts";
import { nothingRuns } from "../testbed/host-processes.ts";

const words = "Kernel panic - not syncing: a test of last words\r\n";

/** A boot sector (x86 real mode) that sends the words behind it to the first serial port and stops. */
function bootSector(): Buffer {
  const program = Buffer.from([
    ...[0x31, 0xc0], // xor ax, ax
    ...[0x8e, 0xd8], // mov ds, ax
    0xfc, // cld
    ...[0xbe, 0x16, 0x7c], // mov si, words
    ...[0xba, 0xf8, 0x03], // mov dx, 0x3f8
    0xac, // next: lodsb
    ...[0x84, 0xc0], // test al, al
    ...[0x74, 0x03], // jz stop
    0xee, // out dx, al
    ...[0xeb, 0xf8], // jmp next
    0xf4, // stop: hlt
    ...[0xeb, 0xfd], // jmp stop
  ]);
  const sector = Buffer.alloc(1 << 20);
  program.copy(sector);
  sector.write(words, program.length, "latin1");
  sector.writeUInt16LE(0xaa55, 510);
  return sector;
}

test("a foreign guest whose kernel panics is not waited for", { timeout: 600_000 }, async () => {
  const directory = await mkdtemp(join(tmpdir(), "kestrel-panic-"));
  try {
    await using kestrel = await commandLine();
    await writeFile(join(directory, "disk.raw"), bootSector());
    const file = join(directory, "panic.yaml");
    await writeFile(file, "nodes:\n  v1: { kind: vm, disk: disk.raw, memory: 128 MiB }\n");
    const { exitCode, stderr } = await kestrel.run(["up", file, "--name", "panic"]);
    expect(exitCode, stderr).toBe(3);
    expect(stderr).toContain("run the node: v1: expected a running kernel, found Kernel panic");
    expect(stderr).toContain("a test of last words");
    await nothingRuns(kestrel.stateDirectory);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
});
