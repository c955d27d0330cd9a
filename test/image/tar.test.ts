import { execFileSync } from "node:child_process";
import { link, mkdir, readFile, symlink, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { TarArchive } from "../../src/image/tar-archive.ts";
import { tarEnd, tarHeader, type TarMember, tarPadding } from "../../src/image/tar-header.ts";
import { scratch } from "../host/scratch.ts";

async function sampleTree(directory: string): Promise<void> {
  await mkdir(join(directory, "tree", "d".repeat(90), "e".repeat(90)), { recursive: true });
  await writeFile(join(directory, "tree/f"), "content of f");
  await writeFile(join(directory, "tree", "d".repeat(90), "e".repeat(90), "deep"), Buffer.alloc(1500, "x"));
  await link(join(directory, "tree/f"), join(directory, "tree/g"));
  await symlink("l".repeat(150), join(directory, "tree/long-link"));
}

test.each(["gnu", "pax", "ustar"])("an archive that tar(1) wrote in format %s is read", async (format) => {
  await using directory = await scratch();
  await sampleTree(directory.path);
  const file = join(directory.path, "a.tar");
  const leaveOut = format === "ustar" ? ["--exclude=long-link"] : [];
  execFileSync("tar", [
    "-cf",
    file,
    `--format=${format}`,
    ...leaveOut,
    "--sort=name",
    "-C",
    join(directory.path, "tree"),
    ".",
  ]);
  await using archive = await TarArchive.open(file);
  const deep = `${"d".repeat(90)}/${"e".repeat(90)}/deep`;
  expect(archive.find("")).toMatchObject({ type: "directory" });
  expect(archive.find(deep)).toMatchObject({ type: "file", size: 1500 });
  expect((await archive.read(deep))?.equals(Buffer.alloc(1500, "x"))).toBe(true);
  expect(archive.find("g")).toMatchObject({ type: "hardlink", link: "f" });
  expect((await archive.read("g"))?.toString()).toBe("content of f");
  if (format !== "ustar") expect(archive.find("long-link")).toMatchObject({ type: "symlink", link: "l".repeat(150) });
  expect(await archive.read("absent")).toBeUndefined();
});

test("members are passed on with their headers, as tar(1) reads them again", async () => {
  await using directory = await scratch();
  await sampleTree(directory.path);
  const [file, copy] = [join(directory.path, "a.tar"), join(directory.path, "b.tar")];
  execFileSync("tar", ["-cf", file, "--format=gnu", "--sort=name", "-C", join(directory.path, "tree"), "."]);
  await using archive = await TarArchive.open(file);
  const kept = archive.entries.filter(({ path }) => path !== "f" && path !== "g");
  const added = tarHeader({ type: "file", path: "new", mode: 0o600, size: 3 });
  const parts: Uint8Array[] = [];
  for await (const part of archive.bytes(kept)) parts.push(part);
  await writeFile(copy, Buffer.concat([...parts, added, Buffer.from("abc"), tarPadding(3), tarEnd]));
  const list = execFileSync("tar", ["-tf", copy], { encoding: "utf8" }).split("\n").filter(Boolean);
  expect(list).toEqual([
    "./",
    `./${"d".repeat(90)}/`,
    `./${"d".repeat(90)}/${"e".repeat(90)}/`,
    expect.stringMatching(/deep$/),
    "./long-link",
    "new",
  ]);
});

test("an archive that was cut anywhere is refused", async () => {
  await using directory = await scratch();
  await sampleTree(directory.path);
  const file = join(directory.path, "a.tar");
  execFileSync("tar", ["-cf", file, "-b", "1", "-C", join(directory.path, "tree"), "."]);
  const whole = await readFile(file);
  const cuts = fc.integer({ min: 0, max: whole.length - 1025 });
  await fc.assert(
    fc.asyncProperty(cuts, async (length) => {
      await writeFile(file, whole);
      await truncate(file, length);
      await expect(TarArchive.open(file)).rejects.toThrow("tar archive");
    }),
    { numRuns: 40 },
  );
});

test("something else is no archive", async () => {
  await using directory = await scratch();
  const file = join(directory.path, "a.tar");
  await writeFile(file, Buffer.alloc(4096, "kestrel"));
  await expect(TarArchive.open(file)).rejects.toThrow("no tar header at offset 0");
});

test("a header that was written is read as it was meant", async () => {
  await using directory = await scratch();
  const file = join(directory.path, "a.tar");
  const path = fc.stringMatching(/^[a-z]{1,30}(\/[a-z]{1,30}){0,2}$/);
  const member: fc.Arbitrary<TarMember> = fc.oneof(
    fc.record({ type: fc.constant("directory" as const), path, mode: fc.integer({ min: 0, max: 0o7777 }) }),
    fc.record({ type: fc.constant("symlink" as const), path, target: path }),
    fc.record({ type: fc.constant("file" as const), path, mode: fc.constant(0o644), size: fc.constant(0) }),
  );
  await fc.assert(
    fc.asyncProperty(member, async (written) => {
      await writeFile(file, Buffer.concat([tarHeader(written), tarEnd]));
      await using archive = await TarArchive.open(file);
      const link = written.type === "symlink" ? written.target : "";
      expect(archive.entries).toMatchObject([{ type: written.type, path: written.path, link }]);
    }),
    { numRuns: 40 },
  );
});

test("what does not fit a header is refused", () => {
  expect(() => tarHeader({ type: "directory", path: "x".repeat(100), mode: 0 })).toThrow("does not fit");
  expect(() => tarHeader({ type: "file", path: "x", mode: 0, size: 2 ** 33 })).toThrow("does not fit");
});
