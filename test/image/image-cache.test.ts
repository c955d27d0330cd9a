import { mkdir, readdir, readFile, stat, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { acquireLock, identityWord, ownIdentity, sha256 } from "../../src/host/index.ts";
import { dataDisk } from "../../src/image/data-disk.ts";
import { type Image, ImageCache } from "../../src/image/image-cache.ts";
import { imageGc, imageList } from "../../src/image/image-store.ts";
import { composeInitrd } from "../../src/image/initrd.ts";
import { artifactNames, type Manifest } from "../../src/image/manifest.ts";
import { scratch } from "../host/scratch.ts";

const dead = { ...ownIdentity(), startTicks: 1 };

async function plant(cache: ImageCache, name: string, key: string, builtAt: string, content = key): Promise<string> {
  await cache.prepare();
  const path = cache.imagePath(name, key);
  await mkdir(path);
  for (const artifact of artifactNames) await writeFile(join(path, artifact), content);
  const artifact = { size: Buffer.byteLength(content), sha256: sha256(content) };
  const manifest: Manifest = {
    name,
    recipe: key,
    suite: "bookworm",
    kernelRelease: "6.1",
    nodeVersion: "24",
    packages: {},
    artifacts: { vmlinuz: artifact, initrd: artifact, "root.squashfs": artifact },
    builtAt,
    stepMs: {},
  };
  await writeFile(join(path, "manifest.json"), JSON.stringify(manifest));
  return path;
}

async function names(cache: ImageCache): Promise<string[]> {
  return (await imageList(cache)).map(({ directory }) => directory.slice(cache.directory.length + 1));
}

test("images are listed newest first; their digest is that of the content", async () => {
  await using directory = await scratch();
  const cache = new ImageCache(directory.path);
  await plant(cache, "base", "a", "2026-01-01T00:00:00.000Z", "same");
  await plant(cache, "base", "b", "2026-01-02T00:00:00.000Z", "same");
  await plant(cache, "base", "c", "2026-01-03T00:00:00.000Z", "other");
  const [c, b, a] = await imageList(cache);
  expect(c?.manifest.recipe).toBe("c");
  expect(b?.digest).toBe(a?.digest);
  expect(b?.digest).not.toBe(c?.digest);
  expect(a).toMatchObject({ size: 12, inUse: false });
});

test("damage is found: a size at once, bytes when asked to look at all, a manifest always", async () => {
  await using directory = await scratch();
  const cache = new ImageCache(directory.path);
  const path = await plant(cache, "base", "a", "2026-01-01T00:00:00.000Z", "content");
  expect(await cache.readImage(path, true)).toMatchObject({ name: "base" });
  await writeFile(join(path, "initrd"), "c0ntent");
  expect(await cache.readImage(path)).toMatchObject({ name: "base" });
  expect(await cache.readImage(path, true)).toEqual({ damage: "initrd has other bytes than were built" });
  await truncate(join(path, "vmlinuz"), 3);
  expect(await cache.readImage(path)).toEqual({ damage: "vmlinuz has 3 bytes instead of 7" });
  await writeFile(join(path, "manifest.json"), "{");
  expect(await cache.readImage(path)).toEqual({ damage: "its manifest.json cannot be read" });
  expect(await cache.readImage(join(directory.path, "absent"))).toBeUndefined();
  expect(await imageList(cache)).toEqual([]);
});

test("collecting keeps the newest build of each name, or only what is used", async () => {
  await using directory = await scratch();
  const cache = new ImageCache(directory.path);
  const old = await plant(cache, "base", "a", "2026-01-01T00:00:00.000Z");
  await plant(cache, "base", "b", "2026-01-02T00:00:00.000Z");
  const other = await plant(cache, "other", "c", "2025-01-01T00:00:00.000Z");
  expect(await imageGc({ cache })).toMatchObject({ removed: [old] });
  expect(await names(cache)).toEqual(["base-b", "other-c"]);
  await cache.hold(other);
  expect((await imageGc({ cache, keep: "used" })).removed).toHaveLength(1);
  expect(await names(cache)).toEqual(["other-c"]);
});

test("a damaged image is collected; what a dead process holds or began is too", async () => {
  await using directory = await scratch();
  const cache = new ImageCache(directory.path);
  const path = await plant(cache, "base", "a", "2026-01-01T00:00:00.000Z");
  await writeFile(join(path, "manifest.json"), "");
  await writeFile(join(directory.path, "holds", `base-a@${identityWord(dead)}`), "");
  await mkdir(join(directory.path, "partial", `${identityWord(dead)}.1`));
  const own = await cache.makePartial();
  expect((await imageGc({ cache })).removed).toEqual([path]);
  expect(await readdir(join(directory.path, "holds"))).toEqual([]);
  expect((await readdir(join(directory.path, "partial"))).map((name) => join(directory.path, "partial", name))).toEqual(
    [own],
  );
});

test("an image that is being built is left alone", async () => {
  await using directory = await scratch();
  const cache = new ImageCache(directory.path);
  const path = await plant(cache, "base", "a", "2026-01-01T00:00:00.000Z");
  await using _lock = await acquireLock(cache.lockPath(path), { purpose: "build", timeoutMs: 0 });
  expect((await imageGc({ cache, keep: "used" })).removed).toEqual([]);
  expect(await names(cache)).toEqual(["base-a"]);
});

test("publishing replaces what was there, whole", async () => {
  await using directory = await scratch();
  const cache = new ImageCache(directory.path);
  const path = await plant(cache, "base", "a", "2026-01-01T00:00:00.000Z");
  const partial = await cache.makePartial();
  await writeFile(join(partial, "new"), "");
  await cache.publish(partial, path);
  expect(await readdir(path)).toEqual(["new"]);
  expect(await readdir(join(directory.path, "partial"))).toEqual([]);
});

test("an initrd with stack files begins with the image's own, aligned, and is made once", async () => {
  await using directory = await scratch();
  const cache = new ImageCache(join(directory.path, "cache"));
  const path = await plant(cache, "base", "a", "2026-01-01T00:00:00.000Z", "12345");
  const image = (await cache.readImage(path)) as Image;
  await writeFile(join(directory.path, "lib.js"), "lib");
  const files = [
    { path: "agent.js", content: "agent" },
    { path: "node_modules/lib/lib.js", source: join(directory.path, "lib.js"), mode: 0o755 },
  ];
  const initrd = await composeInitrd(image, files);
  const content = await readFile(initrd);
  expect(content.toString("latin1", 0, 14)).toBe("12345\0\0\x00070701");
  for (const part of ["kestrel\0", "kestrel/agent.js\0", "kestrel/node_modules/lib\0", "agent", "lib"]) {
    expect(content.includes(part)).toBe(true);
  }
  const { mtimeMs, ino } = await stat(initrd);
  expect(await composeInitrd(image, files.toReversed())).toBe(initrd);
  expect(await stat(initrd)).toMatchObject({ mtimeMs, ino });
  const changed = await composeInitrd(image, [{ path: "agent.js", content: "changed" }]);
  expect(changed).not.toBe(initrd);
  expect((await imageGc({ cache })).removed.toSorted()).toEqual([initrd, changed].toSorted());
  expect(await names(cache)).toEqual(["base-a"]);
});

test("a data disk is a sparse ext4 file of the size asked for, and always the same", async () => {
  await using directory = await scratch();
  await using again = await scratch();
  const path = await dataDisk(64, directory.path);
  const { size, blocks } = await stat(path);
  expect(size).toBe(64 * 2 ** 20);
  expect(blocks * 512).toBeLessThan(8 * 2 ** 20);
  const content = await readFile(path);
  expect(content.readUInt16LE(1024 + 56)).toBe(0xef53);
  expect(content.equals(await readFile(await dataDisk(64, again.path)))).toBe(true);
  expect(await dataDisk(64, directory.path)).toBe(path);
  expect(await readdir(join(directory.path, "data-disks"))).toEqual(["ext4-64MiB.raw"]);
});
