import type { Arp } from "./arp.ts";
import type { Bfd } from "./bfd.ts";
import type { Bgp } from "./bgp-message.ts";
import type { DdmDiscovery } from "./ddm-discovery.ts";
import type { Ddm } from "./ddm.ts";
import type { Dhcpv4 } from "./dhcpv4.ts";
import type { Dhcpv6 } from "./dhcpv6.ts";
import type { Dns } from "./dns.ts";
import type { Ethernet, Vlan } from "./ethernet.ts";
import type { Geneve } from "./geneve.ts";
import type { Icmp } from "./icmp.ts";
import type { Icmpv6 } from "./icmpv6.ts";
import type { Ipv4 } from "./ipv4.ts";
import type { DestinationOptions, Extension, Fragment, HopByHop, Routing } from "./ipv6-extension.ts";
import type { Ipv6 } from "./ipv6.ts";
import type { Lldp } from "./lldp.ts";
import type { Malformed, Padding, Payload } from "./payload.ts";
import type { Sidecar } from "./sidecar.ts";
import type { Tcp } from "./tcp.ts";
import type { Udp } from "./udp.ts";

/** Every protocol that is read and written, by the name of its layer. */
export interface Protocols {
  readonly ethernet: Ethernet;
  readonly vlan: Vlan;
  readonly arp: Arp;
  readonly ipv4: Ipv4;
  readonly ipv6: Ipv6;
  readonly "hop-by-hop": HopByHop;
  readonly routing: Routing;
  readonly fragment: Fragment;
  readonly "destination-options": DestinationOptions;
  readonly extension: Extension;
  readonly icmp: Icmp;
  readonly icmpv6: Icmpv6;
  readonly udp: Udp;
  readonly tcp: Tcp;
  readonly sidecar: Sidecar;
  readonly geneve: Geneve;
  readonly "ddm-discovery": DdmDiscovery;
  readonly ddm: Ddm;
  readonly lldp: Lldp;
  readonly bfd: Bfd;
  readonly bgp: Bgp;
  readonly dhcpv4: Dhcpv4;
  readonly dhcpv6: Dhcpv6;
  readonly dns: Dns;
}

/** Every kind of layer: the protocols, and bytes that belong to none. */
export interface Layers extends Protocols {
  readonly payload: Payload;
  readonly malformed: Malformed;
  readonly padding: Padding;
}

/** The name of a protocol's layer. */
export type ProtocolName = keyof Protocols;

/** The name of any layer. */
export type LayerName = keyof Layers;

/** A layer of a packet: plain data, told apart by `layer`. */
export type Layer = Layers[LayerName];

/**
 * A packet: its layers, the outermost first, as plain data. A field that can be derived (lengths, checksums, the number of the next
 * layer) is there only where it is not what it should be, so that a changed packet is built right again.
 */
export class Packet {
  readonly layers: readonly Layer[];

  constructor(layers: readonly Layer[]) {
    this.layers = layers;
  }

  /** The outermost layer of that name; undefined if there is none. */
  find<Name extends LayerName>(name: Name): Layers[Name] | undefined {
    return this.layers.find((layer): layer is Layers[Name] => layer.layer === name);
  }

  /** All layers of that name, the outermost first: `all("ipv6")[1]` is the inner one of a tunnel. */
  all<Name extends LayerName>(name: Name): readonly Layers[Name][] {
    return this.layers.filter((layer): layer is Layers[Name] => layer.layer === name);
  }

  /**
   * The packet with some fields of its outermost layer of that name changed, as a hop may do. Derived fields follow.
   * The same packet if there is no such layer.
   */
  with<Name extends LayerName>(name: Name, fields: Partial<Layers[Name]>): Packet {
    const index = this.layers.findIndex(({ layer }) => layer === name);
    return new Packet(this.layers.map((layer, i) => (i === index ? { ...layer, ...fields } : layer)));
  }
}

/** A packet of `layers`, the outermost first. */
export function packet(...layers: readonly Layer[]): Packet {
  return new Packet(layers);
}
