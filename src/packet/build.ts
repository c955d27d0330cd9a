import { assemble, completedLayers } from "./assemble.ts";
import { Packet } from "./layers.ts";

/**
 * The bytes of a packet. Fields that are left out (lengths, checksums, numbers of next layers) become what they should
 * be; those that are given are sent as they are, right or wrong. Throws `PacketError` with every value that has no
 * place in its field.
 */
export function build(packet: Packet): Buffer {
  return assemble(packet.layers).bytes;
}

/** The packet with every field, also those that {@link build} fills in, as they are on the wire. Throws as it does. */
export function complete(packet: Packet): Packet {
  return new Packet(completedLayers(assemble(packet.layers)));
}
