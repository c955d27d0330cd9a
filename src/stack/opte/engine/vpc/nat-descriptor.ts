import type { Descriptor, SavedDescriptor } from "../layer/descriptor.ts";
import { samePort, Transform } from "../layer/transform.ts";
import type { Walk } from "../layer/walk.ts";
import { type DescribeFailure, snatExhausted } from "../layer/action.ts";
import type { IpAddress } from "../parse/address.ts";
import { ulp } from "../parse/packet.ts";
import type { Snat } from "./external-ips.ts";
import { poolOf } from "./snat-pool.ts";

/** A guest's address and an external one stand for each other. The same for all flows, so it holds nothing. */
export function oneToOne(privateIp: IpAddress, external: IpAddress, isValid: () => boolean): Descriptor {
  return {
    outbound: new Transform({
      name: "NAT",
      source: external,
      embedded: { field: "destination", before: privateIp, after: external },
    }),
    inbound: new Transform({
      name: "NAT",
      destination: privateIp,
      embedded: { field: "source", before: external, after: privateIp },
    }),
    outboundPort: samePort,
    inboundPort: samePort,
    appliesExternalIp: true,
    text: `${privateIp.text} <=> ${external.text}`,
    isValid,
    release: () => undefined,
    save: () => ({ kind: "one-to-one", external: external.text, private: privateIp.text }),
  };
}

/** Take a port for the flow of the walk. `undefined` refuses the packet. */
export function describeSnat(walk: Walk, privateIp: IpAddress, snat: Snat): Descriptor | DescribeFailure | undefined {
  const { packet } = walk;
  const isIcmp = packet.ulp === ulp.icmp || packet.ulp === ulp.icmp6;
  const request = packet.ulp === ulp.icmp ? 8 : 128;
  // Only echoes have an id to tell answers by.
  if (isIcmp && (packet.icmpType !== request || packet.icmpCode !== 0)) return undefined;
  const pool = poolOf(packet.protocol);
  if (pool === undefined || packet.ulp === ulp.none) return { failure: `SNAT of IP protocol ${packet.protocol}` };
  const port = snat.pool.allocate(pool);
  if (port === undefined) return { failure: snatExhausted };
  const guestPort = isIcmp ? walk.frame.view.getUint16(packet.ulpAt + 4) : packet.sourcePort;
  return snatDescriptor(privateIp, snat, packet.protocol, guestPort, port);
}

/** The decision for a flow that has `port` of the pool. */
export function snatDescriptor(
  privateIp: IpAddress,
  snat: Snat,
  protocol: number,
  guestPort: number,
  port: number,
): Descriptor {
  const saved: SavedDescriptor = {
    kind: "snat",
    external: snat.address.text,
    private: privateIp.text,
    guestPort,
    port,
    protocol,
  };
  return {
    outbound: snat.outbound,
    inbound: snat.inbound(privateIp),
    outboundPort: port,
    inboundPort: guestPort,
    appliesExternalIp: true,
    text: `${privateIp.text}:${guestPort} <=> ${snat.address.text}:${port}`,
    // A block may be another's by now.
    isValid: () => false,
    release: () => {
      const pool = poolOf(protocol);
      if (pool !== undefined) snat.pool.release(pool, port);
    },
    save: () => saved,
  };
}
