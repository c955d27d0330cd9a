import type { Sighting } from "../../../src/flow/sighting.ts";
import {
  build,
  ethernet,
  ipv4,
  ipv6,
  type Layer,
  packet,
  type Packet,
  parse,
  payload,
  udp,
} from "../../../src/packet/index.ts";

/** Link header between two nodes, told by their numbers. */
export function link(from: number, to: number): Layer {
  return ethernet({ src: `02:00:00:00:00:0${from}`, dst: `02:00:00:00:00:0${to}` });
}

/** A datagram between two hosts. */
export function inside(change: { ttl?: number; src?: string; srcPort?: number; text?: string } = {}): readonly Layer[] {
  const { ttl = 64, src = "10.1.0.1", srcPort = 4000, text = "kestrel" } = change;
  return [ipv4({ src, dst: "10.2.0.1", ttl, identification: 7 }), udp({ srcPort, dstPort: 9 }), payload(text)];
}

/** A packet in Geneve (RFC 8926, no options) over IPv6. */
export function geneve(vni: number, inner: Packet, outerHopLimit = 64): Packet {
  const header = Buffer.from([0, 0, 0x65, 0x58, vni >> 16, (vni >> 8) & 0xff, vni & 0xff, 0]);
  return packet(
    link(3, 4),
    ipv6({ src: "fd00::1", dst: "fd00::2", hopLimit: outerHopLimit }),
    udp({ srcPort: 50_000, dstPort: 6081 }),
    payload(Buffer.concat([header, build(inner)])),
  );
}

/** A packet in VXLAN (RFC 7348) over IPv4. */
export function vxlan(vni: number, inner: Packet): Packet {
  const header = Buffer.from([0x08, 0, 0, 0, vni >> 16, (vni >> 8) & 0xff, vni & 0xff, 0]);
  return packet(
    link(3, 4),
    ipv4({ src: "192.0.2.1", dst: "192.0.2.2" }),
    udp({ srcPort: 50_000, dstPort: 4789 }),
    payload(Buffer.concat([header, build(inner)])),
  );
}

/** A frame on a wire from one end to another. */
export function onWire(
  sequence: number,
  from: string,
  to: string,
  of: Packet,
  change: Partial<Sighting> = {},
): Sighting {
  const frame = build(of);
  return {
    sequence,
    wire: `${from}--${to}`,
    direction: "aToB",
    from,
    to,
    timestampNanoseconds: BigInt(sequence) * 1_000_000n,
    fate: "delivered",
    marks: [],
    frame,
    packet: parse(frame),
    ...change,
  };
}

/** A frame that left a node by an interface, or came in by it, as a tap there saw it. */
export function atTap(
  milliseconds: number,
  tap: string,
  direction: "out" | "in",
  of: Packet,
  sequence = milliseconds,
): Sighting {
  const beyond = `(beyond ${tap})`;
  const [from, to] = direction === "out" ? [tap, beyond] : [beyond, tap];
  return onWire(sequence, from, to, of, {
    tap,
    wire: `tap ${tap}`,
    direction: direction === "out" ? "aToB" : "bToA",
    timestampNanoseconds: BigInt(Math.round(milliseconds * 1e6)),
  });
}

/** From h1 over the routers r1 and r2, which tunnel to each other, to h2. */
export function overlayCrossing(): readonly Sighting[] {
  return [
    onWire(1, "h1:net0", "r1:net0", packet(link(1, 2), ...inside())),
    onWire(
      2,
      "r1:net1",
      "r2:net1",
      geneve(1001, packet(link(7, 8), ...inside({ ttl: 63, src: "10.9.0.1", srcPort: 61_000 }))),
    ),
    onWire(3, "r2:net0", "h2:net0", packet(link(5, 6), ...inside({ ttl: 62, src: "10.9.0.1", srcPort: 61_000 }))),
  ];
}
