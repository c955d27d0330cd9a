import {
  build,
  ethernet,
  geneve,
  type GeneveOption,
  ipv4,
  ipv6,
  type Layer,
  packet,
  type Packet,
  parse,
  tcp,
  type TcpFlag,
  udp,
  verifyChecksums,
} from "../../../src/packet/index.ts";
import { IpAddress, IpPrefix, MacAddress } from "../../../src/stack/opte/engine/parse/address.ts";
import { Frame } from "../../../src/stack/opte/engine/parse/frame.ts";
import type { Delivery } from "../../../src/stack/opte/engine/host/datapath.ts";
import { Opte } from "../../../src/stack/opte/engine/host/opte.ts";
import { parseFirewallRule } from "../../../src/stack/opte/engine/vpc/firewall-text.ts";
import { parseRouterTarget } from "../../../src/stack/opte/engine/layer/router-target.ts";
import type { FamilyConfiguration, PortConfiguration } from "../../../src/stack/opte/engine/vpc/configuration.ts";
import type { RouterClass } from "../../../src/stack/opte/engine/vpc/router.ts";
import type { VpcPort, VpcPortLimits } from "../../../src/stack/opte/engine/vpc/vpc-port.ts";

/** What the reference's own tests are made of (specification, section 5.1). */
export const gatewayMac = "a8:40:25:ff:77:77";
export const gatewayLinkLocal = "fe80::aa40:25ff:feff:7777";
export const vni = 1_287_581;
export const boundary = { ip: "fd00:99::1", mac: "a8:40:25:77:77:77", vni: 99 };

export const g1 = {
  name: "g1",
  mac: "a8:40:25:fa:fa:37",
  linkLocal: "fe80::aa40:25ff:fefa:fa37",
  ip: "172.30.0.5",
  ip6: "fd00::5",
  sled: "fd00:0:f7:101::1",
  snat: { address: "10.77.77.13", first: 1025, last: 4096 },
  snat6: { address: "2001:db8::1", first: 4097, last: 8192 },
};

export const g2 = {
  name: "g2",
  mac: "a8:40:25:f0:00:66",
  linkLocal: "fe80::aa40:25ff:fef0:66",
  ip: "172.30.0.6",
  ip6: "fd00::6",
  sled: "fd00:0:f7:116::1",
  snat: { address: "10.77.77.23", first: 4097, last: 8192 },
  snat6: { address: "2001:db8::1", first: 1025, last: 4096 },
};

export type Guest = typeof g1;

/** The default rules of a VPC's firewall. */
export const defaultRules = [
  `dir=in action=allow priority=65534 hosts=vni=${vni}`,
  "dir=in action=allow priority=65534 protocol=tcp port=22",
  "dir=in action=allow priority=65534 protocol=icmp",
];

export const dhcp = {
  hostname: "testbox",
  domain: "test.oxide.computer",
  searchList: ["oxide.computer"],
  dns4: ["8.8.8.8", "1.1.1.1"],
  dns6: ["2001:4860:4860::8888", "2001:4860:4860::8844", "2606:4700:4700::1111", "2606:4700:4700::1001"],
};

interface DualStack {
  readonly ipv4: FamilyConfiguration;
  readonly ipv6: FamilyConfiguration;
}

/** Configuration of a guest's port, as the reference's fixture has it. */
export function configurationOf(guest: Guest): PortConfiguration & DualStack {
  return {
    guestMac: guest.mac,
    gatewayMac,
    vni,
    underlayIp: guest.sled,
    ipv4: { subnet: "172.30.0.0/22", privateIp: guest.ip, gatewayIp: "172.30.0.1", snat: guest.snat },
    ipv6: { subnet: "fd00::/64", privateIp: guest.ip6, gatewayIp: "fd00::1", snat: guest.snat6 },
    dhcp,
  };
}

/** One frame that left an engine. */
export interface Sent {
  /** `underlay`, or the port whose guest got it. */
  readonly to: string;
  readonly bytes: Uint8Array;
  readonly mss: number;
}

/** An engine with one running port, and what left it. */
export class Sled {
  readonly opte: Opte;
  readonly guest: Guest;
  readonly port: VpcPort;
  readonly sent: Sent[] = [];
  readonly frame = new Frame(20_000);
  now = 1_000_000;

  constructor(
    guest: Guest,
    configuration: PortConfiguration = configurationOf(guest),
    limits: VpcPortLimits = { uft: 16, tcp: 16, firewall: 8096, nat: 8096 },
  ) {
    this.guest = guest;
    const keep = (to: string, { contents, mss }: Frame): void => {
      this.sent.push({ to, bytes: contents.slice(), mss });
    };
    this.opte = new Opte({
      seed: 7,
      outlet: {
        underlay: (frame) => {
          keep("underlay", frame);
        },
        guest: keep,
      },
    });
    for (const each of [g1, g2]) {
      for (const ip of [each.ip, each.ip6]) this.v2p(ip, each.mac, each.sled);
    }
    for (const prefix of ["0.0.0.0/0", "::/0"]) {
      this.opte.v2b.set(IpPrefix.parse(prefix), [IpAddress.parse(boundary.ip)]);
    }
    this.port = this.opte.createPort(guest.name, configuration, limits);
  }

  /** The fixture of the reference: the subnet's route, the default firewall, started. */
  static standard(guest: Guest, configuration?: PortConfiguration): Sled {
    const sled = new Sled(guest, configuration);
    sled.route("172.30.0.0/22", "sub4=172.30.0.0/22");
    sled.firewall(...defaultRules);
    sled.port.port.start();
    return sled;
  }

  v2p(ip: string, mac: string, sled: string, network = vni): void {
    this.opte.setV2p(network, IpAddress.parse(ip), MacAddress.parse(mac), IpAddress.parse(sled));
  }

  route(destination: string, target: string, routerClass: RouterClass = "system"): void {
    this.port.addRouterEntry(entryOf(destination, target, routerClass));
  }

  unroute(destination: string, target: string, routerClass: RouterClass = "system"): void {
    this.port.deleteRouterEntry(entryOf(destination, target, routerClass));
  }

  firewall(...rules: readonly string[]): void {
    this.port.setFirewallRules(rules.map(parseFirewallRule));
  }

  allow(rule: string): number {
    return this.port.addFirewallRule(parseFirewallRule(rule));
  }

  /** Have the guest send a frame. */
  out(frame: Packet | Uint8Array, mss = 0): Delivery {
    this.frame.load(frame instanceof Uint8Array ? frame : build(frame), mss);
    return this.opte.fromGuest(this.port, this.frame, this.now);
  }

  /** Have a frame come over the underlay. */
  in(frame: Packet | Uint8Array, mss = 0): Delivery {
    this.frame.load(frame instanceof Uint8Array ? frame : build(frame), mss);
    return this.opte.fromUnderlay(this.frame, this.now);
  }

  /** The last frame that left, taken apart, all of whose checksums are right. */
  last(): Packet {
    const sent = this.sent.at(-1);
    if (sent === undefined) throw new Error("nothing was sent");
    const parsed = parse(sent.bytes);
    const faults = verifyChecksums(parsed);
    if (faults.length > 0) throw new Error(`wrong checksums: ${JSON.stringify(faults)}`);
    return parsed;
  }

  lastBytes(): Uint8Array {
    return this.sent.at(-1)?.bytes ?? new Uint8Array();
  }

  /** Name of the TCP state of the one flow there is. */
  get tcpFlows(): number {
    return this.port.port.store.tcp.size;
  }
}

function entryOf(
  destination: string,
  target: string,
  routerClass: RouterClass,
): Parameters<VpcPort["addRouterEntry"]>[0] {
  return { destination: IpPrefix.parse(destination), target: parseRouterTarget(target), class: routerClass };
}

/** A guest's frame to its gateway, with the IP header for the addresses. */
export function guestFrame(guest: Guest, src: string, dst: string, ...above: readonly Layer[]): Packet {
  const link = ethernet({ src: guest.mac, dst: gatewayMac });
  return packet(link, src.includes(":") ? ipv6({ src, dst }) : ipv4({ src, dst }), ...above);
}

/** A TCP segment of a guest. */
export function segment(
  guest: Guest,
  src: string,
  srcPort: number,
  dst: string,
  dstPort: number,
  flags: readonly TcpFlag[] = ["SYN"],
  more: { readonly sequence?: number; readonly acknowledgment?: number } = {},
  ...above: readonly Layer[]
): Packet {
  return guestFrame(guest, src, dst, tcp({ srcPort, dstPort, flags, ...more }), ...above);
}

/** A frame as the boundary sends it: the guest's VNI and the option External. */
export function fromBoundary(guest: Guest, src: string, dst: string, ...above: readonly Layer[]): Packet {
  return tunnelled(
    boundary.ip,
    guest.sled,
    vni,
    [{ option: "external" }],
    [
      ethernet({ src: "00:00:00:00:00:00", dst: guest.mac }),
      src.includes(":") ? ipv6({ src, dst }) : ipv4({ src, dst }),
      ...above,
    ],
  );
}

/** A frame as another sled of the VPC sends it. */
export function fromPeer(
  peer: Guest,
  guest: Guest,
  src: string,
  dst: string,
  network: number,
  ...above: readonly Layer[]
): Packet {
  return tunnelled(
    peer.sled,
    guest.sled,
    network,
    [],
    [
      ethernet({ src: peer.mac, dst: guest.mac }),
      src.includes(":") ? ipv6({ src, dst }) : ipv4({ src, dst }),
      ...above,
    ],
  );
}

/** An encapsulated frame. */
export function tunnelled(
  src: string,
  dst: string,
  network: number,
  options: readonly GeneveOption[],
  inner: readonly Layer[],
): Packet {
  return packet(
    ethernet({ src: "00:00:00:00:00:00", dst: "00:00:00:00:00:00" }),
    ipv6({ src, dst, hopLimit: 128 }),
    udp({ srcPort: 12_345, dstPort: 6081, checksum: 0 }),
    geneve({ vni: network, options }),
    ...inner,
  );
}
