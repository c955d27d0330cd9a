import { expect, test } from "vitest";
import { planTopology, testbed } from "../src/index.ts";

test("a wire can be moved to another port of a running node", async () => {
  const plan = planTopology({
    name: "replug",
    nodes: {
      h1: { ports: { net0: ["fd00::1/64"] } },
      h2: { ports: { net0: ["fd00::2/64"], net1: ["fd00::3/64"] } },
    },
    wires: [["h1:net0", "h2:net0"]],
  });
  const wire = "h1:net0--h2:net0";
  await using bed = await testbed(plan, { fresh: true });
  const ping = (address: string) => bed.node("h1").exec(["ping", "-c", "1", "-W", "20", address]);
  expect((await ping("fd00::2")).exitCode).toBe(0);

  await bed.wire(wire).plug("b", "h2:net1");
  await bed
    .node("h2")
    .until("test $(cat /sys/class/net/net0/carrier) = 0 && test $(cat /sys/class/net/net1/carrier) = 1");
  // The address of the port without carrier must not be answered for by the other.
  await bed.node("h2").ask("ip addr flush dev net0");
  await bed.node("h1").ask("ip -6 neigh flush all");
  expect((await ping("fd00::3")).exitCode).toBe(0);
  await expect(bed.port("h2:net1")).toCarry({ from: "h2:net1", icmpv6: { message: "echo-reply" } });

  await bed.wire(wire).unplug("b");
  await bed.node("h2").until("test $(cat /sys/class/net/net1/carrier) = 0");
  expect((await bed.node("h1").exec(["ping", "-c", "1", "-W", "2", "fd00::3"])).exitCode).not.toBe(0);
});

test("a direct wire carries, and says that it cannot be watched", async () => {
  const plan = planTopology({
    name: "direct",
    nodes: { h1: { ports: { net0: ["fd00::1/64"] } }, h2: { ports: { net0: ["fd00::2/64"] } } },
    wires: [{ ends: ["h1:net0", "h2:net0"], direct: true }],
  });
  await using bed = await testbed(plan, { fresh: true });
  expect((await bed.node("h1").exec(["ping", "-c", "1", "-W", "20", "fd00::2"])).exitCode).toBe(0);
  await expect(bed.wire("h1:net0--h2:net0").cut()).rejects.toThrow("a direct wire, which has no recording");
});

test("all ports of a segment hear each other, and each leg is watched on its own", async () => {
  const plan = planTopology({
    name: "segment",
    nodes: {
      h1: { ports: { net0: ["10.0.0.1/24"] } },
      h2: { ports: { net0: ["10.0.0.2/24"] } },
      h3: { ports: { net0: ["10.0.0.3/24"] } },
    },
    segments: { lan: { ports: ["h1:net0", "h2:net0", "h3:net0"] } },
  });
  await using bed = await testbed(plan, { fresh: true });
  for (const address of ["10.0.0.2", "10.0.0.3"])
    expect((await bed.node("h1").exec(["ping", "-c", "1", "-W", "20", address])).exitCode).toBe(0);
  await expect(bed.port("h1:net0")).toCarry([
    { from: "h1:net0", icmp: { message: "echo-request" }, ipv4: { dst: "10.0.0.3" } },
    { from: "lan", icmp: { message: "echo-reply" }, ipv4: { src: "10.0.0.3" } },
  ]);
  await expect(bed.port("h3:net0")).toCarry([
    { from: "lan", icmp: { message: "echo-request" } },
    { from: "h3:net0", icmp: { message: "echo-reply" } },
  ]);
  // Everybody hears who asks for an address.
  await bed.node("h1").exec("ip neigh flush all; ping -c 1 -W 20 10.0.0.2");
  await expect(bed.port("h3:net0")).toCarry({ from: "lan", arp: {} });
});

test("an uplink reaches only what it is allowed to", async () => {
  const plan = planTopology({
    name: "uplink",
    nodes: {
      closed: { ports: { up0: { uplink: "user", addresses: ["10.0.2.15/24"] } } },
      open: { ports: { up0: { uplink: { type: "user", restricted: false }, addresses: ["10.0.2.16/24"] } } },
    },
  });
  await using bed = await testbed(plan, { fresh: true });
  // QEMU's user network answers for its gateway, and passes connections to it on to this host's loopback.
  using listener = await listen();
  // What is not let through is not heard of: that can only be waited out.
  const connect = (patienceMs: number) =>
    `node -e 'require("net").connect(${listener.port},"10.0.2.2").once("data",d=>{console.log(String(d));process.exit(0)}).once("error",()=>process.exit(7)); setTimeout(()=>process.exit(9),${patienceMs})'`;
  const [closed, open] = await Promise.all([
    bed.node("closed").exec(connect(3000)),
    bed.node("open").exec(connect(60_000)),
  ]);
  expect(open).toMatchObject({ exitCode: 0 });
  expect(open.stdout).toContain("hello from the host");
  expect(closed.exitCode).not.toBe(0);
  await expect(bed.port("open:up0")).toCarry({ from: "open:up0", tcp: { dstPort: listener.port } });
});

async function listen() {
  const { createServer } = await import("node:net");
  const server = createServer((socket) => socket.end("hello from the host"));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no TCP port was given");
  return {
    port: address.port,
    [Symbol.dispose]: () => {
      server.close();
    },
  };
}
