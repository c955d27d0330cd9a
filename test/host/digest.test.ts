import { chmod, mkdir, rename, symlink, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { sha256, sha256File, sha256Json, sha256Tree } from "../../src/host/digest.ts";
import { scratch } from "./scratch.ts";

test("the digest of nothing is the well-known one", () => {
  expect(sha256("")).toBe("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
});

test("the order of keys does not matter to JSON, their values do", () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue(), { noNullPrototype: true }), (value) => {
      const reversed = Object.fromEntries(Object.entries(value).toReversed());
      expect(sha256Json(reversed)).toBe(sha256Json(value));
      expect(sha256Json({ inner: [value, 1] })).not.toBe(sha256Json({ inner: [value, 2] }));
    }),
  );
});

test("a file larger than a chunk has the digest of its bytes", async () => {
  await using directory = await scratch();
  const content = Buffer.alloc(3 * 2 ** 20 + 7, "kestrel");
  await writeFile(join(directory.path, "f"), content);
  expect(await sha256File(join(directory.path, "f"))).toBe(sha256(content));
});

test("a tree's digest follows names, contents, modes and links, and nothing else", async () => {
  await using directory = await scratch();
  const [d, f] = [join(directory.path, "d"), join(directory.path, "d/f")];
  await mkdir(d);
  await writeFile(f, "1");
  const seen = new Set([await sha256Tree(directory.path)]);
  await utimes(f, 1, 1);
  expect(seen).toContain(await sha256Tree(directory.path));
  const changes = [
    () => writeFile(f, "2"),
    () => chmod(f, 0o755),
    () => rename(f, join(d, "g")),
    () => symlink("g", join(d, "l")),
  ];
  for (const change of changes) {
    await change();
    const digest = await sha256Tree(directory.path);
    expect(seen).not.toContain(digest);
    seen.add(digest);
  }
});
