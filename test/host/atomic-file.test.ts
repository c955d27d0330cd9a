import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { writeFileAtomic } from "../../src/host/atomic-file.ts";
import { availableDiskBytes, isDiskFull, requireDiskSpace } from "../../src/host/disk-space.ts";
import { scratch } from "./scratch.ts";

test("many writers at once leave one whole content and nothing else", async () => {
  await using directory = await scratch();
  const path = join(directory.path, "f");
  const contents = Array.from({ length: 20 }, (_, index) => String(index).repeat(10_000));
  await Promise.all(contents.map((content) => writeFileAtomic(path, content)));
  expect(contents).toContain(await readFile(path, "utf8"));
  expect(await readdir(directory.path)).toEqual(["f"]);
  expect((await stat(path)).mode & 0o777).toBe(0o600);
});

test("a write that fails leaves the old content and nothing else", async () => {
  await using directory = await scratch();
  const path = join(directory.path, "f");
  await writeFileAtomic(path, "old", { mode: 0o640 });
  await expect(writeFileAtomic(path, 7 as unknown as string)).rejects.toThrow();
  expect(await readFile(path, "utf8")).toBe("old");
  expect(await readdir(directory.path)).toEqual(["f"]);
});

test("too little disk space is told with both figures", async () => {
  await using directory = await scratch();
  const available = await availableDiskBytes(directory.path);
  await requireDiskSpace(directory.path, 1, "build");
  await expect(requireDiskSpace(directory.path, available * 2, "build")).rejects.toThrow(
    /^build: .*: expected \d+ MiB of free disk space, found \d+ MiB$/,
  );
});

test("a full disk is recognised in what an error was caused by", () => {
  const full = Object.assign(new Error("write"), { code: "ENOSPC" });
  expect(isDiskFull(new Error("outer", { cause: full }))).toBe(true);
  expect(isDiskFull(new Error("outer"))).toBe(false);
});
