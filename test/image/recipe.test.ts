import { mkdir, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { describeError } from "../../src/error/kestrel-error.ts";
import { imagesDirectory, loadRecipe } from "../../src/image/recipe.ts";
import { scratch } from "../host/scratch.ts";

const minimal =
  "suite: bookworm\nkernel: linux-image-cloud-amd64\npackages: []\ninitramfs: { modules: [virtio_blk] }\n";

async function load(text: string, file = "mine.yaml"): Promise<Awaited<ReturnType<typeof loadRecipe>>> {
  await using directory = await scratch();
  await mkdir(join(directory.path, "files"));
  await writeFile(join(directory.path, "files/motd"), "welcome\n");
  await writeFile(join(directory.path, file), text);
  return await loadRecipe(join(directory.path, file));
}

test("every image file of Kestrel's own is valid", async () => {
  const names = (await readdir(imagesDirectory)).filter((name) => name.endsWith(".yaml"));
  expect(names).toContain("base.yaml");
  for (const name of names) expect((await loadRecipe(name.replace(".yaml", ""))).name).toBe(name.replace(".yaml", ""));
});

test("files come with their content and mode", async () => {
  const { files } = await load(
    `${minimal}files:\n  - { path: /etc/motd, source: files/motd }\n  - { path: /usr/bin/x, content: "#!", mode: "0755" }\n`,
  );
  expect(files.slice(0, 2)).toEqual([
    { path: "etc/motd", content: Buffer.from("welcome\n"), mode: 0o644 },
    { path: "usr/bin/x", content: Buffer.from("#!"), mode: 0o755 },
  ]);
});

test("services and readiness become the file that the agent reads", async () => {
  const { files, digest } = await load(
    `${minimal}services:\n  - { name: d, command: [/bin/d, -x], restart: never }\nreadiness:\n  - file: /run/d.ready\n`,
  );
  const boot = files.find(({ path }) => path === "etc/kestrel/boot.json");
  expect(JSON.parse(boot?.content.toString() ?? "")).toEqual({
    services: [{ name: "d", command: ["/bin/d", "-x"], restart: "never" }],
    readiness: [{ file: "/run/d.ready" }],
  });
  expect(digest).not.toBe((await load(minimal)).digest);
});

test("the digest follows all that goes in, and not the mirror, the description or the layout", async () => {
  const { digest } = await load(minimal);
  for (const same of ["mirror: http://127.0.0.1/debian\n", "description: other words\n", "# a comment\n"]) {
    expect((await load(minimal + same)).digest).toBe(digest);
  }
  for (const other of ["prune: [usr/share/doc]\n", "modules: [veth]\n", "files: [{ path: /a, content: b }]\n"]) {
    expect((await load(minimal + other)).digest).not.toBe(digest);
  }
});

test("all faults are told at once, with their places", async () => {
  const text = [
    "suite: bookworm",
    "kernal: linux-image-cloud-amd64",
    "kernel: linux-image-cloud-amd64",
    "packages: [Not A Package]",
    "initramfs: { modules: [virtio_blk] }",
    "files:",
    "  - { path: relative, content: x }",
    "  - { path: /etc/../shadow, content: x }",
    "  - { path: /both, content: x, source: y }",
  ].join("\n");
  const told = describeError(await load(text).catch((error: unknown) => error));
  for (const part of ["mine.yaml:2:1", "kernel", "mine.yaml:4:", "mine.yaml:7:", "mine.yaml:8:", "mine.yaml:9:"]) {
    expect(told).toContain(part);
  }
});

test("a source that is not there is told with its line", async () => {
  const told = describeError(
    await load(`${minimal}files:\n  - path: /x\n    source: absent\n`).catch((error: unknown) => error),
  );
  expect(told).toMatch(/mine\.yaml:7:\d+/);
  expect(told).toContain("cannot be read");
});

test("an image that does not exist is explained with the nearest name", async () => {
  const told = describeError(await loadRecipe("bace").catch((error: unknown) => error));
  expect(told).toContain("no such file");
  expect(told).toContain("base");
});

test("the file's name must do as a name", async () => {
  await expect(load(minimal, "my image!.yaml")).rejects.toThrow("it names the image");
});
