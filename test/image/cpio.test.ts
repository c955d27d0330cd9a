import { execFileSync } from "node:child_process";
import { lstat, readFile, readlink } from "node:fs/promises";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { cpioArchive, type CpioEntry, parentDirectories } from "../../src/image/cpio.ts";
import { scratch } from "../host/scratch.ts";

const name = fc.stringMatching(/^[a-zA-Z0-9_-]{1,20}$/);
const mode = fc.integer({ min: 0, max: 0o777 });
const entry: fc.Arbitrary<CpioEntry> = fc.oneof(
  fc.record({ type: fc.constant("directory" as const), path: name, mode }),
  fc.record({ type: fc.constant("file" as const), path: name, mode, content: fc.uint8Array({ maxLength: 50 }) }),
  fc.record({ type: fc.constant("symlink" as const), path: name, target: name }),
);
const entries = fc.uniqueArray(entry, { selector: ({ path }) => path, maxLength: 10 });

function cpio(argument: string, archive: Buffer, cwd?: string): string {
  return execFileSync("cpio", [argument, "--quiet"], { input: archive, encoding: "utf8", cwd });
}

test("cpio(1) lists what was written, and the length is a multiple of 4", () => {
  fc.assert(
    fc.property(entries, (list) => {
      const archive = cpioArchive(list);
      expect(archive.length % 4).toBe(0);
      expect(cpio("-t", archive).split("\n").filter(Boolean)).toEqual(list.map(({ path }) => path));
    }),
    { numRuns: 25 },
  );
});

test("cpio(1) unpacks contents, modes and links as they were", async () => {
  await using directory = await scratch();
  const content = Buffer.from([0, 1, 2, 255, 10]);
  cpio(
    "-i",
    cpioArchive([
      { type: "directory", path: "d", mode: 0o750 },
      { type: "file", path: "d/f", mode: 0o640, content },
      { type: "symlink", path: "d/l", target: "../somewhere/else" },
    ]),
    directory.path,
  );
  expect(await readFile(join(directory.path, "d/f"))).toEqual(content);
  expect((await lstat(join(directory.path, "d/f"))).mode & 0o777).toBe(0o640);
  expect((await lstat(join(directory.path, "d"))).mode & 0o777).toBe(0o750);
  expect(await readlink(join(directory.path, "d/l"))).toBe("../somewhere/else");
});

test("a device node keeps its numbers", () => {
  const archive = cpioArchive([{ type: "character-device", path: "console", mode: 0o600, major: 5, minor: 1 }]);
  expect(cpio("-tv", archive)).toMatch(/^crw------- .*\s5,\s+1 .*console$/m);
});

test("parents come before their children, each once", () => {
  fc.assert(
    fc.property(fc.array(fc.array(name, { minLength: 1, maxLength: 4 })), (paths) => {
      const directories = parentDirectories(paths.map((parts) => parts.join("/")));
      expect(new Set(directories).size).toBe(directories.length);
      directories.forEach((path, index) => {
        const parent = path.slice(0, path.lastIndexOf("/"));
        if (path.includes("/")) expect(directories.slice(0, index)).toContain(parent);
      });
    }),
  );
});
