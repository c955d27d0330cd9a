import { assemble } from "./assemble.ts";
import { isProtocol } from "./codecs.ts";
import type { Layer, Packet, ProtocolName } from "./layers.ts";

/** A checksum that is not what its packet asks for. */
export interface ChecksumFault {
  readonly layer: ProtocolName;
  /** The layer's place in the packet. */
  readonly index: number;
  readonly found: number;
  readonly expected: number;
}

/**
 * Every wrong checksum of a packet, the outermost first. A UDP checksum of zero says that there is none and is not
 * wrong; those of fragments and of frames that were cut cannot be known and are not judged. Throws `PacketError` as
 * building does.
 */
export function verifyChecksums(packet: Packet): readonly ChecksumFault[] {
  const { layers } = packet;
  // One that is left out is right by definition.
  if (!layers.some((layer) => "checksum" in layer)) return [];
  const { bytes, derived } = assemble(layers);
  return layers.flatMap((layer, index) => {
    const expected = derived[index]?.["checksum"];
    if (!isProtocol(layer) || !("checksum" in layer) || typeof expected !== "number") return [];
    const { checksum: found } = layer;
    if (isSame(found, expected) || !isWhole(layers, index, bytes.length)) return [];
    if (layer.layer === "udp" && found === 0) return [];
    return [{ layer: layer.layer, index, found, expected }];
  });
}

/** Whether all that the checksum of the layer covers is there. */
function isWhole(layers: readonly Layer[], index: number, room: number): boolean {
  const layer = layers[index];
  if (layer?.layer === "ipv4") return true;
  if (layer?.layer === "udp" && layer.length !== undefined && layer.length > room) return false;
  for (const below of layers.slice(0, index).reverse()) {
    if (below.layer === "fragment" && (below.moreFragments || below.fragmentOffset > 0)) return false;
    if (below.layer === "ipv6") return below.payloadLength === undefined || below.payloadLength === 0;
    if (below.layer === "ipv4") {
      return !below.moreFragments && below.fragmentOffset === 0 && below.totalLength === undefined;
    }
  }
  return true;
}

/** Zero is written in two ways in one's complement. */
function isSame(found: number, expected: number): boolean {
  return found === expected || (found + expected === 0xffff && (found === 0 || expected === 0));
}
