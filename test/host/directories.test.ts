import { chmod, mkdir, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import {
  ensureDirectory,
  kestrelDirectories,
  maxSocketPathBytes,
  runDirectory,
  socketPath,
} from "../../src/host/directories.ts";
import { scratch } from "./scratch.ts";

test.each([
  [{ HOME: "/home/u" }, "/home/u/.local/state/kestrel", "/home/u/.cache/kestrel"],
  [{ HOME: "/home/u", XDG_STATE_HOME: "/s", XDG_CACHE_HOME: "/c" }, "/s/kestrel", "/c/kestrel"],
  [
    { HOME: "/home/u", XDG_STATE_HOME: "s", XDG_CACHE_HOME: "" },
    "/home/u/.local/state/kestrel",
    "/home/u/.cache/kestrel",
  ],
  [{ HOME: "/home/u", XDG_STATE_HOME: "/s", KESTREL_STATE_DIR: "/k", KESTREL_CACHE_DIR: "/l" }, "/k", "/l"],
])("directories of %o", (environment, state, cache) => {
  expect(kestrelDirectories(environment)).toEqual({ state, cache });
});

test("a relative directory is a fault, and both are told", () => {
  expect(() => kestrelDirectories({ KESTREL_STATE_DIR: "a", KESTREL_CACHE_DIR: "b" })).toThrow(
    'KESTREL_STATE_DIR, KESTREL_CACHE_DIR: expected an absolute path, found "a", "b"',
  );
});

test("the run directory of a testbed is below the state directory", () => {
  expect(runDirectory("t1", { state: "/s", cache: "/c" })).toBe("/s/run/t1");
});

test("new directories are private, parents too; an old one keeps its mode", async () => {
  await using directory = await scratch();
  await ensureDirectory(join(directory.path, "a/b"));
  expect((await stat(join(directory.path, "a"))).mode & 0o777).toBe(0o700);
  expect((await stat(join(directory.path, "a/b"))).mode & 0o777).toBe(0o700);
  await mkdir(join(directory.path, "open"));
  await chmod(join(directory.path, "open"), 0o755);
  await ensureDirectory(join(directory.path, "open"));
  expect((await stat(join(directory.path, "open"))).mode & 0o777).toBe(0o755);
});

test("a file in the way is explained", async () => {
  await using directory = await scratch();
  await writeFile(join(directory.path, "file"), "");
  for (const path of ["file", "file/below"]) {
    await expect(ensureDirectory(join(directory.path, path))).rejects.toThrow(
      "expected a directory that this user can write, found a file where a directory should be",
    );
  }
});

test("a socket path may have 107 bytes and not one more, however many characters", () => {
  const directory = `/${"x".repeat(50)}`;
  const room = maxSocketPathBytes - directory.length - 1;
  expect(socketPath(directory, "s".repeat(room))).toHaveLength(107);
  expect(() => socketPath(directory, "s".repeat(room + 1))).toThrow(
    "expected a path of at most 107 bytes, found 108 bytes",
  );
  expect(() => socketPath(directory, `${"s".repeat(room - 1)}ü`)).toThrow("found 108 bytes");
});
