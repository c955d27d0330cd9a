import { copied } from "./body.ts";
import { derivedFields, paddedLayer } from "./assemble.ts";
import type { Decoded, Next, Space } from "./codec.ts";
import { codecOf, isProtocol, type ProtocolLayer, protocolOf } from "./codecs.ts";
import { type Layer, Packet, type ProtocolName } from "./layers.ts";
import type { Padding } from "./payload.ts";

/** Deeper nesting is not a packet but an attack on who reads it. */
const maxLayers = 64;

/**
 * The packet that `bytes` hold, the outermost layer being `first`. Never throws and loses no byte: what cannot be read
 * becomes payload, or a `malformed` layer that says why, and building the result gives `bytes` again.
 *
 * The result shares no memory with `bytes`.
 */
export function parse(bytes: Uint8Array, first: ProtocolName = "ethernet"): Packet {
  const frame = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const layers: Layer[] = [];
  const bodies: Buffer[] = [];
  const beyond: { outside: number; bytes: Buffer }[] = [];
  let left = frame;
  let found: Found | undefined = { name: first, decoded: codecOf(first).decode(frame) };
  while (found !== undefined && left.length > 0) {
    const { name, decoded }: Found = found;
    if (typeof decoded === "string") {
      layers.push({ layer: "malformed", expected: name, reason: decoded, data: copied(left) });
      left = left.subarray(left.length);
      break;
    }
    const end = decoded.end ?? left.length;
    if (end < left.length) beyond.push({ outside: layers.length, bytes: left.subarray(end) });
    left = left.subarray(decoded.headerLength, end);
    layers.push(decoded.layer);
    bodies.push(left);
    found = left.length === 0 ? undefined : findNext(decoded.next ?? [], left, layers.length);
  }
  if (left.length > 0) layers.push({ layer: "payload", data: copied(left) });
  const standard = paddedLayer(layers);
  for (const { outside, bytes: extra } of beyond.reverse()) {
    const trailer: Padding = { layer: "padding", data: copied(extra) };
    layers.push(outside === standard ? trailer : { ...trailer, outside });
  }
  for (let i = bodies.length - 1; i >= 0; i--) leaveOutDerived(layers, i, bodies[i] ?? frame);
  return new Packet(layers);
}

interface Found {
  readonly name: ProtocolName;
  readonly decoded: Decoded<ProtocolLayer> | string;
}

/** What `bytes` are by the first of the numbers that is right. */
function findNext(candidates: readonly Next[], bytes: Buffer, depth: number): Found | undefined {
  for (const candidate of candidates) {
    const name = protocolOf(candidate);
    if (name === undefined) continue;
    const decoded = depth < maxLayers ? codecOf(name).decode(bytes) : `more than ${maxLayers} layers`;
    // A port number only suggests a protocol: bytes that are not of it are no fault.
    if (typeof decoded === "string" && suggesting.has(candidate.space)) continue;
    return { name, decoded };
  }
  return undefined;
}

const suggesting: ReadonlySet<Space> = new Set<Space>(["udpPort", "udpSourcePort", "tcpPort", "tcpSourcePort"]);

function leaveOutDerived(layers: Layer[], index: number, body: Buffer): void {
  const layer = layers[index];
  if (layer === undefined || !isProtocol(layer)) return;
  const derived = new Map(Object.entries(derivedFields(layers, index, layer, body)));
  const kept = Object.entries(layer).filter(([key, value]) => !derived.has(key) || derived.get(key) !== value);
  layers[index] = Object.fromEntries(kept) as unknown as Layer;
}
