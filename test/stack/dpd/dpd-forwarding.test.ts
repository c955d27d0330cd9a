import { expect, test } from "vitest";
import { ipv4, ipv6, type Layer, payload, udp } from "../../../src/packet/index.ts";
import { apiMac, configurationFor, part, startDpd } from "./dpd-fixture.ts";
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

test("what is longer than the wire of the port that it leaves by goes to the processor, with the wire's MTU", async () => {
  const ports = (configurationFor(1) as { ports: readonly object[] }).ports;
  await using tested = await startDpd({ ports: ports.map((port, at) => (at === 1 ? { ...port, mtu: 1500 } : port)) });
  const { call } = tested;
  const target = { tag: "test", port_id: "rear1", link_id: 0, tgt_ip: "fe80::9", vlan_id: null };
  await call("PUT", "/route/ipv6", { cidr: "fd00:9::/64", target, replace: false });
  await call("POST", "/route/ipv4", { cidr: "10.9.0.0/16", target: { V6: target } });
  await call("POST", "/ndp", { tag: "test", ip: "fe80::9", mac: apiMac(peerMac(2)) });
  const sent = (header: Layer, bytes: number): readonly unknown[] =>
    tested.switch
      .send(1, toSwitch(1), header, udp({ srcPort: 1, dstPort: 2 }), payload(new Uint8Array(bytes)))
      .map(({ port, bytes }) => (port === 0 ? [bytes.slice(28, 30), bytes.slice(68, 76)] : port));
  const from6 = ipv6({ src: "fd00:1::1", dst: "fd00:9::1", hopLimit: 9 });
  const from4 = (flags: object): Layer => ipv4({ src: "10.1.0.1", dst: "10.9.0.1", ttl: 9, ...flags });
  // Sidecar code 2, and at the end of its data: MTU 1500, type, code.
  expect(sent(from6, 1452)).toEqual([2]);
  expect(sent(from6, 1453)).toEqual([["02", "05dc0200"]]);
  expect(sent(from4({ dontFragment: true }), 1472)).toEqual([2]);
  expect(sent(from4({ dontFragment: true }), 1473)).toEqual([["02", "05dc0304"]]);
  // Nobody fragments here, and nobody is told who did not ask to be.
  expect(sent(from4({}), 1473)).toEqual([]);
  // The other port's wire takes any.
  await call("POST", "/ndp", { tag: "test", ip: "fe80::8", mac: apiMac(peerMac(1)) });
  const other = { ...target, port_id: "rear0", tgt_ip: "fe80::8" };
  await call("PUT", "/route/ipv6", { cidr: "fd00:9::/64", target: other, replace: true });
  expect(sent(from6, 1453)).toEqual([1]);
});
