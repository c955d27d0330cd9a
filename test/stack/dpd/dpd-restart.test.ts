import { expect, test } from "vitest";
import { ipv6 } from "../../../src/packet/index.ts";
import { apiMac, type DpdAlone, ServedSwitch, startDpdOn, tableText } from "./dpd-fixture.ts";
import { datagram, peerMac, toSwitch } from "./rack-fixture.ts";

const target = (port: string, hop: string): object => ({
  tag: "ddmd",
  port_id: port,
  link_id: 0,
  tgt_ip: hop,
  vlan_id: null,
});

async function tell({ call }: DpdAlone, prefixes: readonly string[]): Promise<void> {
  for (const cidr of prefixes) {
    for (const [port, hop] of [
      ["rear1", "fe80::9"],
      ["qsfp0", "fe80::a"],
    ] as const) {
      const { status } = await call("POST", "/route/ipv6", { cidr, target: target(port, hop), replace: false });
      expect(status).toBe(204);
    }
  }
  for (const [ip, port] of [
    ["fe80::9", 2],
    ["fe80::a", 3],
  ] as const) {
    expect((await call("POST", "/ndp", { tag: "tfportd", ip, mac: apiMac(peerMac(port)) })).status).toBe(204);
  }
}

/** The port by which a packet to an address leaves: 0 is the processor, which asks for what the switch does not know. */
function portTo(served: ServedSwitch, dst: string): number | undefined {
  const [frame] = served.send(1, toSwitch(1), ipv6({ src: "fd00:1::1", dst, hopLimit: 9 }), ...datagram());
  return frame?.port;
}

const known = ["fd00:9::1", "fd00:8::1"];

test("a dpd that starts anew lets the switch forward as before, whatever it is told in whichever order", async () => {
  await using served = await ServedSwitch.start();
  const first = await startDpdOn(served);
  await tell(first, ["fd00:9::/64", "fd00:8::/64"]);
  const before = known.map((dst) => portTo(served, dst));
  for (const port of before) expect([2, 3]).toContain(port);
  await first[Symbol.asyncDispose]();

  const seen = new Set<string>();
  served.afterOperation = () => {
    for (const dst of known) seen.add(`${dst} ${[2, 3].includes(portTo(served, dst) ?? 0) ? "forwarded" : "lost"}`);
  };
  await using second = await startDpdOn(served);
  expect(known.map((dst) => portTo(served, dst))).toEqual(before);
  expect(second.dpd.control.driver.state.resyncOperations).toBe(0);
  // Another prefix takes the slots first; then come those that were there, the other way round.
  await tell(second, ["fd00:7::/64", "fd00:8::/64", "fd00:9::/64"]);
  expect([2, 3]).toContain(portTo(served, "fd00:7::1"));
  expect([...seen].toSorted()).toEqual(["fd00:8::1 forwarded", "fd00:9::1 forwarded"]);
});

test("what nobody has wanted again goes after the grace time, and nothing else", async () => {
  await using served = await ServedSwitch.start();
  const first = await startDpdOn(served);
  await tell(first, ["fd00:9::/64", "fd00:8::/64"]);
  await first[Symbol.asyncDispose]();

  await using fresh = await ServedSwitch.start();
  await using other = await startDpdOn(fresh);
  await tell(other, ["fd00:8::/64"]);

  await using second = await startDpdOn(served, { restart_grace_ms: 2000 });
  await tell(second, ["fd00:8::/64"]);
  await expect.poll(() => portTo(served, "fd00:9::1")).toBe(0);
  expect([2, 3]).toContain(portTo(served, "fd00:8::1"));
  await expect.poll(() => tableText(served).length).toBe(tableText(fresh).length);
  const shapes = (text: readonly string[]): readonly string[] =>
    text.filter((row) => !row.includes("_route.rtr") && !row.includes("_idx.rtr"));
  expect(shapes(tableText(served))).toEqual(shapes(tableText(fresh)));
});

test("without a grace time it goes at once", async () => {
  await using served = await ServedSwitch.start();
  const first = await startDpdOn(served);
  const empty = tableText(served);
  await tell(first, ["fd00:9::/64"]);
  await first[Symbol.asyncDispose]();
  await using _second = await startDpdOn(served, { restart_grace_ms: 0 });
  expect(tableText(served)).toEqual(empty);
});
