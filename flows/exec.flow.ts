import { mkdtemp, mkdir, readFile, readlink, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { planTopology, testbed } from "../src/index.ts";

const plan = planTopology({ name: "exec", nodes: { h1: { ports: { net0: ["fd00::1/64"] } } } });

async function node() {
  const bed = await testbed(plan);
  const h1 = bed.node("h1");
  return { h1, guest: await h1.guest(), [Symbol.asyncDispose]: () => bed[Symbol.asyncDispose]() };
}

test("exit code, output, errors, input, environment and directory pass through", async () => {
  await using shared = await node();
  const result = await shared.h1.exec('read line; echo "$line $GREETING $PWD"; echo oops >&2; exit 7', {
    stdin: "hello\n",
    env: { GREETING: "world" },
    cwd: "/tmp",
  });
  expect(result).toMatchObject({ exitCode: 7, signal: null, stdout: "hello world /tmp\n", stderr: "oops\n" });
});

test("twelve commands run at once and do not mix", async () => {
  await using shared = await node();
  const { guest } = shared;
  const running = Array.from({ length: 12 }, (_, index) =>
    guest.spawn(`echo begun; read word; echo $word ${index}`, { stdin: true, timeoutMs: 60_000 }),
  );
  // All have begun before the first may end: they run at once.
  const outputs = running.map(({ stdout }) => stdout.setEncoding("utf8")[Symbol.asyncIterator]());
  for (const output of outputs) expect(await output.next()).toMatchObject({ value: "begun\n" });
  for (const [index, { stdin }] of running.entries()) stdin.end(`word-${index}\n`);
  for (const [index, output] of outputs.entries())
    expect(await output.next()).toMatchObject({ value: `word-${index} ${index}\n` });
  for (const { stderr, result } of running) {
    stderr.resume();
    expect((await result).exitCode).toBe(0);
  }
});

test("50 MB of output arrive whole, while other commands are answered", async () => {
  await using shared = await node();
  const { guest } = shared;
  const megabytes = 50;
  const big = guest.spawn(`head -c ${megabytes}M /dev/zero`);
  let received = 0;
  big.stdout.on("data", (chunk: Buffer) => (received += chunk.length));
  big.stderr.resume();
  expect((await guest.exec("echo still here")).stdout).toBe("still here\n");
  expect((await big.result).exitCode).toBe(0);
  expect(received).toBe(megabytes * 1024 * 1024);
});

test("a command that never ends is ended by its timeout, with all it started", async () => {
  await using shared = await node();
  const { h1 } = shared;
  const result = await h1.exec("echo begun; tail -f /dev/null & tail -f /dev/null", { timeoutMs: 3000 });
  expect(result).toMatchObject({ exitCode: null, timedOut: true, stdout: "begun\n" });
  await h1.until("! pgrep -x tail");
});

test("a command may close its streams early, or not read its input", async () => {
  await using shared = await node();
  const { h1 } = shared;
  const closes = await h1.exec("exec >&- 2>&-; true", { stdin: "x".repeat(1_000_000) });
  expect(closes).toMatchObject({ exitCode: 0, stdout: "", stderr: "" });
  expect(await h1.exec(["no-such-program"])).toMatchObject({ exitCode: 127 });
});

test("files and trees are copied both ways, with modes and links", async () => {
  await using shared = await node();
  const { h1, guest } = shared;
  const directory = await mkdtemp(join(tmpdir(), "kestrel-flow-"));
  try {
    const tree = join(directory, "tree");
    await mkdir(join(tree, "below"), { recursive: true });
    await writeFile(join(tree, "below", "script"), "#!/bin/sh\necho it runs\n", { mode: 0o755 });
    await symlink("below/script", join(tree, "link"));
    await guest.copyIn(tree, "/tmp/tree");
    expect(await h1.ask("/tmp/tree/link")).toBe("it runs");

    await guest.copyOut("/tmp/tree", join(directory, "back"));
    expect(await readFile(join(directory, "back", "below", "script"), "utf8")).toContain("it runs");
    expect((await stat(join(directory, "back", "below", "script"))).mode & 0o777).toBe(0o755);
    expect(await readlink(join(directory, "back", "link"))).toBe("below/script");

    await expect(guest.copyOut("/tmp/nothing", join(directory, "nothing"))).rejects.toThrow("/tmp/nothing");
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
});
