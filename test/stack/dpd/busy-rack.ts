import {
  arp,
  build,
  ddm,
  ethernet,
  geneve,
  icmp,
  ipv4,
  ipv6,
  type Layer,
  packet,
  sidecar,
  udp,
  vlan,
  zeroMac,
} from "../../../src/packet/index.ts";
import { datagram, type executions, peerMac, portMac, rackSwitch, segment, toSwitch } from "./rack-fixture.ts";
import type { RackSwitch } from "./rack-switch.ts";

/** A packet that goes in. */
export interface Arrival {
  readonly port: number;
  readonly bytes: Uint8Array;
}

/** The ports of {@link busyRack}. */
export const ports = [0, 1, 2, 3];
const guest = { sled: "fd00:1122:3344:101::1", vni: 7777, mac: "a8:40:25:f0:00:01" };

/** A switch in the middle of work: port 1 is an uplink, a guest is behind port 2, another sled behind port 3. */
export function busyRack(execution: (typeof executions)[number]): RackSwitch {
  const rack = rackSwitch(execution);
  rack.uplink(1);
  rack.portAddress(1, "192.168.1.1");
  rack.portAddress(3, "fd00:3::1");
  rack.loopback("fd00:99::1");
  rack.route("fd00:1122:3344:101::/64", { port: 2, nextHop: "fe80::2" });
  rack.route("0.0.0.0/0", { port: 1, nextHop: "192.168.1.9" }, { port: 1, nextHop: "192.168.1.10", vlan: 9 });
  rack.route("10.3.0.0/16", { port: 3, nextHop: "fe80::3" });
  rack.route("fd00:5::/64", { port: 3, nextHop: "fe80::5" });
  for (const [address, port] of [
    ["fe80::2", 2],
    ["fe80::3", 3],
    ["192.168.1.9", 1],
    ["192.168.1.10", 1],
  ] as const) {
    rack.neighbor(address, peerMac(port));
  }
  rack.nat("203.0.113.7", [1000, 1999], guest);
  rack.attachedSubnet("203.0.113.16/28", guest);
  return rack;
}

/** Packets of all kinds; three of them are dropped. */
export function arrivals(): readonly Arrival[] {
  const at = (port: number, ...layers: readonly Layer[]): Arrival => ({ port, bytes: build(packet(...layers)) });
  const outer = (hopLimit: number): readonly Layer[] => [
    toSwitch(2),
    ipv6({ src: guest.sled, dst: "fd00:99::1", hopLimit }),
    udp({ srcPort: 51_000, dstPort: 6081, checksum: 0 }),
    geneve({ vni: 99, options: [{ option: "maximum-segment-size", size: 1400 }] }),
    ethernet({ dst: zeroMac, src: guest.mac }),
  ];
  const request = arp({
    operation: "request",
    senderMac: peerMac(1),
    senderIp: "192.168.1.9",
    targetIp: "192.168.1.1",
  });
  const echo = icmp({ message: "echo-request", identifier: 1, sequence: 1 });
  const flows = Array.from({ length: 8 }, (_, flow) =>
    at(2, ...outer(64), ipv4({ src: "10.0.0.1", dst: "8.8.8.8" }), ...segment(1000 + flow, 80)),
  );
  return [
    at(2, toSwitch(2), ipv4({ src: "10.2.0.1", dst: "10.3.0.1" }), ...datagram()),
    at(2, toSwitch(2), vlan({ id: 5 }), ipv4({ src: "10.2.0.1", dst: "10.3.0.1", ttl: 2 }), ...segment()),
    at(2, toSwitch(2), ipv4({ src: "10.2.0.1", dst: "10.3.0.1", ttl: 1 }), ...datagram()),
    at(2, toSwitch(2), ipv4({ src: "10.2.0.1", dst: "10.3.0.1", checksum: 1 }), ...datagram()),
    at(2, toSwitch(2), ipv6({ src: "fd00:2::1", dst: "fd00:6::1" }), ...datagram()),
    at(2, toSwitch(2), ipv6({ src: "fd00:2::1", dst: "fd00:5::1" }), ...datagram()),
    at(2, toSwitch(2), ipv6({ src: "fd00:2::1", dst: "fd00:3::1" }), ...datagram()),
    at(1, toSwitch(1), vlan({ id: 7 }), ipv4({ src: "192.168.1.9", dst: "192.168.1.1", ttl: 9 }), echo),
    at(1, ethernet({ dst: "ff:ff:ff:ff:ff:ff", src: peerMac(1) }), request),
    at(1, toSwitch(1), ipv4({ src: "8.8.8.8", dst: "203.0.113.7" }), ...datagram(9, 1000)),
    at(1, toSwitch(1), ipv4({ src: "8.8.8.8", dst: "203.0.113.17" }), ...segment(9, 5)),
    at(1, toSwitch(1), ipv4({ src: "8.8.8.8", dst: "203.0.113.7" }), ...datagram(9, 999)),
    ...flows,
    at(3, toSwitch(3), ipv6({ src: "fd00:3::2", dst: guest.sled }), ddm({ elements: [] }), ...datagram()),
    at(0, ethernet({ dst: peerMac(3), src: portMac(3) }), sidecar({ code: "from-userspace", egress: 3 }), request),
  ];
}
