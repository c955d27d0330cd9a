import { codecOf, isProtocol } from "./codecs.ts";
import type { Layer, Packet } from "./layers.ts";
import { PacketError } from "./packet-error.ts";
import { printable } from "./printable.ts";
import { verifyChecksums } from "./verify-checksums.ts";

/**
 * One line as a person reads it in a list of packets:
 * "IPv6 fd00:1::1 > fd00:2::1 hlim 63 ICMPv6 echo request id 7 seq 1 (56 bytes)", the bytes being those of the payload.
 * Link addresses are left out where there is more to say. Never throws.
 */
export function describe(packet: Packet): string {
  const { layers } = packet;
  const wrong = new Set(wrongChecksums(packet));
  const words = layers.flatMap((layer, index) => {
    if (layer.layer === "padding") return [];
    if (layer.layer === "payload") return [`(${layer.data.length} bytes)`];
    if (layer.layer === "malformed") return [malformed(layer)];
    // The outermost link header is the same for all packets of a wire.
    if (index === 0 && layer.layer === "ethernet" && saysMore(layers)) return [];
    const text = codecOf(layer.layer).describe(layer);
    return [wrong.has(index) ? `${text} [wrong checksum]` : text];
  });
  return words.length === 0 ? "nothing" : printable(words.join(" "));
}

function malformed(layer: Extract<Layer, { layer: "malformed" }>): string {
  return `malformed ${codecOf(layer.expected).title}: ${layer.reason} (${layer.data.length} bytes)`;
}

function saysMore([, second]: readonly Layer[]): boolean {
  return second !== undefined && isProtocol(second);
}

function wrongChecksums(packet: Packet): number[] {
  try {
    return verifyChecksums(packet).map(({ index }) => index);
  } catch (error) {
    // A packet that cannot be built has no checksums, but can still be talked about.
    if (error instanceof PacketError) return [];
    throw error;
  }
}
