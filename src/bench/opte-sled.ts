import { build, ethernet, ipv4, packet, payload, tcp, type TcpFlag } from "../packet/index.ts";
import { Opte } from "../stack/opte/engine/host/opte.ts";
import { parseRouterTarget } from "../stack/opte/engine/layer/router-target.ts";
import { IpAddress, IpPrefix, MacAddress } from "../stack/opte/engine/parse/address.ts";
import { parseFirewallRule } from "../stack/opte/engine/vpc/firewall-text.ts";
import type { VpcPort } from "../stack/opte/engine/vpc/vpc-port.ts";

const guestMac = "a8:40:25:fa:fa:37";
const gatewayMac = "a8:40:25:ff:77:77";
const vni = 1_287_581;

/** One sled of a VPC with one guest, and a peer elsewhere for every flow. */
export interface BenchSled {
  readonly opte: Opte;
  readonly port: VpcPort;
  /** Frames that left. */
  readonly sent: { frames: number };
}

/** A running port with the default rules of a VPC; `rules` more firewall rules and `routes` more routes match nothing. */
export function benchSled(rules = 0, routes = 0): BenchSled {
  const sent = { frames: 0 };
  const count = (): void => {
    sent.frames += 1;
  };
  const opte = new Opte({ seed: 1, outlet: { underlay: count, guest: count } });
  const port = opte.createPort("bench", {
    guestMac,
    gatewayMac,
    vni,
    underlayIp: "fd00:1122:3344:101::1",
    ipv4: { subnet: "172.30.0.0/22", privateIp: "172.30.0.5", gatewayIp: "172.30.0.1" },
  });
  opte.setV2p(
    vni,
    IpAddress.parse("172.30.0.6"),
    MacAddress.parse("a8:40:25:f0:00:66"),
    IpAddress.parse("fd00:1122:3344:102::1"),
  );
  const route = (destination: string, target: string): void => {
    port.addRouterEntry({
      destination: IpPrefix.parse(destination),
      target: parseRouterTarget(target),
      class: "system",
    });
  };
  route("172.30.0.0/22", "sub4=172.30.0.0/22");
  for (let i = 0; i < routes; i++) route(`10.${i >> 8}.${i & 255}.0/24`, "drop");
  const added = Array.from({ length: rules }, (_, i) => {
    const host = i % 2 === 0 ? `hosts=ip=10.0.${i >> 8}.${i & 255}` : `port=${1024 + i}`;
    return `dir=out action=deny priority=${100 + i} protocol=tcp ${host}`;
  });
  const standard = [
    `dir=in action=allow priority=65534 hosts=vni=${vni}`,
    "dir=in action=allow priority=65534 protocol=tcp port=22",
    "dir=in action=allow priority=65534 protocol=icmp",
  ];
  port.setFirewallRules([...standard, ...added].map(parseFirewallRule));
  port.port.start();
  return { opte, port, sent };
}

/** A guest's TCP frame of 256 bytes to the peer; the flow is chosen by the ports. */
export function benchFrame(sourcePort: number, destinationPort: number, flags: readonly TcpFlag[]): Uint8Array {
  const headers = 14 + 20 + 20;
  return build(
    packet(
      ethernet({ src: guestMac, dst: gatewayMac }),
      ipv4({ src: "172.30.0.5", dst: "172.30.0.6" }),
      tcp({ srcPort: sourcePort, dstPort: destinationPort, flags }),
      payload(new Uint8Array(256 - headers)),
    ),
  );
}

/** Where a frame of {@link benchFrame} has its ports and flags. */
export const benchOffsets = { sourcePort: 34, destinationPort: 36, flags: 47 } as const;
