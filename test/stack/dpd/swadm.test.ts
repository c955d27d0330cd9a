import { expect, onTestFinished, test, vi } from "vitest";
import { main } from "../../../src/stack/dpd/swadm.ts";
import { startDpd, type TestedDpd } from "./dpd-fixture.ts";

/** Run swadm; returns what it printed, and its exit status. */
async function swadm(
  { dpd }: TestedDpd,
  ...words: readonly string[]
): Promise<{ out: string; err: string; code: number }> {
  let [out, err] = ["", ""];
  const stdout = vi.spyOn(process.stdout, "write").mockImplementation((text) => ((out += String(text)), true));
  const stderr = vi.spyOn(process.stderr, "write").mockImplementation((text) => ((err += String(text)), true));
  const before = process.exitCode;
  onTestFinished(() => {
    process.exitCode = before;
  });
  process.exitCode = 0;
  try {
    await main(["--port", String(dpd.port), ...words]);
  } finally {
    stdout.mockRestore();
    stderr.mockRestore();
  }
  const code = exitCode();
  process.exitCode = before;
  return { out, err, code };
}

/** What the program left behind; read where the compiler does not think to know it. */
function exitCode(): number {
  return Number(process.exitCode);
}

const lines = (text: string): readonly string[] => text.trimEnd().split("\n");

test("routes are added, listed, got and deleted", async () => {
  await using tested = await startDpd();
  for (const words of [
    ["route", "add", "fd00:1::/64", "rear0/0", "fe80::1"],
    ["route", "add", "fd00:1::/64", "rear1", "fe80::2"],
    ["route", "add", "10.0.0.0/8", "qsfp0/0", "fe80::3", "--vlan", "9"],
  ]) {
    expect(await swadm(tested, ...words)).toEqual({ out: "", err: "", code: 0 });
  }
  expect(lines((await swadm(tested, "route", "list")).out)).toEqual([
    "Subnet       Port   Link  Gateway  Vlan  Tag",
    "10.0.0.0/8   qsfp0  0     fe80::3  9     cli",
    "fd00:1::/64  rear0  0     fe80::1        cli",
    "             rear1  0     fe80::2        cli",
  ]);
  const json = JSON.parse((await swadm(tested, "--json", "route", "get", "fd00:1::/64")).out) as unknown;
  expect(json).toMatchObject([{ cidr: "fd00:1::/64", targets: [{ tgt_ip: "fe80::1" }, { tgt_ip: "fe80::2" }] }]);
  await swadm(tested, "route", "del", "fd00:1::/64", "rear0/0", "fe80::1");
  await swadm(tested, "route", "del", "10.0.0.0/8");
  expect(lines((await swadm(tested, "route", "list")).out)).toHaveLength(2);
  expect(await swadm(tested, "route", "del", "10.0.0.0/8")).toEqual({
    out: "",
    err: "ask dpd: DELETE /route/ipv4/10.0.0.0%2F8: there is no route to 10.0.0.0/8 (status 404)\n",
    code: 2,
  });
});

test("neighbours, addresses, NAT and subnets are added and listed", async () => {
  await using tested = await startDpd();
  for (const words of [
    "arp add 10.0.0.1 02:00:00:00:00:01",
    "arp add fe80::1 02:00:00:00:00:02",
    "addr add qsfp0/0 192.168.0.1",
    "addr add loopback fd00:99::1",
    "nat add 203.0.113.1 1000 1999 fd00::1 02:00:00:00:00:03 99",
    "attached-subnet add 203.0.113.16/28 fd00::1 02:00:00:00:00:03 99",
  ]) {
    expect([words, await swadm(tested, ...words.split(" "))]).toEqual([words, { out: "", err: "", code: 0 }]);
  }
  expect((await swadm(tested, "arp", "list")).out).toMatch(
    /10\.0\.0\.1 +02:00:00:00:00:01.*\nfe80::1 +02:00:00:00:00:02/,
  );
  expect((await swadm(tested, "arp", "get", "fe80::1")).out).toBe("02:00:00:00:00:02\n");
  expect(lines((await swadm(tested, "addr", "list", "qsfp0")).out)).toEqual([
    "Link   Address      Tag",
    "qsfp0  192.168.0.1  cli",
  ]);
  expect((await swadm(tested, "addr", "list")).out).toMatch(/loopback +fd00:99::1 +cli/);
  expect(lines((await swadm(tested, "nat", "list")).out)).toEqual([
    "External IP  Port low  Port high  Internal IP  Inner MAC          VNI",
    "203.0.113.1  1000      1999       fd00::1      02:00:00:00:00:03  99",
  ]);
  expect(lines((await swadm(tested, "attached-subnet", "list")).out)).toEqual([
    "Subnet           Internal IP  Inner MAC          VNI",
    "203.0.113.16/28  fd00::1      02:00:00:00:00:03  99",
  ]);
  for (const words of [
    "nat del 203.0.113.1 1000",
    "attached-subnet del 203.0.113.16/28",
    "addr del loopback fd00:99::1",
  ]) {
    expect(await swadm(tested, ...words.split(" "))).toMatchObject({ code: 0 });
  }
  expect(JSON.parse((await swadm(tested, "--json", "nat", "list")).out)).toEqual([]);
});

test("links, tables, counters and identity are shown, each as JSON too", async () => {
  await using tested = await startDpd();
  await swadm(tested, "link", "uplink", "rear1/0", "on");
  expect((await swadm(tested, "link", "list")).out).toMatch(/rear1\/0 +unknown +yes +yes +yes/);
  expect((await swadm(tested, "switch-port", "list")).out).toMatch(/rear0 +0/);
  expect((await swadm(tested, "table", "dump", "ingress.local.uplink_ports")).out).toMatch(/port=0x2 +set_uplink/);
  expect((await swadm(tested, "counters", "get", "--all")).out).toMatch(/0x12 +nat_egress_blocked +0/);
  expect((await swadm(tested, "state")).out).toMatch(/connected +true/);
  for (const words of [
    "link list",
    "link get rear0",
    "link history rear0/0",
    "switch-port list",
    "table list",
    "table dump ingress.mac.mac_rewrite",
    "counters list",
    "counters get",
    "counters linkup",
    "identifiers",
    "build-info",
    "arp list",
    "addr list",
    "route list",
  ]) {
    const { out, code } = await swadm(tested, "--json", ...words.split(" "));
    expect([words, code, typeof JSON.parse(out)]).toEqual([words, 0, "object"]);
  }
});

test("a dpd that is not there is said to be so", async () => {
  const tested = await startDpd();
  await tested[Symbol.asyncDispose]();
  const { err, code } = await swadm(tested, "route", "list");
  expect(code).toBe(3);
  expect(err).toMatch(/ECONNREFUSED[\s\S]*what to do: is dpd running/);
});
