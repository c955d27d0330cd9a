import type { SwitchControl, SwitchPacket } from "../../p4/switch/index.ts";
import {
  build,
  ddmDiscovery,
  ddmDiscoveryGroup,
  ddmDiscoveryPort,
  ethernet,
  geneve,
  icmpv6,
  ipv6,
  type Layer,
  linkLocalOfMac,
  packet,
  sidecar,
  tcp,
  udp,
  zeroMac,
} from "../../packet/index.ts";
import { Intent } from "./engine/intent.ts";
import type { LinkParameters, SwitchPort } from "./engine/links.ts";
import { tableNames } from "./engine/tables.ts";

const tag = "rehearsal";
const link: LinkParameters = {
  ...{ speed: "Speed100G", fec: null, autoneg: false, kr: false, txEq: null },
  allowDdmTraffic: true,
};
/** Of the switch's processor. */
const processorPort = 0;
const ports: readonly SwitchPort[] = [1, 2, 3, 4].map((number) => ({
  id: `rear${number - 1}`,
  number,
  mac: `02:00:00:00:01:0${number}`,
  mtu: 9000,
}));
const neighborMac = (port: SwitchPort): string => port.mac.replace("01:", "02:");
const loopback = "fd00:1122:3344:1f0::1";
const sled = (port: SwitchPort): string => `fd00:1122:3344:10${port.number}::`;

/**
 * What the switch of a rack does all day, for {@link prepare} of p4switch: it is given the rows of a rack with four
 * neighbours, and the packets that these and the switch's processor send, the most frequent ones most often.
 */
export function rehearseRack(control: SwitchControl): readonly SwitchPacket[] {
  const intent = new Intent({
    ports,
    links: ports.map(({ id }) => ({ portId: id, parameters: link, change: {} })),
    loopbacks: [loopback],
  });
  intent.change(() => {
    for (const port of ports) {
      const hop = linkLocalOfMac(neighborMac(port));
      const target = { tag, portId: port.id, linkId: 0, port: port.number, nextHop: hop, vlan: undefined };
      intent.routes[6].set(`${sled(port)}/64`, target, false);
      intent.routes[6].add("fd00:1122:3344:200::/56", target);
      intent.neighbors[6].set({ tag, ip: hop, mac: neighborMac(port), updatedMs: 0 });
    }
  });
  for (const name of tableNames) {
    for (const { key, action, data, priority } of intent.rows.rows(name).values()) {
      const parts = key.map((part) => (part.kind === "lpm" ? { ...part, prefixLength: part.length } : part));
      control.table(name).add(parts, action, data, priority, 0);
    }
  }
  return ports.flatMap((port, at) => packetsOf(port, ports[(at + 1) % ports.length] ?? port));
}

function packetsOf(port: SwitchPort, other: SwitchPort): readonly SwitchPacket[] {
  const from = (...layers: readonly Layer[]): SwitchPacket => {
    const outer = ethernet({ src: neighborMac(port), dst: port.mac });
    return { port: port.number, bytes: build(packet(outer, ...layers)) };
  };
  const toPort = (...layers: readonly Layer[]): SwitchPacket => {
    const outer = ethernet({ src: port.mac, dst: neighborMac(port) });
    const code = sidecar({ code: "from-userspace", egress: port.number });
    return { port: processorPort, bytes: build(packet(outer, code, ...layers)) };
  };
  const [own, hop] = [linkLocalOfMac(port.mac), linkLocalOfMac(neighborMac(port))];
  const across = { src: `${sled(port)}1`, dst: `${sled(other)}1` };
  const exchange = tcp({ srcPort: 40_000, dstPort: 56_797 });
  const discovery = [
    udp({ srcPort: ddmDiscoveryPort, dstPort: ddmDiscoveryPort }),
    ddmDiscovery({ router: "server", hostname: "sled0" }),
  ];
  const guest = [
    udp({ srcPort: 50_000, dstPort: 6081, checksum: 0 }),
    geneve({ vni: 1000 }),
    ethernet({ src: zeroMac, dst: zeroMac }),
  ];
  const forwarded = [
    from(ipv6(across), udp({ srcPort: 1, dstPort: 9 })),
    from(ipv6(across), tcp({ srcPort: 1, dstPort: 80 })),
    from(ipv6(across), icmpv6({ message: "echo-request", identifier: 1, sequence: 1 })),
    from(ipv6(across), ...guest),
    from(ipv6({ ...across, dst: "fd00:1122:3344:201::1" }), udp({ srcPort: 2, dstPort: 9 })),
  ];
  const local = [
    from(ipv6({ src: hop, dst: ddmDiscoveryGroup, hopLimit: 1 }), ...discovery),
    from(ipv6({ src: hop, dst: own }), ...discovery),
    from(ipv6({ src: hop, dst: own }), exchange),
    toPort(ipv6({ src: own, dst: ddmDiscoveryGroup, hopLimit: 1 }), ...discovery),
    toPort(ipv6({ src: own, dst: hop }), exchange),
  ];
  const exceptional = [
    from(ipv6({ ...across, hopLimit: 1 }), udp({ srcPort: 1, dstPort: 9 })),
    from(ipv6({ ...across, dst: "fd00:1122:3344:1ff::1" }), udp({ srcPort: 1, dstPort: 9 })),
    from(ipv6({ ...across, dst: loopback }), icmpv6({ message: "echo-request", identifier: 1, sequence: 1 })),
  ];
  return [...forwarded, ...local, ...forwarded, ...local, ...exceptional];
}
