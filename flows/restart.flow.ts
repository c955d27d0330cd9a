import { expect, test } from "vitest";
import { planTopology, testbed } from "../src/index.ts";

const plan = planTopology({
  name: "restart",
  nodes: {
    h1: { ports: { net0: ["fd00::1/64"] }, dataDisk: "64 MiB" },
    h2: { ports: { net0: ["fd00::2/64"] } },
  },
  wires: [["h1:net0", "h2:net0"]],
});

test.for(["reboot", "powerCycle"] as const)(
  "%s keeps identity, addresses and the data disk, nothing else",
  async (verb) => {
    await using bed = await testbed(plan);
    const h1 = bed.node("h1");
    const facts = () =>
      h1.ask("hostname; cat /etc/machine-id; cat /sys/class/net/net0/address; ip -6 -o addr show net0 scope global");
    const before = { facts: await facts(), pid: (await h1.handle.status()).pid };
    await h1.ask(`echo ${verb} > /data/file && sync /data/file && echo gone > /tmp/file`);

    await h1[verb]();

    expect(await facts()).toBe(before.facts);
    expect((await h1.handle.status()).pid).not.toBe(before.pid);
    expect(await h1.ask("cat /data/file")).toBe(verb);
    expect((await h1.exec("test -e /tmp/file")).exitCode).toBe(1);
    await bed.node("h2").until("ping -c 1 -W 1 fd00::1");
  },
);

test("a node that is killed is gone, its neighbour goes on, and it can be started again", async () => {
  await using bed = await testbed(plan);
  await bed.node("h1").kill();
  expect((await bed.testbed.node("h1").status()).state).toBe("stopped");
  expect(await bed.node("h2").ask("hostname")).toBe("h2");
  await bed.node("h1").start();
  await bed.node("h2").until("ping -c 1 -W 1 fd00::1");
});

test("a testbed that dies in the middle is one clear failure", async () => {
  await using bed = await testbed(plan, { fresh: true });
  const { supervisor } = await bed.testbed.status();
  const waiting = bed.guarded("wait for a frame", () =>
    bed.testbed.wires.read({ since: Number.MAX_SAFE_INTEGER, waitMilliseconds: 30_000 }),
  );
  process.kill(supervisor.pid, "SIGKILL");
  await expect(waiting).rejects.toThrow(/wait for a frame: restart-.*found that its supervisor is gone/);
});
