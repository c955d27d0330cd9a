import { codecOf, isProtocol, numberOf, type ProtocolLayer } from "./codecs.ts";
import type { Layer } from "./layers.ts";
import { PacketError } from "./packet-error.ts";

/** The layer's fields that may be left out, as they should be around `body`. */
export function derivedFields(
  layers: readonly Layer[],
  index: number,
  layer: ProtocolLayer,
  body: Buffer,
): Record<string, unknown> {
  const nextNumber = (space: Parameters<typeof numberOf>[0]): number => numberOf(space, layers[index + 1]);
  return { ...codecOf(layer.layer).derive(layer, { layers, index, body, nextNumber }) };
}

/** Index of the layer that does not count the bytes of a padding that does not say: the first not of the link. */
export function paddedLayer(layers: readonly Layer[]): number {
  return Math.max(
    0,
    layers.findIndex(({ layer }) => layer !== "ethernet" && layer !== "vlan" && layer !== "sidecar"),
  );
}

/** A packet laid out as bytes. */
export interface Assembled {
  readonly bytes: Buffer;
  /** With every field. */
  readonly layers: readonly Layer[];
  /** What the fields that may be left out should be, layer by layer, whether they are or not. */
  readonly derived: readonly Readonly<Record<string, unknown>>[];
  /** Where each layer begins. */
  readonly starts: readonly number[];
  /** Where what each layer carries begins. */
  readonly bodies: readonly number[];
  /** Where each layer ends, all that it carries included. */
  readonly ends: readonly number[];
}

/** Lay out `packet`, the base of building and of all that looks at a built packet. Throws {@link PacketError}. */
export function assemble(packet: readonly Layer[]): Assembled {
  refuse([...packet.flatMap((layer, i) => named(i, layer, faultsOf(layer))), ...misplacedPadding(packet)]);
  const parts = packet.map((layer) => (isProtocol(layer) ? codecOf(layer.layer).encode(layer) : layer.data));
  const starts: number[] = [];
  const bodies: number[] = [];
  let length = 0;
  for (const part of parts) {
    starts.push(length);
    length += part.length;
    bodies.push(length);
  }
  const ends = endsOf(packet, length);
  const bytes = Buffer.concat(parts);
  const layers = [...packet];
  const derived: Record<string, unknown>[] = packet.map(() => ({}));
  const faults: string[] = [];
  for (let i = packet.length - 1; i >= 0; i--) {
    const layer = packet[i];
    if (layer === undefined || !isProtocol(layer)) continue;
    const body = bytes.subarray(bodies[i], ends[i]);
    const fields = derivedFields(packet, i, layer, body);
    derived[i] = fields;
    const whole = { ...fields, ...layer };
    layers[i] = whole;
    const wrong = faultsOf(whole);
    faults.unshift(...named(i, whole, wrong));
    if (wrong.length === 0) codecOf(whole.layer).encode(whole).copy(bytes, starts[i]);
  }
  refuse(faults);
  return { bytes, layers, derived, starts, bodies, ends };
}

/** The layers of an assembled packet with every field, in the order of the wire. */
export function completedLayers({ bytes, layers, starts, ends }: Assembled): readonly Layer[] {
  return layers.map((layer, i) => {
    if (!isProtocol(layer)) return layer;
    const decoded = codecOf(layer.layer).decode(bytes.subarray(starts[i], ends[i]));
    return typeof decoded === "string" ? layer : decoded.layer;
  });
}

function endsOf(packet: readonly Layer[], length: number): number[] {
  const ends = packet.map(() => length);
  const standard = paddedLayer(packet);
  for (const layer of packet) {
    if (layer.layer !== "padding") continue;
    for (let i = layer.outside ?? standard; i < ends.length; i++) ends[i] = (ends[i] ?? 0) - layer.data.length;
  }
  return ends;
}

function faultsOf(layer: Layer): readonly string[] {
  return isProtocol(layer) ? codecOf(layer.layer).faults(layer) : [];
}

function misplacedPadding(packet: readonly Layer[]): string[] {
  const first = packet.findIndex(({ layer }) => layer === "padding");
  const followed = first >= 0 && packet.slice(first).some(({ layer }) => layer !== "padding");
  return followed ? [`layer ${first} (padding): expected only at the end of the packet`] : [];
}

function named(index: number, { layer }: Layer, faults: readonly string[]): string[] {
  return faults.map((fault) => `layer ${index} (${layer}): ${fault}`);
}

function refuse(faults: readonly string[]): void {
  if (faults.length > 0) throw new PacketError("build packet", faults);
}
