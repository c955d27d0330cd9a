import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { KestrelError } from "../../src/error/kestrel-error.ts";
import type { Running } from "../../src/guest/index.ts";
import { collect } from "../channel/pair.ts";
import { AgentProcess, namespacesWork } from "./agent-process.ts";

const timeout = 60_000;

describe.skipIf(!namespacesWork)("commands in a node", () => {
  let agent: AgentProcess;
  beforeAll(async () => {
    agent = await AgentProcess.start();
  }, 90_000);
  afterAll(() => agent[Symbol.asyncDispose]());
  // A handle that is being closed still counts.
  afterEach(async () => {
    await expect.poll(() => agent.connection.request("resources"), { timeout: 20_000 }).toEqual([]);
    expect(agent.console).not.toContain("uncaught");
  });

  /** Resolves when a process has ended, whether or not somebody has asked for its exit code. */
  const death = (pid: string): Promise<void> =>
    agent.guest.ready({
      type: "command",
      command: `state=$(cut -d' ' -f3 /proc/${pid.trim()}/stat 2>/dev/null); [ -z "$state" ] || [ "$state" = Z ]`,
      timeoutMs: 20_000,
    });

  test("exit code, both outputs, environment, directory and input", async () => {
    const { exitCode, signal, timedOut, stdout, stderr } = await agent.guest.exec(
      'cat; echo "$GREETING $PWD"; echo no >&2; exit 3',
      { env: { GREETING: "hello" }, cwd: "/run", stdin: "words\n" },
    );
    expect({ exitCode, signal, timedOut, stdout, stderr }).toEqual({
      exitCode: 3,
      signal: null,
      timedOut: false,
      stdout: "words\nhello /run\n",
      stderr: "no\n",
    });
    expect((await agent.guest.exec(["printf", "%s|", "a b", "$HOME", "'"])).stdout).toBe("a b|$HOME|'|");
    expect((await agent.guest.exec(["pwd"])).stdout).toBe("/root\n");
    // Without input it is empty, not open.
    expect((await agent.guest.exec(["cat"])).stdout).toBe("");
  });

  test("what cannot be run gives the exit code of a shell and says why", async () => {
    const plain = join(agent.directory, "plain");
    await writeFile(plain, "#!/bin/sh\n", { mode: 0o644 });
    expect(await agent.guest.exec(["no-such-program"])).toMatchObject({
      exitCode: 127,
      stderr: "no-such-program: not found\n",
    });
    expect(await agent.guest.exec([plain])).toMatchObject({ exitCode: 126, stderr: `${plain}: permission denied\n` });
    expect(await agent.guest.exec(["true"], { cwd: "/no/such" })).toMatchObject({
      exitCode: 127,
      stderr: "true: cannot run in /no/such: no such directory\n",
    });
    expect(await agent.guest.exec(["true", "x".repeat(200_000)])).toMatchObject({
      exitCode: 126,
      stderr: "true: argument list too long\n",
    });
    for (const command of [[], ["echo", "a\0b"]]) {
      const error: unknown = await agent.guest.exec(command).catch((reason: unknown) => reason);
      expect(error).toBeInstanceOf(KestrelError);
      expect((error as KestrelError).kind).toBe("input");
    }
  });

  test("a signal by message reaches the whole group, and the result tells it", { timeout }, async () => {
    const running = agent.guest.spawn("sleep 1000 & echo $!; wait");
    const [line] = (await once(running.stdout, "data")) as [Buffer];
    running.stdout.resume();
    running.stderr.resume();
    running.kill("SIGTERM");
    expect(await running.result).toEqual({ exitCode: null, signal: "SIGTERM", timedOut: false });
    await death(line.toString());
    // To what has ended a signal is nothing.
    running.kill("SIGTERM");
  });

  test("a time-out kills the whole group and says so", { timeout }, async () => {
    const { stdout, ...result } = await agent.guest.exec("sleep 1000 & echo $!; exec sleep 1000", { timeoutMs: 500 });
    expect(result).toMatchObject({ exitCode: null, signal: "SIGKILL", timedOut: true });
    await death(stdout);
  });

  test("cancelling kills the whole group, whether it has begun or not", { timeout }, async () => {
    const begun = new AbortController();
    const running = agent.guest.spawn("sleep 1000 & echo $!; exec sleep 1000", { signal: begun.signal });
    const [line] = (await once(running.stdout, "data")) as [Buffer];
    begun.abort();
    expect(await running.result).toMatchObject({ signal: "SIGKILL", timedOut: false });
    await death(line.toString());

    const mark = join(agent.directory, "mark");
    const atOnce = new AbortController();
    const never = agent.guest.exec(`trap '' TERM; sleep 1000; touch ${mark}`, { signal: atOnce.signal });
    atOnce.abort(new Error("changed my mind"));
    await expect(never).rejects.toThrow("changed my mind");
    expect((await agent.guest.exec(["test", "-e", mark])).exitCode).toBe(1);
  });

  test("a caller's signal keeps no listener of a call that has ended", async () => {
    const { signal } = new AbortController();
    let listening = 0;
    const add = signal.addEventListener.bind(signal);
    const remove = signal.removeEventListener.bind(signal);
    signal.addEventListener = (...parameters: Parameters<typeof add>) => {
      listening += 1;
      add(...parameters);
    };
    signal.removeEventListener = (...parameters: Parameters<typeof remove>) => {
      listening -= 1;
      remove(...parameters);
    };
    await agent.guest.exec("true", { signal });
    await agent.guest.exec(["no-such-program"], { signal });
    await agent.guest.ready({ type: "file", path: "/run", timeoutMs: 10_000 }, signal);
    expect(listening).toBe(0);
  });

  test("what is left in the background does not hold the result back, silent or not", { timeout }, async () => {
    const silent = await agent.guest.exec("sleep 1000 & echo $!");
    expect(silent).toMatchObject({ exitCode: 0, signal: null });
    const loud = await agent.guest.exec("yes & echo $! >&2");
    expect(loud).toMatchObject({ exitCode: 0, signal: null });
    const steady = await agent.guest.exec("while sleep 0.05; do echo tick; done & echo $!");
    expect(steady).toMatchObject({ exitCode: 0, signal: null });
    for (const pid of [silent.stdout, loud.stderr, steady.stdout.split("\n")[0]])
      await agent.guest.exec(`kill ${String(pid)}`);
    // What a descendant of a command that has ended says at once is still its output.
    const late = await agent.guest.exec(["bash", "-c", "echo one > >(sleep 0.05; cat; echo two)"]);
    expect(late.stdout).toBe("one\ntwo\n");
  });

  test("outputs that the command closes early end early", { timeout }, async () => {
    const running = agent.guest.spawn("echo last; exec >&- 2>&-; read word; exit 4", { stdin: true });
    expect(await text(running.stdout)).toBe("last\n");
    expect(await text(running.stderr)).toBe("");
    running.stdin.end();
    expect(await running.result).toMatchObject({ exitCode: 4 });
  });

  test("input that the command closes early is no fault", { timeout }, async () => {
    const result = await agent.guest.exec("exec <&-; echo done", { stdin: Buffer.alloc(1_000_000) });
    expect(result).toMatchObject({ exitCode: 0, stdout: "done\n" });
  });

  test("50 MB through a slow reader arrive whole, and others are not held up", { timeout }, async () => {
    const bytes = 50_000_000;
    const running = agent.guest.spawn(`head -c ${bytes} /dev/zero`);
    running.stderr.resume();
    // Nothing is read yet: the command is held back, and another one is not.
    expect((await agent.guest.exec("echo quick")).stdout).toBe("quick\n");
    let received = 0;
    for await (const chunk of running.stdout as AsyncIterable<Buffer>) {
      received += chunk.length;
      await new Promise(setImmediate);
    }
    expect(received).toBe(bytes);
    expect(await running.result).toMatchObject({ exitCode: 0 });
  });

  test("output that nobody reads any more does not hold the command up", { timeout }, async () => {
    const running = agent.guest.spawn("head -c 20000000 /dev/zero; echo done >&2");
    await once(running.stdout, "readable");
    running.stdout.destroy();
    expect(await text(running.stderr)).toBe("done\n");
    expect(await running.result).toMatchObject({ exitCode: 0 });
  });

  test("twelve at once", { timeout }, async () => {
    const running: Running[] = Array.from({ length: 12 }, () =>
      agent.guest.spawn("read word; echo $word", { stdin: true }),
    );
    // All of them wait before the first is answered.
    for (const [i, { stdin }] of [...running.entries()].toReversed()) stdin.end(`word ${i}\n`);
    const said = await Promise.all(running.map(({ stdout, stderr }) => (stderr.resume(), text(stdout))));
    expect(said).toEqual(running.map((_, i) => `word ${i}\n`));
    expect((await Promise.all(running.map(({ result }) => result))).every(({ exitCode }) => exitCode === 0)).toBe(true);
  });

  test("a terminal has the given size, both ways and an exit code", { timeout }, async () => {
    const running = agent.guest.spawn(
      ["sh", "-c", 'stty size; tty >/dev/null && read word && echo "got $word"; exit 7'],
      {
        stdin: true,
        terminal: { rows: 33, columns: 77 },
      },
    );
    running.stderr.resume();
    running.stdin.write("it's\n");
    const output = (await collect(running.stdout)).toString();
    expect(output).toContain("33 77\r\n");
    expect(output).toContain("got it's\r\n");
    expect(await running.result).toMatchObject({ exitCode: 7 });
  });

  test("a command on a terminal dies with its call, though it has a session of its own", { timeout }, async () => {
    const running = agent.guest.spawn("trap '' HUP TERM; echo $$; while :; do sleep 1000; done", {
      terminal: { rows: 24, columns: 80 },
      timeoutMs: 20_000,
    });
    running.stderr.resume();
    const [line] = (await once(running.stdout, "data")) as [Buffer];
    running.stdout.resume();
    running.kill("SIGKILL");
    expect(await running.result).toMatchObject({ timedOut: false });
    await death(line.toString());
  });
});
