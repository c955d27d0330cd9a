import { expect, test } from "vitest";
import { type DpdPresent, dpdRequests, routeRequests } from "../../../src/stack/mgd/engine/dpd-changes.ts";
import { wantedOf } from "../../../src/stack/mgd/engine/wanted.ts";
import { switchOf, uplinkOf } from "./desired-switch.ts";

const nothing: DpdPresent = { links: [], nat: [], attachedSubnets: [], loopbacks: [] };
const target = { internal_ip: "fd00:1122:3344:101::1", inner_mac: "A8:40:25:F0:00:01", vni: 4711 };
const other = { ...target, internal_ip: "fd00:1122:3344:102::1" };
const mac = { a: [0xa8, 0x40, 0x25, 0xf0, 0, 1] };
const entry = { external_ip: "198.51.100.1", first_port: 0, last_port: 16_383, target };
const dpdOf = (change: Parameters<typeof switchOf>[0]) => wantedOf(switchOf(change), [], "::1").dpd;

test("NAT entries and attached subnets come and go, what is for another guest goes first", () => {
  const subnet = { subnet: "198.51.100.64/28", target };
  const wanted = dpdOf({ nat: [entry], attached_subnets: [subnet] });
  const path = "/nat/ipv4/198.51.100.1/0";
  const body = { internal_ip: target.internal_ip, inner_mac: mac, vni: 4711 };
  const attach = { method: "PUT", path: "/attached_subnet/198.51.100.64%2F28", body };
  expect(dpdRequests(wanted, nothing)).toEqual([{ method: "PUT", path: `${path}/16383`, body }, attach]);
  const present = { ...nothing, nat: [{ ...entry, target: other }] };
  expect(dpdRequests(wanted, present)).toEqual([
    { method: "DELETE", path },
    { method: "PUT", path: `${path}/16383`, body },
    attach,
  ]);
  const lower = { ...entry, target: { ...target, inner_mac: "a8:40:25:f0:00:01" } };
  expect(dpdRequests(wanted, { ...nothing, nat: [lower], attachedSubnets: [subnet] })).toEqual([]);
  expect(dpdRequests(dpdOf({}), { ...nothing, attachedSubnets: [subnet] })).toEqual([
    { method: "DELETE", path: "/attached_subnet/198.51.100.64%2F28" },
  ]);
});

test("uplinks have their settings and addresses; one that is none any more loses its addresses", () => {
  const wanted = dpdOf({ uplinks: [uplinkOf("qsfp0", ["192.0.2.1/30", "2001:db8:1::1/64"])] });
  const [uplink] = wanted.uplinks;
  if (uplink === undefined) throw new Error("no uplink");
  const { parameters } = uplink;
  const addrs = ["192.0.2.1", "2001:db8:1::1"];
  expect(dpdRequests(wanted, nothing)).toEqual([
    { method: "POST", path: "/port/qsfp0/settings?tag=mgd", body: { links: { 0: { params: parameters, addrs } } } },
    { method: "PUT", path: "/ports/qsfp0/links/0/ipv6_enabled", body: true },
  ]);
  const links = [{ port: "qsfp0", ipv6: true, parameters: { lane: 0, ...parameters }, addresses: addrs }];
  expect(dpdRequests(wanted, { ...nothing, links })).toEqual([]);
  expect(dpdRequests(dpdOf({}), { ...nothing, links })).toEqual([
    {
      ...{ method: "POST", path: "/port/qsfp0/settings?tag=mgd" },
      body: { links: { 0: { params: { lane: 0, ...parameters }, addrs: [] } } },
    },
    { method: "PUT", path: "/ports/qsfp0/links/0/ipv6_enabled", body: false },
  ]);
});

test("a route's new targets come before its old ones go", () => {
  const path = { port: "qsfp0", link: 0, nextHop: "192.0.2.2" };
  const next = { ...path, port: "qsfp1", nextHop: "fe80::6" };
  const prefix = "203.0.113.0/24";
  const target_ = { tag: "mgd", port_id: "qsfp1", link_id: 0, tgt_ip: "fe80::6", vlan_id: null };
  expect(routeRequests([{ prefix, paths: [next] }], [{ prefix, paths: [path] }])).toEqual([
    { method: "POST", path: "/route/ipv4", body: { cidr: prefix, target: { V6: target_ }, replace: false } },
    { method: "DELETE", path: "/route/ipv4/203.0.113.0%2F24/qsfp0/0/192.0.2.2" },
  ]);
  expect(routeRequests([{ prefix: "::/0", paths: [next] }], [])).toEqual([
    { method: "POST", path: "/route/ipv6", body: { cidr: "::/0", target: target_, replace: false } },
  ]);
  expect(routeRequests([{ prefix, paths: [path] }], [{ prefix, paths: [path] }])).toEqual([]);
});
