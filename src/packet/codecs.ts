import { arpCodec } from "./arp.ts";
import { bfdCodec } from "./bfd.ts";
import { bgpCodec } from "./bgp.ts";
import type { Codec, Next, Space } from "./codec.ts";
import { ddmDiscoveryCodec } from "./ddm-discovery.ts";
import { ddmCodec } from "./ddm.ts";
import { dhcpv4Codec } from "./dhcpv4.ts";
import { dhcpv6Codec } from "./dhcpv6.ts";
import { dnsCodec } from "./dns.ts";
import { ethernetCodec, vlanCodec } from "./ethernet.ts";
import { geneveCodec } from "./geneve.ts";
import { icmpCodec } from "./icmp.ts";
import { icmpv6Codec } from "./icmpv6.ts";
import { ipv4Codec } from "./ipv4.ts";
import {
  destinationOptionsCodec,
  fragmentCodec,
  genericExtensionCodec,
  hopByHopCodec,
  routingCodec,
} from "./ipv6-extension.ts";
import { ipv6Codec } from "./ipv6.ts";
import type { Layer, ProtocolName, Protocols } from "./layers.ts";
import { lldpCodec } from "./lldp.ts";
import { sidecarCodec } from "./sidecar.ts";
import { tcpCodec } from "./tcp.ts";
import { udpCodec } from "./udp.ts";

const codecs: { readonly [Name in ProtocolName]: Codec<Protocols[Name]> } = {
  ethernet: ethernetCodec,
  vlan: vlanCodec,
  arp: arpCodec,
  ipv4: ipv4Codec,
  ipv6: ipv6Codec,
  "hop-by-hop": hopByHopCodec,
  routing: routingCodec,
  fragment: fragmentCodec,
  "destination-options": destinationOptionsCodec,
  extension: genericExtensionCodec,
  icmp: icmpCodec,
  icmpv6: icmpv6Codec,
  udp: udpCodec,
  tcp: tcpCodec,
  sidecar: sidecarCodec,
  geneve: geneveCodec,
  "ddm-discovery": ddmDiscoveryCodec,
  ddm: ddmCodec,
  lldp: lldpCodec,
  bfd: bfdCodec,
  bgp: bgpCodec,
  dhcpv4: dhcpv4Codec,
  dhcpv6: dhcpv6Codec,
  dns: dnsCodec,
};

/** A layer of any protocol. */
export type ProtocolLayer = Protocols[ProtocolName];

/** What is known of a protocol, whichever it is; to be given layers of its own only. */
export function codecOf(name: ProtocolName): Codec<ProtocolLayer> {
  return codecs[name] as unknown as Codec<ProtocolLayer>;
}

/** Whether a layer is one of a protocol, not just bytes. */
export function isProtocol(layer: Layer): layer is ProtocolLayer {
  return Object.hasOwn(codecs, layer.layer);
}

const byNumber: Readonly<Record<Space, Map<number, ProtocolName>>> = {
  etherType: new Map(),
  ipProtocol: new Map(),
  udpPort: new Map(),
  udpSourcePort: new Map(),
  tcpPort: new Map(),
  tcpSourcePort: new Map(),
};

const byName = new Map<string, number>();

for (const { layer, carriedBy } of Object.values(codecs)) {
  for (const [space, number] of carriedBy.flatMap((carrier) => Object.entries(carrier) as [Space, number][])) {
    byNumber[space].set(number, layer);
    if (!byName.has(`${space} ${layer}`)) byName.set(`${space} ${layer}`, number);
  }
}

/** The protocol that follows, if it is known. */
export function protocolOf({ space, number }: Next): ProtocolName | undefined {
  return byNumber[space].get(number);
}

/** Numbers for payload that names no protocol: experimental EtherType (IEEE 802) and IP protocol (RFC 3692). */
const experimental: Readonly<Partial<Record<Space, number>>> = { etherType: 0x88b5, ipProtocol: 253 };

const noNextHeader = 59;

/** The number in `space` by which a layer says that `next` follows, or nothing. */
export function numberOf(space: Space, next: Layer | undefined): number {
  if (next === undefined || next.layer === "padding")
    return space === "ipProtocol" ? noNextHeader : (experimental[space] ?? 0);
  const name = next.layer === "malformed" ? next.expected : next.layer;
  return byName.get(`${space} ${name}`) ?? experimental[space] ?? 0;
}
