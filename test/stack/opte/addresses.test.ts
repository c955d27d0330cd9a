import { describe, expect, test } from "vitest";
import { linkLocalOfMac, solicitedNodeMulticast } from "../../../src/packet/index.ts";
import { isUnderlayGroup } from "../../../src/stack/opte/engine/host/multicast.ts";
import { IpAddress, IpPrefix, MacAddress } from "../../../src/stack/opte/engine/parse/address.ts";
import { OpteError } from "../../../src/stack/opte/engine/port/opte-error.ts";
import { portIdentity } from "../../../src/stack/opte/engine/vpc/configuration.ts";
import { multicastMac } from "../../../src/stack/opte/engine/vpc/overlay.ts";
import type { VpcPort } from "../../../src/stack/opte/engine/vpc/vpc-port.ts";
import { configurationOf, g1, Sled } from "./fixture.ts";

/* What the reference's unit tests of its address types and of a port's configuration check (specification, section 5.6). */

describe("prefixes", () => {
  test.each([
    ["192.168.2.9/24", "192.168.2.0/24"],
    ["10.0.0.0/8", "10.0.0.0/8"],
    ["255.255.255.255/32", "255.255.255.255/32"],
    ["1.2.3.4/0", "0.0.0.0/0"],
    ["172.30.3.255/22", "172.30.0.0/22"],
    ["fd00:1:2:3:4:5:6:7/64", "fd00:1:2:3::/64"],
    ["fd00::ffff/127", "fd00::fffe/127"],
    ["::1/0", "::/0"],
  ])("%s is %s", (text, masked) => {
    expect(IpPrefix.parse(text).text).toBe(masked);
  });

  test.each([
    ["10.0.0.0/33", "bad IPv4 prefix length: 33"],
    ["fd00::/129", "bad IPv6 prefix length: 129"],
    ["10.0.0/8", ""],
    ["10.0.0.0/x", ""],
    ["10.0.0.256/8", ""],
    ["fd00:::/64", ""],
    ["/8", ""],
  ])("%s is none", (text, complaint) => {
    expect(() => IpPrefix.parse(text)).toThrow(complaint);
  });

  test.each([
    ["10.0.0.0/8", "10.255.255.255", true],
    ["10.0.0.0/8", "11.0.0.0", false],
    ["0.0.0.0/0", "203.0.113.7", true],
    ["192.0.2.1/32", "192.0.2.1", true],
    ["192.0.2.1/32", "192.0.2.2", false],
    ["fd00:0:0:1::/64", "fd00:0:0:1:ffff::", true],
    ["fd00:0:0:1::/64", "fd00:0:0:2::", false],
    ["fd00::8000/113", "fd00::ffff", true],
    ["fd00::8000/113", "fd00::7fff", false],
  ])("%s has %s: %s", (prefix, address, isMember) => {
    expect(IpPrefix.parse(prefix).containsAt(IpAddress.parse(address).words, 0)).toBe(isMember);
  });
});

test.each([
  ["01:02:03:04:05:06", "fe80::302:3ff:fe04:506"],
  ["a8:40:25:ff:77:77", "fe80::aa40:25ff:feff:7777"],
  ["00:00:00:00:00:00", "fe80::200:ff:fe00:0"],
])("the link-local address of %s is %s", (mac, address) => {
  expect(linkLocalOfMac(mac)).toBe(address);
});

test.each([
  ["224.0.0.251", "01:00:5E:00:00:FB"],
  // The top bit of the last 24 is not told (RFC 1112).
  ["239.255.10.1", "01:00:5E:7F:0A:01"],
  ["ff02::1", "33:33:00:00:00:01"],
  ["ff04::e000:fb", "33:33:E0:00:00:FB"],
])("frames to %s go to %s", (group, mac) => {
  expect(multicastMac(IpAddress.parse(group)).text).toBe(mac);
});

test("a solicited-node group ends as the address does", () => {
  expect(solicitedNodeMulticast("fe80::aa40:25ff:feff:7777")).toBe("ff02::1:ffff:7777");
});

test.each([
  ["ff04::1", true],
  ["ff04:ffff::1", true],
  ["ff14::1", false],
  ["ff05::1", false],
  ["ff02::1", false],
  ["224.0.0.1", false],
  ["fd04::1", false],
])("the underlay's groups are admin-local: %s is one: %s", (group, is) => {
  expect(isUnderlayGroup(IpAddress.parse(group))).toBe(is);
});

test("addresses survive being written and read", () => {
  for (const text of [
    "0.0.0.0",
    "172.30.0.5",
    "255.255.255.255",
    "::",
    "fd00::5",
    "2606:2800:220:1:248:1893:25c8:1946",
  ]) {
    const address = IpAddress.parse(text);
    expect(IpAddress.of(address.bytes).text).toBe(text);
    expect(IpAddress.of(address.bytes).equals(address)).toBe(true);
  }
  expect(MacAddress.parse("a8:40:25:fa:fa:37").text).toBe("A8:40:25:FA:FA:37");
});

test.each([
  [0, true],
  [99, true],
  [0xff_ffff, true],
  [0x100_0000, false],
  [-1, false],
  [1.5, false],
])("a VNI has 24 bits: %s is one: %s", (vni, is) => {
  const read = (): unknown => portIdentity("g1", { ...configurationOf(g1), vni });
  if (is) expect(read()).toMatchObject({ vni });
  else expect(read).toThrow(OpteError);
});

test("NAT has 65 535 flows for each family that a port has, the other tables at least 524 288", () => {
  const limits = (configuration: ReturnType<typeof configurationOf> | object): unknown => {
    const sled = new Sled(g1);
    const { opte } = sled;
    opte.deletePort("g1");
    const port: VpcPort = opte.createPort("g1", { ...configurationOf(g1), ...configuration });
    const { store, layers } = port.port;
    return {
      nat: layers[3]?.spec.limit,
      firewall: layers[1]?.spec.limit,
      uft: store.uftIn.limit,
      tcp: store.tcp.limit,
    };
  };
  const others = { firewall: 524_288, uft: 524_288, tcp: 524_288 };
  expect(limits({})).toEqual({ nat: 131_070, ...others });
  expect(limits({ ipv6: undefined })).toEqual({ nat: 65_535, ...others });
  expect(limits({ ipv4: undefined })).toEqual({ nat: 65_535, ...others });
});
