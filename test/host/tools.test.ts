import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { compareVersions, locateTool, locateTools, requiredPackages } from "../../src/host/tools.ts";
import { scratch } from "./scratch.ts";

async function program(directory: string, name: string, output: string): Promise<void> {
  await writeFile(join(directory, name), `#!/bin/sh\necho '${output}'\n`, { mode: 0o755 });
}

test("a tool is found with its version", async () => {
  await using bin = await scratch();
  await program(bin.path, "qemu-system-x86_64", "QEMU emulator version 10.0.2 (Debian 1:10.0.2+ds-2)");
  expect(await locateTool("qemu", bin.path)).toEqual({
    name: "qemu",
    path: join(bin.path, "qemu-system-x86_64"),
    version: "10.0.2",
  });
});

test("one that is too old is named with what it is, what it must be and the package", async () => {
  await using bin = await scratch();
  await program(bin.path, "qemu-system-x86_64", "QEMU emulator version 6.2.0");
  const fault = await locateTool("qemu", bin.path).catch((error: unknown) => error);
  expect(fault).toMatchObject({
    message: "find qemu-system-x86_64: expected version 7.2 or newer, to run virtual machines, found version 6.2.0",
    exitCode: 3,
    explanation: { hint: "sudo apt-get install qemu-system-x86" },
  });
});

test("all that are at fault are told at once, with one command", async () => {
  await using bin = await scratch();
  await program(bin.path, "qemu-system-x86_64", "QEMU emulator version 6.2.0");
  await program(bin.path, "mksquashfs", "no number at all");
  await program(bin.path, "tar", "");
  const fault = await locateTools(["qemu", "mksquashfs", "tar"], bin.path).catch((error: unknown) => error);
  expect(fault).toMatchObject({
    message: expect.stringMatching(/qemu-system-x86_64.*mksquashfs.*does not tell its version/s) as string,
    explanation: { hint: "sudo apt-get install qemu-system-x86 squashfs-tools" },
  });
});

test("versions are compared by number", () => {
  expect(compareVersions("7.10", "7.2")).toBeGreaterThan(0);
  expect(compareVersions("7.2", "7.2.0")).toBe(0);
  expect(compareVersions("4.4.9", "4.5")).toBeLessThan(0);
});

test("the packages to install are those of the uses asked for, each once", () => {
  const packages = requiredPackages("run", "build");
  expect(packages).toContain("debian-archive-keyring");
  expect(packages).not.toContain("cpio");
  expect(new Set(packages).size).toBe(packages.length);
});
