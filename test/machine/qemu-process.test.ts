import { expect, test } from "vitest";
import { KestrelError } from "../../src/error/kestrel-error.ts";
import { isAlive, processIdentity } from "../../src/host/index.ts";
import { QemuProcess } from "../../src/machine/qemu-process.ts";

/** A real QEMU with no machine in it: everything but a guest. */
function startEmptyQemu(more: readonly string[] = []): QemuProcess {
  const qmp = ["-chardev", "socket,id=qmp,fd=3", "-mon", "chardev=qmp,mode=control"];
  return QemuProcess.start({
    name: "test/empty",
    executable: "qemu-system-x86_64",
    arguments: ["-machine", "none", "-nodefaults", "-display", "none", ...qmp, ...more],
    workingDirectory: "/",
  });
}

test("commands are answered, several in flight at once", async () => {
  const qemu = startEmptyQemu();
  await qemu.qmp.negotiate();
  const [status, version] = await Promise.all([qemu.qmp.execute("query-status"), qemu.qmp.execute("query-version")]);
  expect(status).toMatchObject({ status: "running" });
  expect(version).toHaveProperty("qemu.major");
  await qemu.kill();
});

test("a refused command rejects with QEMU's reason and the connection goes on", async () => {
  const qemu = startEmptyQemu();
  await qemu.qmp.negotiate();
  await expect(qemu.qmp.execute("no-such-command")).rejects.toThrow(/test\/empty: CommandNotFound/);
  await expect(qemu.qmp.execute("query-status")).resolves.toBeDefined();
  await qemu.kill();
});

test("events reach those who wait for them", async () => {
  const qemu = startEmptyQemu();
  await qemu.qmp.negotiate();
  const stopped = qemu.qmp.waitForEvent(({ event }) => event === "STOP");
  await qemu.qmp.execute("stop");
  await expect(stopped).resolves.toMatchObject({ event: "STOP" });
  await qemu.kill();
});

test("a QEMU that refuses its arguments: the error carries its last words", async () => {
  const qemu = startEmptyQemu(["-no-such-option"]);
  const failure = await qemu.whileRunning("start QEMU", qemu.qmp.negotiate()).catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(KestrelError);
  expect((failure as KestrelError).explanation).toMatchObject({ step: "start QEMU", found: "QEMU ended with code 1" });
  expect((failure as KestrelError).explanation.lastWords?.join()).toContain("no-such-option");
});

test("a QEMU that is killed while commands are in flight rejects them all, and its pid is gone", async () => {
  const qemu = startEmptyQemu();
  await qemu.qmp.negotiate();
  const identity = processIdentity(qemu.pid ?? 0);
  const waiting = qemu.qmp.waitForEvent(() => false);
  await qemu.kill();
  await expect(waiting).rejects.toThrow(/QEMU is gone/);
  await expect(qemu.qmp.execute("query-status")).rejects.toThrow(/QEMU is gone/);
  expect(identity !== undefined && isAlive(identity)).toBe(false);
});

test("a missing executable is an exit like any other", async () => {
  const qemu = QemuProcess.start({
    name: "test/none",
    executable: "/no/such/qemu",
    arguments: [],
    workingDirectory: "/",
  });
  await expect(qemu.whileRunning("start QEMU", qemu.qmp.negotiate())).rejects.toThrow(/QEMU ended with code 127/);
});
