import { describe, expect, test } from "vitest";
import { bfdConfiguration } from "../../../src/stack/mgd/engine/bfd-configuration.ts";
import { bgpConfiguration } from "../../../src/stack/mgd/engine/bgp-configuration.ts";
import {
  configurationChanges,
  type ConfigurationLine,
  runningConfiguration,
} from "../../../src/stack/mgd/engine/frr-configuration.ts";
import { staticConfiguration } from "../../../src/stack/mgd/engine/static-configuration.ts";
import { peerOf, routerOf, switchOf, uplinkOf } from "./desired-switch.ts";

/** What bgpd of FRR 8.4 prints once it has what {@link demanding} says. */
const running = `frr version 8.4.4
frr defaults traditional
!
hostname t1
!
!
bgp route-map delay-timer 1
router bgp 64500
 bgp router-id 192.0.2.1
 no bgp ebgp-requires-policy
 no bgp default ipv4-unicast
 bgp bestpath as-path multipath-relax
 no bgp network import-check
 neighbor 192.0.2.2 remote-as 64501
 neighbor 192.0.2.2 bfd
 neighbor 192.0.2.2 password secret
 neighbor 192.0.2.2 timers 10 30
 neighbor 192.0.2.2 timers connect 3
 !
 address-family ipv4 unicast
  network 198.51.100.0/26
  neighbor 192.0.2.2 activate
  neighbor 192.0.2.2 prefix-list kestrel-in-192.0.2.2 in
  neighbor 192.0.2.2 route-map kestrel-out-192.0.2.2 out
  neighbor 192.0.2.2 filter-list kestrel-own out
  maximum-paths 2
 exit-address-family
exit
!
ip prefix-list kestrel-in-192.0.2.2 seq 5 permit 203.0.113.0/24
ip prefix-list kestrel-in-192.0.2.2 seq 10 deny any
ipv6 prefix-list kestrel-in-192.0.2.2 seq 5 deny any
!
bgp as-path access-list kestrel-own seq 5 permit ^$
!
route-map kestrel-out-192.0.2.2 permit 10
 set community 64500:3 64500:7
 set metric 40
exit
!
`;

const peer = peerOf({
  ...{ md5_auth_key: "secret", multi_exit_discriminator: 40, communities: [64500 * 65536 + 7, 64500 * 65536 + 3] },
  allowed_import: { type: "allow", value: ["203.0.113.0/24"] },
});
const bfd = [
  { remote: "192.0.2.2", local: null, mode: "single_hop", detection_threshold: 3, required_rx: 300_000 } as const,
];
const uplinks = [uplinkOf("qsfp0", ["192.0.2.1/30"])];
const demanding = switchOf({ uplinks, bfd, bgp: [routerOf([peer])] });

/** Commands with what they are given in. */
const changes = (wanted: readonly ConfigurationLine[], present: string): readonly string[] =>
  configurationChanges(wanted, runningConfiguration(present)).map(({ context, command }) =>
    [...context, command].join(" / "),
  );
const own = "router bgp 64500";
const ipv4 = `${own} / address-family ipv4 unicast`;

describe("configuration of bgpd", () => {
  test("what it has already needs no command", () => {
    expect(changes(bgpConfiguration(demanding), running)).toEqual([]);
  });

  test("other values take the place of those that are there", () => {
    const other = { ...peer, hold_time: 9, keepalive: 3, md5_auth_key: "other" };
    const wanted = switchOf({ uplinks, bfd, bgp: [routerOf([other], ["198.51.100.64/26"])] });
    expect(changes(bgpConfiguration(wanted), running)).toEqual([
      `${ipv4} / no network 198.51.100.0/26`,
      `${own} / neighbor 192.0.2.2 password other`,
      `${own} / neighbor 192.0.2.2 timers 3 9`,
      `${ipv4} / network 198.51.100.64/26`,
    ]);
  });

  test("a neighbour that is wanted no more goes as a whole", () => {
    const next = peerOf({ addr: { type: "numbered", ip: "192.0.2.6" }, port_name: "qsfp1" });
    const commands = changes(bgpConfiguration(switchOf({ uplinks, bgp: [routerOf([next])] })), running);
    expect(commands.filter((line) => line.includes(" 192.0.2.2"))).toEqual([`${own} / no neighbor 192.0.2.2`]);
    expect(commands).toContain("no route-map kestrel-out-192.0.2.2 permit 10");
    // It is told nothing before its filters are there.
    const about = commands.filter((line) => line.includes(" 192.0.2.6 "));
    expect(about.at(-1)).toBe(`${ipv4} / neighbor 192.0.2.6 activate`);
  });

  test("another AS is another router", () => {
    const wanted = switchOf({ uplinks, bgp: [routerOf([peerOf()], [], { asn: 64999 })] });
    const commands = changes(bgpConfiguration(wanted), running);
    expect(commands).toContain("no router bgp 64500");
    expect(commands.filter((line) => line.startsWith(own))).toEqual([]);
    expect(commands.indexOf("no router bgp 64500")).toBeLessThan(commands.indexOf("router bgp 64999"));
  });

  test("nothing is left of a router that is wanted no more", () => {
    expect(changes(bgpConfiguration(switchOf()), running)).toEqual([
      "no bgp route-map delay-timer 1",
      "no ip prefix-list kestrel-in-192.0.2.2 seq 5 permit 203.0.113.0/24",
      "no ip prefix-list kestrel-in-192.0.2.2 seq 10 deny any",
      "no ipv6 prefix-list kestrel-in-192.0.2.2 seq 5 deny any",
      "no bgp as-path access-list kestrel-own seq 5 permit ^$",
      "no router bgp 64500",
      "no route-map kestrel-out-192.0.2.2 permit 10",
    ]);
  });

  test("a neighbour on the link speaks of both families, from the router identifier of the switch", () => {
    const unnumbered = peerOf({ addr: { type: "unnumbered", router_lifetime: 0 }, remote_asn: null });
    const lines = bgpConfiguration(switchOf({ bgp: [routerOf([unnumbered], ["2001:db8::/48"])] })).map((line) =>
      line.join(" / "),
    );
    expect(lines).toContain(`${own} / bgp router-id 161.178.195.212`);
    expect(lines).toContain(`${own} / neighbor tfportqsfp0_0 interface remote-as external`);
    expect(lines).toContain(`${ipv4} / neighbor tfportqsfp0_0 activate`);
    expect(lines).toContain(`${own} / address-family ipv6 unicast / network 2001:db8::/48`);
    expect(lines).toContain(`${own} / address-family ipv6 unicast / neighbor tfportqsfp0_0 activate`);
  });
});

test("static routes and BFD sessions leave out what FRR does", () => {
  const route = { link_name: "phy0", destination: "0.0.0.0/0", gateway: "192.0.2.2", vlan_id: null };
  const static_routes = [
    { ...route, rib_priority: null },
    { ...route, destination: "2001:db8:9::1/48", gateway: "fe80::9", rib_priority: 7 },
  ];
  const wanted = switchOf({
    uplinks: [uplinkOf("qsfp0", ["192.0.2.1/30"], { static_routes })],
    bfd: [
      ...bfd,
      { remote: "10.9.9.9", local: "192.0.2.1", mode: "multi_hop", detection_threshold: 5, required_rx: 500_000 },
    ],
  });
  expect(staticConfiguration(wanted)).toEqual([
    ["ip route 0.0.0.0/0 192.0.2.2 tfportqsfp0_0"],
    ["ipv6 route 2001:db8:9::/48 fe80::9 tfportqsfp0_0 7"],
  ]);
  const far = ["bfd", "peer 10.9.9.9 multihop local-address 192.0.2.1"];
  expect(bfdConfiguration(wanted)).toEqual([
    ["bfd", "peer 192.0.2.2"],
    far,
    [...far, "detect-multiplier 5"],
    [...far, "receive-interval 500"],
    [...far, "transmit-interval 500"],
  ]);
  const present =
    "bfd\n peer 192.0.2.2\n exit\n !\n peer 10.1.1.1 multihop local-address 192.0.2.1\n  detect-multiplier 4\n exit\nexit\n";
  expect(changes(bfdConfiguration(switchOf({ bfd })), present)).toEqual([
    "bfd / no peer 10.1.1.1 multihop local-address 192.0.2.1",
  ]);
});
