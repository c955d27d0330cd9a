import { expect, test } from "vitest";
import { type FlowTestbed, testbed } from "../src/index.ts";

/** Everything that tells a node from another, as its guest sees it. */
async function portrait(bed: FlowTestbed, name: string) {
  const node = bed.node(name);
  const [hostname, addresses, routes4, routes6, settings] = await Promise.all([
    node.ask("hostname"),
    node.ask(["ip", "-j", "addr"]),
    node.ask(["ip", "-j", "route"]),
    node.ask(["ip", "-j", "-6", "route"]),
    node.ask("sysctl -a -r '^net[.]ipv[46][.](conf|neigh|ip_forward)'"),
  ]);
  return {
    hostname,
    settings: settings.split("\n").toSorted(),
    addresses: (JSON.parse(addresses) as Interface[]).map(interfacePortrait),
    routes: [routes4, routes6]
      .flatMap((routes) => JSON.parse(routes) as unknown[])
      .map((route) => JSON.stringify(route))
      .toSorted(),
  };
}

interface Interface {
  readonly ifname: string;
  readonly address: string;
  readonly mtu: number;
  readonly operstate: string;
  readonly addr_info: readonly { readonly local: string; readonly prefixlen: number; readonly scope: string }[];
}

function interfacePortrait({ ifname, address, mtu, operstate, addr_info }: Interface) {
  const addresses = addr_info.map(({ local, prefixlen, scope }) => `${local}/${prefixlen} ${scope}`);
  return { ifname, address, mtu, operstate, addresses: addresses.toSorted() };
}

async function portraits(bed: FlowTestbed) {
  return Object.fromEntries(
    await Promise.all(bed.plan.nodes.map(async ({ name }) => [name, await portrait(bed, name)] as const)),
  );
}

/** MACs of all frames since the testbed was made that no port of its plan has. */
async function strangers(bed: FlowTestbed): Promise<readonly string[]> {
  const known = new Set(bed.plan.nodes.flatMap(({ ports }) => ports.map(({ mac }) => mac)));
  await bed.mark(0);
  const frames = await Promise.all(bed.plan.wires.map(({ name }) => bed.wire(name).frames()));
  const sources = frames.flat().map(({ packet }) => packet.find("ethernet")?.src ?? "none");
  expect(sources.length).toBeGreaterThan(0);
  return sources.filter((source) => !known.has(source));
}

test("two testbeds of one topology are the same and never collide; no frame leaves a machine before it has its identity", async () => {
  await using first = await testbed("routed", { fresh: true });
  await using second = await testbed("routed", { fresh: true });
  expect(first.name).not.toBe(second.name);
  const h2 = first.port("h2:net0").ipv6;
  const machineIds = await Promise.all(
    [first, second].flatMap((bed) => bed.plan.nodes.map(({ name }) => bed.node(name).ask("cat /etc/machine-id"))),
  );
  expect(new Set(machineIds).size).toBe(6);
  const pings = await Promise.all(
    [first, second].map((bed) => bed.node("h1").exec(["ping", "-6", "-c", "1", "-W", "20", h2])),
  );
  expect(pings.map(({ exitCode }) => exitCode)).toEqual([0, 0]);
  expect(await strangers(first)).toEqual([]);
  expect(await strangers(second)).toEqual([]);
  for (const bed of [first, second])
    expect((await bed.testbed.status()).nodes.map(({ origin }) => origin)).toEqual(["clone", "clone", "clone"]);
});

test("machines that boot come out the same as clones", async () => {
  await using cloned = await testbed("routed", { fresh: true });
  const clones = await portraits(cloned);
  await using booted = await testbed("routed", { fresh: true, cold: true });
  expect((await booted.testbed.status()).nodes.map(({ origin }) => origin)).toEqual(["boot", "boot", "boot"]);
  expect(await portraits(booted)).toEqual(clones);
  const { exitCode } = await booted.node("h1").exec(["ping", "-6", "-c", "1", "-W", "20", booted.port("h2:net0").ipv6]);
  expect(exitCode).toBe(0);
  expect(await strangers(booted)).toEqual([]);
});
