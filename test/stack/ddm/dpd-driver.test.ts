import { expect, test, vi } from "vitest";
import { DpdDriver } from "../../../src/stack/ddm/forwarding/dpd-driver.ts";
import { maxTargets } from "../../../src/stack/dpd/engine/routes.ts";
import { part, startDpd, type TestedDpd } from "../dpd/dpd-fixture.ts";

vi.setConfig({ testTimeout: 120_000 });

const rear = (port: number, address = `fe80::${port + 1}`): { link: string; address: string } => ({
  link: `tfportrear${port}_0`,
  address,
});
const target = (port: number, tag = "ddmd") => ({
  ...{ tag, port_id: `rear${port}`, link_id: 0, tgt_ip: `fe80::${port + 1}`, vlan_id: null },
});

const driverOf = ({ dpd }: TestedDpd): DpdDriver => new DpdDriver({ host: "::1", port: dpd.port });

async function targetsOf({ call }: TestedDpd, destination: string): Promise<unknown> {
  const { status, value } = await call("GET", `/route/ipv6/${part(destination)}`);
  return status === 404 ? [] : value;
}

test("Q4, Q5: next hops come and go, and a prefix always has one", async () => {
  await using tested = await startDpd();
  const driver = driverOf(tested);
  const destination = "fd00:1::/64";
  expect(await driver.program([{ destination, nextHops: [rear(0), rear(1)] }])).toEqual([]);
  expect(await targetsOf(tested, destination)).toEqual([target(0), target(1)]);
  const index = tested.switch.device.control.table("ingress.router.v6_idx.rtr");
  const sizes = new Set<number>();
  tested.switch.afterOperation = () => sizes.add(index.size);
  expect(await driver.program([{ destination, nextHops: [rear(1)] }])).toEqual([]);
  expect(await driver.program([{ destination, nextHops: [rear(0)] }])).toEqual([]);
  expect(sizes).toEqual(new Set([1]));
  expect(await targetsOf(tested, destination)).toEqual([target(0)]);
  expect(await driver.program([{ destination, nextHops: [] }])).toEqual([]);
  expect(index.size).toBe(0);
});

test("the routes of others stay, and are not told as this daemon's", async () => {
  await using tested = await startDpd();
  const driver = driverOf(tested);
  for (const [at, tag] of [
    [0, "ddmd"],
    [1, "mgd"],
  ] as const) {
    await tested.call("POST", "/route/ipv6", { cidr: `fd00:${at}::/64`, target: target(at, tag) });
  }
  expect(await driver.snapshot()).toEqual(new Map([["fd00::/64", [rear(0)]]]));
  await driver.program([{ destination: "fd00:1::/64", nextHops: [] }]);
  expect(await targetsOf(tested, "fd00:1::/64")).toEqual([target(1, "mgd")]);
});

test("what dpd refuses is told with its words, and does not hold up other routes", async () => {
  await using tested = await startDpd();
  const driver = driverOf(tested);
  const full = Array.from({ length: maxTargets }, (_, at) => rear(0, `fe80::${(at + 1).toString(16)}`));
  await driver.program([{ destination: "fd00:1::/64", nextHops: full }]);
  const failures = await driver.program([
    { destination: "fd00:1::/64", nextHops: [...full.slice(1), rear(1)] },
    { destination: "fd00:2::/64", nextHops: [{ link: "eth0", address: "fe80::9" }] },
    { destination: "fd00:3::/64", nextHops: [rear(0)] },
  ]);
  expect(failures.map(({ destination }) => destination).sort()).toEqual(["fd00:1::/64", "fd00:2::/64"]);
  expect(failures.find(({ destination }) => destination === "fd00:1::/64")?.reason).toContain("32 targets");
  expect(await targetsOf(tested, "fd00:3::/64")).toEqual([target(0)]);
});

test("as many routes go at a time as a request may have, and all arrive", async () => {
  await using tested = await startDpd();
  const driver = driverOf(tested);
  const destinations = Array.from({ length: 1000 }, (_, at) => `fd01:${(at + 1).toString(16)}::/64`);
  const changes = destinations.map((destination) => ({ destination, nextHops: [rear(0), rear(1)] }));
  expect(await driver.program(changes)).toEqual([]);
  expect(new Set((await driver.snapshot()).keys())).toEqual(new Set(destinations));
});
