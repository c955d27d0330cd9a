import { spawn } from "node:child_process";
import { once } from "node:events";
import fc from "fast-check";
import { expect, test } from "vitest";
import {
  identityWord,
  isAlive,
  ownIdentity,
  parseIdentityWord,
  parseProcessStat,
  processIdentity,
  signalProcess,
} from "../../src/host/process-identity.ts";

test("this process is alive, and the same in two looks", () => {
  expect(processIdentity(process.pid)).toEqual(ownIdentity());
  expect(isAlive(ownIdentity())).toBe(true);
});

test("another start time or another boot is another process", () => {
  const own = ownIdentity();
  expect(isAlive({ ...own, startTicks: own.startTicks + 1 })).toBe(false);
  expect(isAlive({ ...own, bootId: "00000000-0000-0000-0000-000000000000" })).toBe(false);
});

test("a signal reaches that very process, and no other of its number", async () => {
  const child = spawn("cat", { stdio: ["pipe", "ignore", "ignore"] });
  await once(child, "spawn");
  const identity = processIdentity(child.pid);
  if (identity === undefined) throw new Error("the child is gone already");
  expect(signalProcess({ ...identity, startTicks: identity.startTicks - 1 }, "SIGKILL")).toBe(false);
  expect(isAlive(identity)).toBe(true);
  expect(signalProcess(identity, "SIGKILL")).toBe(true);
  expect(await once(child, "exit")).toEqual([null, "SIGKILL"]);
  expect(isAlive(identity)).toBe(false);
  expect(signalProcess(identity, "SIGKILL")).toBe(false);
});

test("a process name may hold anything, parentheses and spaces too", () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 15 }), fc.nat(), (name, startTicks) => {
      const middle = Array.from({ length: 18 }, (_, index) => index).join(" ");
      const text = `7 (${name}) S ${middle} ${startTicks} 0 0\n`;
      expect(parseProcessStat(text)).toEqual({ state: "S", startTicks });
    }),
  );
});

test("an identity survives being a file name; nothing else is taken for one", () => {
  expect(parseIdentityWord(identityWord(ownIdentity()))).toEqual(ownIdentity());
  for (const word of ["", "1-2", "a-b-c", `${identityWord(ownIdentity())}x`])
    expect(parseIdentityWord(word)).toBeUndefined();
});
