import { describe, type Layer, Packet, parse } from "../packet/index.ts";

/** The header of a tunnel that carries whole packets inside of UDP: Geneve (RFC 8926) or VXLAN (RFC 7348). */
export interface TunnelLayer {
  readonly layer: TunnelName;
  /** Virtual network identifier. */
  readonly vni: number;
}

/** Tunnels that are looked into. */
export type TunnelName = "geneve" | "vxlan";

/** A layer of a packet, those inside of tunnels included. */
export type AnyLayer = Layer | TunnelLayer;

/** A packet taken apart at its outermost tunnel. */
export interface Tunnelled {
  /** Up to the tunnel's header. */
  readonly outer: Packet;
  readonly tunnel: TunnelLayer;
  readonly inner: Packet;
  /** The parser of packets knows the tunnel: its layer is one of the packet's, and so are those inside. */
  readonly isParsed: boolean;
}

/** UDP destination port of VXLAN, which the parser of packets leaves as payload. */
const vxlanPort = 4789;
const tunnelTitles: Readonly<Record<TunnelName, string>> = { geneve: "Geneve", vxlan: "VXLAN" };

const vxlanHeaderBytes = 8;

const known = new WeakMap<Packet, Tunnelled | null>();

/** Take a packet apart at its outermost tunnel; undefined when it is in none. */
export function unwrap(packet: Packet): Tunnelled | undefined {
  let found = known.get(packet);
  if (found === undefined) {
    found = unwrapParsed(packet) ?? unwrapPayload(packet) ?? null;
    known.set(packet, found);
  }
  return found ?? undefined;
}

/** The packet without the tunnels around it. */
export function innermost(packet: Packet): Packet {
  const tunnelled = unwrap(packet);
  return tunnelled === undefined ? packet : innermost(tunnelled.inner);
}

/** All layers, those inside of tunnels included, the outermost first. */
export function allLayers(packet: Packet): readonly AnyLayer[] {
  const tunnelled = unwrap(packet);
  if (tunnelled === undefined) return packet.layers;
  return [...tunnelled.outer.layers, tunnelled.tunnel, ...allLayers(tunnelled.inner)];
}

/** `Geneve VNI 1001`. */
export function describeTunnel({ layer, vni }: TunnelLayer): string {
  return `${tunnelTitles[layer]} VNI ${vni}`;
}

/** One line as a person reads it in a list of packets, tunnels included. */
export function describePacket(packet: Packet): string {
  const tunnelled = unwrap(packet);
  if (tunnelled === undefined) return describe(packet);
  const { outer, tunnel, inner, isParsed } = tunnelled;
  const header = isParsed ? describe(new Packet([tunnel as unknown as Layer])) : describeTunnel(tunnel);
  // Without what is inside, no checksum of the outer headers is right.
  return `${describe(outer).replaceAll(" [wrong checksum]", "")} ${header} | ${describePacket(inner)}`;
}

/** Where the parser looks into the tunnel itself. */
function unwrapParsed(packet: Packet): Tunnelled | undefined {
  const at = tunnelIndex(packet);
  const tunnel: AnyLayer | undefined = packet.layers[at];
  if (tunnel === undefined) return undefined;
  return {
    outer: new Packet(packet.layers.slice(0, at)),
    tunnel: tunnel as unknown as TunnelLayer,
    inner: new Packet(packet.layers.slice(at + 1)),
    isParsed: true,
  };
}

function tunnelIndex({ layers }: { readonly layers: readonly AnyLayer[] }): number {
  return layers.findIndex(({ layer }) => layer === "geneve" || layer === "vxlan");
}

function unwrapPayload({ layers }: Packet): Tunnelled | undefined {
  const at = layers.findIndex(({ layer }) => layer === "udp");
  const [header, body] = [layers[at], layers[at + 1]];
  if (header?.layer !== "udp" || header.dstPort !== vxlanPort || body?.layer !== "payload") return undefined;
  const found = readVxlan(Buffer.from(body.data.buffer, body.data.byteOffset, body.data.length));
  return found === undefined ? undefined : { outer: new Packet(layers.slice(0, at + 1)), ...found, isParsed: false };
}

type Inside = Pick<Tunnelled, "tunnel" | "inner">;

/** RFC 7348 section 5: flags with bit I set, VNI in bytes 4 to 6, then an Ethernet frame. */
function readVxlan(data: Buffer): Inside | undefined {
  if (data.length < vxlanHeaderBytes || (data.readUInt8(0) & 0x08) === 0) return undefined;
  return {
    tunnel: { layer: "vxlan", vni: data.readUIntBE(4, 3) },
    inner: parse(data.subarray(vxlanHeaderBytes), "ethernet"),
  };
}
