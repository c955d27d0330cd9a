import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdir, open, readdir, symlink, truncate, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test, vi } from "vitest";
import { imageBuild, ImageCache, imagesDirectory } from "../../src/image/index.ts";
import { freePort } from "../host/free-port.ts";
import { scratch } from "../host/scratch.ts";

afterEach(() => {
  vi.unstubAllEnvs();
});

// The packages of the base image are taken from this user's cache, which scripts/setup filled: no test installs any.

const recipe =
  "suite: bookworm\nkernel: linux-image-cloud-amd64\npackages: [e2fsprogs]\ninitramfs: { modules: [virtio_blk] }\n";

async function leftovers(cache: ImageCache): Promise<string[]> {
  const partial = await readdir(join(cache.directory, "partial"));
  const locks = await readdir(join(cache.directory, "locks"));
  const workspaces = (await readdir(tmpdir())).filter((name) => name.startsWith(`kestrel-image-${process.pid}-`));
  return [...partial, ...locks, ...workspaces, ...(await cache.imagePaths()), ...(await cache.treePaths())];
}

test("a mirror that refuses connections is explained, and nothing is left", async () => {
  await using directory = await scratch();
  const cache = new ImageCache(join(directory.path, "cache"));
  await writeFile(join(directory.path, "tiny.yaml"), recipe);
  vi.stubEnv("KESTREL_MIRROR", `http://127.0.0.1:${await freePort()}/debian`);
  const fault = await imageBuild(join(directory.path, "tiny.yaml"), { cache }).catch((error: unknown) => error);
  expect(fault).toMatchObject({ exitCode: 3, explanation: { expected: "a Debian mirror that can be reached" } });
  expect(await leftovers(cache)).toEqual([]);
});

test("an interrupted build ends with the reason, and nothing is left", async () => {
  await using directory = await scratch();
  const cache = new ImageCache(join(directory.path, "cache"));
  await writeFile(join(directory.path, "tiny.yaml"), recipe);
  const controller = new AbortController();
  // A mirror that never answers: the build is interrupted while it waits for the package lists.
  const server = createServer(() => {
    controller.abort(new Error("interrupted"));
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  vi.stubEnv("KESTREL_MIRROR", `http://127.0.0.1:${(server.address() as AddressInfo).port}/debian`);
  const building = imageBuild(join(directory.path, "tiny.yaml"), { cache, signal: controller.signal });
  await expect(building).rejects.toThrow("interrupted");
  server.closeAllConnections();
  server.close();
  expect(await leftovers(cache)).toEqual([]);
});

test("an image is built without network from cached packages, the same to the byte, rebuilt when damaged", async () => {
  const base = await imageBuild("base");
  await using directory = await scratch();
  const cache = new ImageCache(join(directory.path, "cache"));
  await cache.prepare();
  for (const path of await new ImageCache().treePaths()) {
    await symlink(path, join(cache.directory, "trees", path.slice(path.lastIndexOf("/") + 1)));
  }
  vi.stubEnv("KESTREL_MIRROR", "http://127.0.0.1:9/debian");
  const file = join(directory.path, "tiny.yaml");
  const text = execFileSync("sed", ["/^files:/,$d", join(imagesDirectory, "base.yaml")], { encoding: "utf8" });
  await writeFile(file, `${text}files:\n  - { path: /etc/greeting, content: hello, mode: "0600" }\n`);

  const told: string[] = [];
  const onProgress = ({ message }: { readonly message: string }): void => void told.push(message);
  const [first, second] = await Promise.all([
    imageBuild(file, { cache, onProgress }),
    imageBuild(file, { cache, onProgress }),
  ]);
  expect(first.directory).toBe(second.directory);
  expect(told.filter((message) => message.startsWith("make the initramfs"))).toHaveLength(1);
  expect(first.manifest.packages).toEqual(base.manifest.packages);
  expect(first.digest).not.toBe(base.digest);

  const listing = execFileSync("unsquashfs", ["-lln", first.root], { encoding: "utf8" });
  expect(listing).toMatch(/^-rw------- 0\/0 +5 .*\/etc\/greeting$/m);
  expect(listing).toMatch(/^-rwxr-xr-x 0\/0 .*\/usr\/bin\/node$/m);
  expect(listing).toMatch(/^drwxr-xr-x 0\/0 .*squashfs-root$/m);
  expect(listing).not.toMatch(/ssh_host_|\/etc\/resolv\.conf|\/boot\//);

  told.length = 0;
  expect((await imageBuild(file, { cache, onProgress, verify: true })).digest).toBe(first.digest);
  expect(told).toEqual([]);

  await truncate(first.root, 4096);
  expect((await imageBuild(file, { cache, onProgress })).digest).toBe(first.digest);
  expect(told[0]).toContain("root.squashfs has 4096 bytes");

  told.length = 0;
  await flipByte(first.kernel);
  expect((await imageBuild(file, { cache, onProgress, verify: true })).digest).toBe(first.digest);
  expect(told[0]).toContain("vmlinuz has other bytes than were built");
});

async function flipByte(path: string): Promise<void> {
  await chmod(path, 0o600);
  await using file = await open(path, "r+");
  const { buffer } = await file.read(Buffer.alloc(1), 0, 1, 1000);
  await file.write(Buffer.from([(buffer[0] ?? 0) ^ 1]), 0, 1, 1000);
}

test("a recipe without what the initramfs needs names all of it", async () => {
  await imageBuild("base");
  await using directory = await scratch();
  const cache = new ImageCache(join(directory.path, "cache"));
  await mkdir(join(cache.directory, "trees"), { recursive: true });
  for (const path of await new ImageCache().treePaths()) {
    await symlink(path, join(cache.directory, "trees", path.slice(path.lastIndexOf("/") + 1)));
  }
  const text = execFileSync("sed", ["s/- virtio_blk$/- nonsense/", join(imagesDirectory, "base.yaml")], {
    encoding: "utf8",
  });
  await writeFile(join(directory.path, "odd.yaml"), text);
  const fault = await imageBuild(join(directory.path, "odd.yaml"), { cache }).catch((error: unknown) => error);
  expect(fault).toMatchObject({ exitCode: 2, explanation: { found: "no nonsense" } });
  expect(await readdir(join(cache.directory, "partial"))).toEqual([]);
});
