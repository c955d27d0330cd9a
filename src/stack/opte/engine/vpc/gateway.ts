import type { RuleSpec } from "../layer/rule-set.ts";
import type { DirectedRules } from "../layer/layer.ts";
import type { Predicate } from "../layer/predicate.ts";
import { Transform } from "../layer/transform.ts";
import type { Walk } from "../layer/walk.ts";
import { broadcastMacAddress, IpAddress, IpPrefix } from "../parse/address.ts";
import { etherTypes, protocols } from "../parse/packet.ts";
import { arpReply } from "./arp.ts";
import type { Family, PortIdentity } from "./configuration.ts";
import { dhcpMessages, dhcpv4Reply } from "./dhcpv4.ts";
import { dhcpv6Reply } from "./dhcpv6.ts";
import { echoReply } from "./echo.ts";
import type { VirtualToPhysical } from "./mappings.ts";
import { neighborAdvertisement, routerAdvertisement } from "./ndp.ts";

/** A prefix besides the private address that the guest may send from (`out`) and receive for (`in`). */
export interface GatewayHole {
  readonly prefix: IpPrefix;
  readonly in: boolean;
  readonly out: boolean;
}

/**
 * The rules of the gateway layer (specification, section 1.11): the virtual gateway's answers, and that a guest sends
 * and receives under its own addresses only.
 */
export function gatewayRules(
  identity: PortIdentity,
  holes: readonly GatewayHole[],
  mappings: VirtualToPhysical,
): DirectedRules {
  const gateway = new Gateway(identity, mappings);
  const rules = [identity.ipv4 && gateway.ipv4(identity.ipv4), identity.ipv6 && gateway.ipv6(identity.ipv6)];
  const punched = holes.map((hole) => gateway.hole(hole));
  const all = [...rules, ...punched].filter((each) => each !== undefined);
  return { in: all.flatMap((each) => each.in), out: all.flatMap((each) => each.out) };
}

const linkLocal = IpPrefix.parse("fe80::/64");

class Gateway {
  readonly #identity: PortIdentity;
  readonly #mappings: VirtualToPhysical;
  readonly #fromGuest: Predicate;
  readonly #toGuest: Predicate;
  readonly #toGateway: Predicate;
  readonly #fixSource: RuleSpec["action"];

  constructor(identity: PortIdentity, mappings: VirtualToPhysical) {
    this.#identity = identity;
    this.#mappings = mappings;
    this.#fromGuest = { kind: "ether-source", values: [identity.guestMac] };
    this.#toGuest = { kind: "ether-destination", values: [identity.guestMac] };
    this.#toGateway = { kind: "ether-destination", values: [identity.gatewayMac] };
    // To its guest every frame comes from the gateway.
    const transform = new Transform({ name: "gateway-mac", etherSource: identity.gatewayMac });
    this.#fixSource = { kind: "static", text: `ether.src=${identity.gatewayMac.text}`, transform: () => transform };
  }

  ipv4(family: Family): DirectedRules {
    const identity = this.#identity;
    const icmp: Predicate = { kind: "protocol", values: [protocols.icmp] };
    return {
      out: [
        {
          priority: 1,
          predicates: [
            etherType(etherTypes.arp),
            { kind: "ether-destination", values: [broadcastMacAddress] },
            this.#fromGuest,
          ],
          action: {
            kind: "handle-packet",
            handle: (walk) => arpReply(walk, identity.gatewayMac, family.gatewayIp),
          },
        },
        {
          priority: 1,
          predicates: [
            this.#fromGuest,
            this.#toGateway,
            address("source", family.privateIp),
            address("destination", family.gatewayIp),
            icmp,
            { kind: "icmp-type", values: [only(8)] },
          ],
          action: { kind: "hairpin", text: "ICMPv4 Echo Reply", reply: echoReply },
        },
        this.#dhcpv4(family, dhcpMessages.discover, "DHCPv4 Offer"),
        this.#dhcpv4(family, dhcpMessages.request, "DHCPv4 Ack"),
        this.#noSpoof(hostPrefix(family.privateIp)),
      ],
      in: [
        this.#deliver(hostPrefix(family.privateIp)),
        {
          priority: 1001,
          predicates: [{ kind: "ether-multicast" }, { kind: "destination", values: [IpPrefix.parse("224.0.0.0/4")] }],
          action: this.#fixSource,
        },
      ],
    };
  }

  #dhcpv4(family: Family, type: number, text: string): RuleSpec {
    const identity = this.#identity;
    return {
      priority: 1,
      predicates: [
        { kind: "ether-destination", values: [broadcastMacAddress] },
        this.#fromGuest,
        address("source", IpAddress.parse("0.0.0.0")),
        address("destination", IpAddress.parse("255.255.255.255")),
        { kind: "protocol", values: [protocols.udp] },
        { kind: "destination-port", values: [only(67)] },
        { kind: "source-port", values: [only(68)] },
        { kind: "dhcp-message", values: [type] },
      ],
      action: { kind: "hairpin", text, reply: (walk) => dhcpv4Reply(walk, identity, family) },
    };
  }

  ipv6(family: Family): DirectedRules {
    const identity = this.#identity;
    const icmp: Predicate = { kind: "protocol", values: [protocols.icmp6] };
    const type = (low: number, high = low): Predicate => ({ kind: "icmp-type", values: [{ low, high }] });
    const echo = (priority: number, from: IpAddress): RuleSpec => ({
      priority,
      predicates: [
        this.#fromGuest,
        this.#toGateway,
        address("source", from),
        address("destination", identity.gatewayLinkLocal),
        icmp,
        type(128),
      ],
      action: { kind: "hairpin", text: "ICMPv6 Echo Reply", reply: echoReply },
    });
    const denyNdp: RuleSpec = { priority: 5, predicates: [icmp, type(133, 137)], action: { kind: "deny" } };
    return {
      out: [
        echo(1, family.privateIp),
        echo(2, this.#guestLinkLocal()),
        {
          priority: 3,
          predicates: [
            this.#fromGuest,
            { kind: "ether-multicast" },
            { kind: "source", values: [linkLocal] },
            address("destination", IpAddress.parse("ff02::2")),
            icmp,
            type(133),
          ],
          action: {
            kind: "hairpin",
            text: "Router Advertisement",
            reply: (walk) => routerAdvertisement(walk, identity),
          },
        },
        {
          priority: 4,
          predicates: [
            this.#fromGuest,
            { kind: "source", values: [linkLocal, IpPrefix.parse("::/128"), hostPrefix(family.privateIp)] },
            icmp,
            type(135),
          ],
          action: {
            kind: "hairpin",
            text: "Neighbor Advertisement",
            reply: (walk) => neighborAdvertisement(walk, identity),
          },
        },
        denyNdp,
        {
          priority: 1,
          predicates: [
            this.#fromGuest,
            { kind: "source", values: [linkLocal] },
            { kind: "destination", values: [IpPrefix.parse("ff02::1:2"), IpPrefix.parse("ff05::1:3")] },
            { kind: "protocol", values: [protocols.udp] },
            { kind: "source-port", values: [only(546)] },
            { kind: "destination-port", values: [only(547)] },
          ],
          action: { kind: "hairpin", text: "DHCPv6 Server", reply: (walk) => dhcpv6Reply(walk, identity, family) },
        },
        this.#noSpoof(hostPrefix(family.privateIp)),
      ],
      in: [
        { ...denyNdp, priority: 1 },
        this.#deliver(hostPrefix(family.privateIp)),
        {
          priority: 1001,
          predicates: [{ kind: "ether-multicast" }, { kind: "destination", values: [IpPrefix.parse("ff00::/8")] }],
          action: this.#fixSource,
        },
      ],
    };
  }

  /** The address that the guest forms from its MAC address. */
  #guestLinkLocal(): IpAddress {
    const { high, low } = this.#identity.guestMac;
    const bytes = new Uint8Array(16);
    const view = new DataView(bytes.buffer);
    view.setUint16(0, 0xfe80);
    view.setUint16(8, high ^ 0x0200);
    view.setUint8(10, low >>> 24);
    view.setUint16(11, 0xfffe);
    view.setUint8(13, (low >>> 16) & 0xff);
    view.setUint16(14, low & 0xffff);
    return IpAddress.of(bytes);
  }

  hole(hole: GatewayHole): DirectedRules {
    return {
      in: hole.in ? [this.#deliver(hole.prefix)] : [],
      out: hole.out ? [this.#noSpoof(hole.prefix)] : [],
    };
  }

  /** Let frames out that come from the guest and its addresses, and say which VPC they go to. */
  #noSpoof(prefix: IpPrefix): RuleSpec {
    const { vni } = this.#identity;
    return {
      priority: 1000,
      predicates: [this.#fromGuest, { kind: "source", values: [prefix] }],
      action: {
        kind: "meta",
        text: "allow",
        apply: (walk: Walk) => {
          const { key, family } = walk.packet;
          walk.vni = this.#mappings.lookupAnywhere(vni, key, 5, family)?.vni ?? -1;
        },
      },
    };
  }

  #deliver(prefix: IpPrefix): RuleSpec {
    return {
      priority: 1000,
      predicates: [this.#toGuest, { kind: "destination", values: [prefix] }],
      action: this.#fixSource,
    };
  }
}

function etherType(value: number): Predicate {
  return { kind: "ether-type", values: [value] };
}

function only(value: number): { readonly low: number; readonly high: number } {
  return { low: value, high: value };
}

/** The prefix of one address. */
export function hostPrefix(ip: IpAddress): IpPrefix {
  return new IpPrefix(ip, ip.family === 4 ? 32 : 128);
}

function address(kind: "source" | "destination", ip: IpAddress): Predicate {
  return { kind, values: [hostPrefix(ip)] };
}
