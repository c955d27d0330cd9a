import { lstat, mkdir, readdir, readFile, readlink, stat, symlink, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { BundleFile } from "../../src/guest/index.ts";
import { pattern } from "../channel/pair.ts";
import { AgentProcess, namespacesWork } from "./agent-process.ts";
import { faultOf } from "./fault-of.ts";

const timeout = 60_000;

describe.skipIf(!namespacesWork)("files of a node", () => {
  let agent: AgentProcess;
  let host: string;
  let node: string;
  let count = 0;
  beforeAll(async () => {
    agent = await AgentProcess.start();
  }, 90_000);
  afterAll(() => agent[Symbol.asyncDispose]());
  beforeEach(async () => {
    count += 1;
    host = join(agent.directory, `host${count}`);
    node = join(agent.directory, `node${count}`);
    await mkdir(host);
    await mkdir(node);
  });

  test("are written whole, with their mode, and read back", { timeout }, async () => {
    const content = pattern(3_000_000);
    const path = join(node, "new/directory/file");
    await agent.guest.writeFile(path, content, { mode: 0o666 });
    expect((await agent.guest.readFile(path)).equals(content)).toBe(true);
    expect((await stat(path)).mode & 0o777).toBe(0o666);
    await agent.guest.writeFile(path, "");
    expect((await agent.guest.readFile(path)).length).toBe(0);
    await Promise.all(["a", "b", "c"].map((word) => agent.guest.writeFile(path, word.repeat(100_000))));
    expect(new Set((await readFile(path, "utf8")).split("")).size).toBe(1);
    expect(await readdir(join(node, "new/directory"))).toEqual(["file"]);
  });

  test("that cannot be written or read are named with the reason", async () => {
    await writeFile(join(node, "file"), "");
    for (const call of [
      () => agent.guest.readFile(join(node, "absent")),
      () => agent.guest.readFile(node),
      () => agent.guest.writeFile(join(node, "file/below"), "x"),
      () => agent.guest.writeFile(node, "x"),
    ]) {
      const fault = await faultOf(call());
      expect(fault.kind).toBe("input");
      expect(fault.message).toContain(node);
      expect(fault.message).toMatch(/ENOENT|EISDIR|ENOTDIR|EEXIST/);
    }
    expect(await readdir(agent.directory)).not.toContainEqual(expect.stringContaining("kestrel-part"));
  });

  /** A tree with what a copy can get wrong; its name is part of its own links. */
  async function makeTree(tree: string): Promise<void> {
    await mkdir(join(tree, "tree/deep"), { recursive: true });
    await writeFile(join(tree, "tree/deep/tool"), "#!/bin/sh\n", { mode: 0o750 });
    await writeFile(join(tree, "large"), pattern(400_000));
    await symlink("tree/deep", join(tree, "link"));
    await symlink("/nowhere/at/all", join(tree, "dangling"));
    await utimes(join(tree, "large"), 1_000_000_000, 1_000_000_000);
  }

  async function expectTree(tree: string): Promise<void> {
    expect((await readdir(tree)).toSorted()).toEqual(["dangling", "large", "link", "tree"]);
    expect((await stat(join(tree, "tree/deep/tool"))).mode & 0o777).toBe(0o750);
    expect((await readFile(join(tree, "large"))).equals(pattern(400_000))).toBe(true);
    expect((await stat(join(tree, "large"))).mtimeMs).toBe(1_000_000_000_000);
    expect(await readlink(join(tree, "link"))).toBe("tree/deep");
    expect(await readlink(join(tree, "dangling"))).toBe("/nowhere/at/all");
  }

  test("trees are copied in and out under a new name, links as they are", { timeout }, async () => {
    await makeTree(join(host, "tree"));
    await agent.guest.copyIn(`${host}/tree/`, join(node, "new/place"));
    await expectTree(join(node, "new/place"));
    await agent.guest.copyOut(`${node}/new/place`, join(host, "some/back, again"));
    await expectTree(join(host, "some/back, again"));
    // Nothing temporary is left beside either.
    expect(await readdir(join(node, "new"))).toEqual(["place"]);
    expect(await readdir(join(host, "some"))).toEqual(["back, again"]);
  });

  test("trees are copied into directories that are there, also through a link", { timeout }, async () => {
    await makeTree(join(host, "tree"));
    await agent.guest.copyIn(join(host, "tree"), node);
    await expectTree(join(node, "tree"));
    await mkdir(join(host, "real"));
    await symlink("real", join(host, "alias"));
    await agent.guest.copyOut(join(node, "tree"), join(host, "alias"));
    await expectTree(join(host, "real/tree"));
  });

  test("single files and links are copied, whatever their names are", { timeout }, async () => {
    for (const name of ["-rf", "it's $HOME", "a,b&c\\d", "*"]) {
      await writeFile(join(host, name), name);
      await agent.guest.copyIn(join(host, name), join(node, `${name} in`));
      expect(await readFile(join(node, `${name} in`), "utf8")).toBe(name);
      await agent.guest.copyOut(join(node, `${name} in`), join(host, `${name} out`));
      expect(await readFile(join(host, `${name} out`), "utf8")).toBe(name);
    }
    await symlink("-rf", join(host, "link"));
    await agent.guest.copyIn(join(host, "link"), join(node, "link"));
    expect(await readlink(join(node, "link"))).toBe("-rf");
    // An existing file is replaced.
    await agent.guest.copyIn(join(host, "-rf"), join(node, "link"));
    expect((await lstat(join(node, "link"))).isFile()).toBe(true);
  });

  test("what cannot be copied is named with the reason, and nothing is left behind", { timeout }, async () => {
    await writeFile(join(host, "file"), "x");
    const absentHere = await faultOf(agent.guest.copyIn(join(host, "absent"), node));
    expect(absentHere.message).toContain(join(host, "absent"));
    expect(absentHere.message).toContain("ENOENT");
    const absentThere = await faultOf(agent.guest.copyOut(join(node, "absent"), join(host, "target")));
    expect(absentThere.message).toContain(`copy from n1: ${join(node, "absent")}`);
    expect(absentThere.message).toContain("no such file or directory");
    const noDirectory = await faultOf(agent.guest.copyOut(join(node, "no/dir/file"), join(host, "target")));
    expect(noDirectory.message).toContain("no such file or directory");
    const notWritten = await faultOf(agent.guest.copyIn(join(host, "file"), "/proc/kestrel/file"));
    expect(notWritten.message).toContain("/proc/kestrel/file");
    expect(notWritten.message).toContain("a place that can be written");
    const below = await faultOf(agent.guest.copyOut(join(host, "file"), join(host, "file/below")));
    expect(below.message).toContain(join(host, "file/below"));
    expect(await readdir(host)).toEqual(["file"]);
    expect(await readdir(node)).toEqual([]);
  });

  const bundleFile = (path: string, content: Buffer, mode = 0o644): BundleFile => ({ path, content, mode });

  test("the code of the stack is swapped where it differs, and its services run it", { timeout }, async () => {
    const daemon = (word: string): Buffer => Buffer.from(`#!/bin/sh\necho ${word}\nexec sleep 1000\n`);
    const agentCode = bundleFile("agent", pattern(700_000));
    const first = await agent.guest.install([agentCode, bundleFile("stack/daemon", daemon("one"), 0o755)]);
    expect(first).toEqual({ files: ["agent", "stack/daemon"], restarted: [], agentChanged: true });
    const { pid } = await agent.guest.services.start({
      name: "daemon",
      command: ["/opt/kestrel/stack/daemon"],
      restart: "always",
    });
    const same = await agent.guest.install([agentCode, bundleFile("stack/daemon", daemon("one"), 0o755)]);
    expect(same).toEqual({ files: [], restarted: [], agentChanged: false });
    const second = await agent.guest.install([agentCode, bundleFile("stack/daemon", daemon("two"), 0o755)]);
    expect(second).toEqual({ files: ["stack/daemon"], restarted: ["daemon"], agentChanged: false });
    await agent.guest.ready({ type: "command", command: "grep two /var/log/kestrel/daemon.log", timeoutMs: 20_000 });
    const [status] = await agent.guest.services.list();
    expect(status).toMatchObject({ name: "daemon", state: "running" });
    expect(status?.pid).not.toBe(pid);
    expect((await agent.guest.exec("find /opt/kestrel -type f")).stdout.split("\n").toSorted()).toEqual([
      "",
      "/opt/kestrel/agent",
      "/opt/kestrel/stack/daemon",
    ]);
    await agent.guest.services.stop("daemon");
  });

  test("code that does not arrive whole changes nothing, and no path leaves its directory", { timeout }, async () => {
    const before = await agent.guest.exec("find /opt/kestrel -type f -exec sha256sum {} +");
    // A place where no file can be: a directory.
    await agent.guest.exec(["mkdir", "-p", "/opt/kestrel/stack/taken"]);
    const fault = await faultOf(
      agent.guest.install([
        bundleFile("stack/daemon", Buffer.from("other")),
        bundleFile("stack/daemon/below", Buffer.from("x")),
      ]),
    );
    expect(fault.message).toContain("stack/daemon");
    for (const path of ["../escape", "/etc/passwd", "a/../../b"]) {
      expect((await faultOf(agent.guest.install([bundleFile(path, Buffer.from("x"))]))).message).toContain(path);
    }
    expect((await agent.guest.exec("find /opt/kestrel -type f -exec sha256sum {} +")).stdout).toBe(before.stdout);
    expect((await agent.guest.exec("ls -A /opt/kestrel")).stdout).not.toContain("incoming");
  });
});
