import type { DirectedRules } from "../layer/layer.ts";
import { Encapsulation } from "../layer/encapsulation.ts";
import { type Changes, Transform } from "../layer/transform.ts";
import type { Walk } from "../layer/walk.ts";
import { type IpAddress, MacAddress, tunnelMac } from "../parse/address.ts";
import { flowHash } from "../parse/flow-hash.ts";
import { ulp } from "../parse/packet.ts";
import { type PortIdentity, vnis } from "./configuration.ts";
import type { Mapping } from "./mapping.ts";
import type { GuestMapping, MulticastToPhysical, VirtualToBoundary, VirtualToPhysical } from "./mappings.ts";

/** The host's tables that say where addresses live. */
export interface OverlayMappings {
  readonly v2p: VirtualToPhysical;
  readonly v2b: VirtualToBoundary;
  readonly m2p: MulticastToPhysical;
}

/** The rules of the overlay layer (specification, section 1.15). */
export function overlayRules(identity: PortIdentity, mappings: OverlayMappings): DirectedRules {
  const decapsulate = new Transform({ name: "decap", decapsulate: true });
  return {
    out: [
      {
        priority: 1,
        predicates: [],
        action: { kind: "static", text: "encap", transform: (walk) => encapsulate(walk, identity, mappings) },
      },
    ],
    in: [
      {
        priority: 1,
        predicates: [],
        action: {
          kind: "static",
          text: "decap",
          transform: (walk) => {
            if (!walk.packet.encapsulated) return undefined;
            // What comes from outside carries the guest's VNI too, and must not pass for one of the VPC.
            walk.vni = walk.packet.external ? -1 : walk.packet.vni;
            return decapsulate;
          },
        },
      },
      // Only the first match runs: never this one. It is there because the reference shows two rules.
      { priority: 2, predicates: [], action: { kind: "meta", text: "mcast-vni-validator", apply: () => undefined } },
    ],
  };
}

/** The outer headers for a packet; `undefined` where there is no way to its destination. */
function encapsulate(walk: Walk, identity: PortIdentity, mappings: OverlayMappings): Transform | undefined {
  const { key, family } = walk.packet;
  if (family === 0) return undefined;
  if (isMulticast(key, family)) return encapsulateGroup(walk, identity, mappings);
  const target = walk.routerTarget;
  if (target?.class === "ig") return encapsulateBoundary(walk, identity, mappings);
  if (target?.class === "subnet") {
    return encapsulateGuest(walk, identity, mappings.v2p.lookup(identity.vni, key, 5, family));
  }
  const address = target?.address;
  if (address?.family !== family) return undefined;
  return encapsulateGuest(walk, identity, mappings.v2p.lookup(identity.vni, address.words, 0, family));
}

function encapsulateBoundary(walk: Walk, identity: PortIdentity, { v2b }: OverlayMappings): Transform | undefined {
  const { key, family } = walk.packet;
  if (!walk.externalIpApplied) return undefined;
  const endpoints = v2b.lookup(key, 5, family);
  if (endpoints === undefined) return undefined;
  const hash = flowHash(key);
  const endpoint = endpoints[hash % endpoints.length];
  if (endpoint === undefined) return undefined;
  walk.internalTarget = 0;
  walk.hash = hash | 0;
  return transformOf(v2b.mapping, identity, endpoint.text, () => ({
    etherDestination: tunnelMac,
    encapsulation: new Encapsulation(identity.underlayIp, endpoint, vnis.boundary, "none"),
  }));
}

function encapsulateGuest(walk: Walk, identity: PortIdentity, to: GuestMapping | undefined): Transform | undefined {
  if (to === undefined || walk.externalIpApplied) return undefined;
  const option = walk.packet.ulp === ulp.tcp ? "mss" : "none";
  walk.internalTarget = 1;
  walk.hash = flowHash(walk.packet.key) | 0;
  return transformOf(to, identity, option, () => ({
    etherDestination: to.mac,
    // The sender's VNI, also towards a peered VPC: its firewall tells by it where a packet comes from.
    encapsulation: new Encapsulation(identity.underlayIp, to.underlay, identity.vni, option),
  }));
}

function encapsulateGroup(walk: Walk, identity: PortIdentity, { m2p }: OverlayMappings): Transform | undefined {
  const { key, family, ulp: kind } = walk.packet;
  const group = m2p.lookup(key, 5, family);
  if (group === undefined || kind === ulp.tcp) return undefined;
  walk.internalTarget = 1;
  walk.hash = flowHash(key) | 0;
  return transformOf(group, identity, "multicast", () => ({
    etherDestination: multicastMac(group.ip),
    encapsulation: new Encapsulation(identity.underlayIp, group.underlay, vnis.multicast, "multicast"),
  }));
}

/** Transforms by mapping, port and what else they depend on: flows that go the same way share one. */
const transforms = new WeakMap<Mapping, WeakMap<PortIdentity, Map<string, Transform>>>();

function transformOf(
  mapping: Mapping,
  identity: PortIdentity,
  variant: string,
  changes: () => Pick<Changes, "etherDestination" | "encapsulation">,
): Transform {
  let ofMapping = transforms.get(mapping);
  if (ofMapping === undefined) transforms.set(mapping, (ofMapping = new WeakMap()));
  let ofPort = ofMapping.get(identity);
  if (ofPort === undefined) ofMapping.set(identity, (ofPort = new Map<string, Transform>()));
  let transform = ofPort.get(variant);
  if (transform === undefined) {
    transform = new Transform({ name: "encap", mapping, ...changes() });
    ofPort.set(variant, transform);
  }
  return transform;
}

function isMulticast(key: Int32Array, family: number): boolean {
  const first = (key[5] ?? 0) >>> 24;
  return family === 4 ? first >> 4 === 0xe : first === 0xff;
}

/** The MAC address of a group (RFC 1112 section 6.4, RFC 2464 section 7). */
export function multicastMac(group: IpAddress): MacAddress {
  const bytes = new Uint8Array(6);
  const view = new DataView(bytes.buffer);
  if (group.family === 4) {
    view.setUint16(0, 0x0100);
    view.setInt32(2, (0x5e << 24) | ((group.words[0] ?? 0) & 0x7f_ffff));
  } else {
    view.setUint16(0, 0x3333);
    view.setInt32(2, group.words[3] ?? 0);
  }
  return MacAddress.read(view, 0);
}
