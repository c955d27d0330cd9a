import { expect, test } from "vitest";
import { ipv4, ipv6 } from "../../../src/packet/index.ts";
import { apiMac, part, startDpd } from "./dpd-fixture.ts";
import { datagram, fromSwitch, peerMac, toSwitch } from "./rack-fixture.ts";
import { frame } from "./rack-switch.ts";

test("what is set over HTTP forwards packets", async () => {
  await using tested = await startDpd();
  const { call } = tested;
  const target = { tag: "test", port_id: "rear1", link_id: 0, tgt_ip: "fe80::9", vlan_id: null };
  const statuses = [
    await call("PUT", "/route/ipv6", { cidr: "fd00:9::/64", target, replace: false }),
    await call("POST", "/route/ipv4", { cidr: "10.9.0.0/16", target: { V6: target } }),
    await call("POST", "/ndp", { tag: "test", ip: "fe80::9", mac: apiMac(peerMac(2)) }),
  ].map(({ status }) => status);
  expect(statuses).toEqual([204, 204, 204]);
  const from6 = { src: "fd00:1::1", dst: "fd00:9::1" };
  expect(tested.switch.send(1, toSwitch(1), ipv6({ ...from6, hopLimit: 9 }), ...datagram())).toEqual([
    frame(2, fromSwitch(2), ipv6({ ...from6, hopLimit: 8 }), ...datagram()),
  ]);
  const from4 = { src: "10.1.0.1", dst: "10.9.0.1" };
  expect(tested.switch.send(1, toSwitch(1), ipv4({ ...from4, ttl: 9 }), ...datagram())).toEqual([
    frame(2, fromSwitch(2), ipv4({ ...from4, ttl: 8 }), ...datagram()),
  ]);
  expect((await call("DELETE", `/route/ipv6/${part("fd00:9::/64")}`)).status).toBe(204);
  expect(tested.switch.send(1, toSwitch(1), ipv6(from6), ...datagram())).toMatchObject([{ port: 0 }]);
});
