import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import type { Readable, Writable } from "node:stream";
import { expect, test } from "vitest";
import { acquireLock, lockHolder } from "../../src/host/lock.ts";
import { scratch } from "./scratch.ts";

const now = { purpose: "test", timeoutMs: 0 };

type Holder = ChildProcessByStdio<Writable, Readable, null>;

/** A process that tries to take the lock; `held` comes when it has it. */
function startHolder(path: string): { readonly child: Holder; readonly held: Promise<unknown> } {
  const child = spawn(process.execPath, [join(import.meta.dirname, "lock-holder.ts"), path], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  return { child, held: once(child.stdout, "data") };
}

test("a lock is exclusive within a process and leaves nothing behind", async () => {
  await using directory = await scratch();
  const path = join(directory.path, "l");
  const lock = await acquireLock(path, now);
  await expect(acquireLock(path, now)).rejects.toThrow(`held by process ${process.pid} (test)`);
  await lock.release();
  await lock.release();
  await using _again = await acquireLock(path, now);
  expect(await lockHolder(path)).toMatchObject({ pid: process.pid });
  await _again.release();
  expect(await readdir(directory.path)).toEqual([]);
});

test("another process's lock is waited for, and taken over when that process is killed", async () => {
  await using directory = await scratch();
  const path = join(directory.path, "l");
  const { child, held } = startHolder(path);
  await held;
  await expect(acquireLock(path, now)).rejects.toThrow(`held by process ${child.pid ?? 0} (hold it for a test)`);
  const waits = Promise.withResolvers<number | undefined>();
  const taken = acquireLock(path, {
    purpose: "test",
    timeoutMs: 20_000,
    onWait: (holder) => {
      waits.resolve(holder?.pid);
    },
  });
  expect(await waits.promise).toBe(child.pid);
  child.kill("SIGKILL");
  await using lock = await taken;
  expect(await lockHolder(lock.path)).toMatchObject({ pid: process.pid });
});

test("two processes that wait for one lock get it one after the other", async () => {
  await using directory = await scratch();
  const path = join(directory.path, "l");
  const own = await acquireLock(path, now);
  const holders = [startHolder(path), startHolder(path)];
  const first = Promise.race(holders.map(async ({ held }, index) => held.then(() => index)));
  await own.release();
  const winner = await first;
  await expect(acquireLock(path, now)).rejects.toThrow("held by process");
  const [winning, losing] = winner === 0 ? holders : holders.toReversed();
  const exits = holders.map(({ child }) => once(child, "exit"));
  winning?.child.stdin.end();
  await losing?.held;
  losing?.child.stdin.end();
  await Promise.all(exits);
  expect(await readdir(directory.path)).toEqual([]);
});

test("an aborted wait ends at once with the reason, and the lock stays where it is", async () => {
  await using directory = await scratch();
  const path = join(directory.path, "l");
  await using _lock = await acquireLock(path, now);
  const controller = new AbortController();
  const waiting = acquireLock(path, {
    purpose: "test",
    timeoutMs: 20_000,
    signal: controller.signal,
    onWait: () => {
      controller.abort(new Error("enough"));
    },
  });
  await expect(waiting).rejects.toThrow("enough");
  await expect(acquireLock(path, now)).rejects.toThrow("held by");
});
