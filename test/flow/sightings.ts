import type { Sighting } from "../../src/flow/sighting.ts";
import { build, type Packet, parse } from "../../src/packet/index.ts";
import { datagram, firstWire, secondWire } from "./routed-bed.ts";

/** A sighting of a datagram from h1 to h2: on the first wire, or behind the router. */
export function sightingOf(
  change: Partial<Sighting> & {
    port?: number;
    hopLimit?: number;
    behindRouter?: boolean;
    of?: Packet;
    bytes?: Buffer;
  } = {},
): Sighting {
  const { port, hopLimit, behindRouter = false, of, bytes, ...rest } = change;
  const sent =
    of ??
    datagram({
      onSecondWire: behindRouter,
      ...(port === undefined ? {} : { port }),
      ...(hopLimit === undefined ? {} : { hopLimit }),
    });
  const frame = bytes ?? build(sent);
  return {
    sequence: 0,
    wire: behindRouter ? secondWire : firstWire,
    from: behindRouter ? "r1:net1" : "h1:net0",
    to: behindRouter ? "h2:net0" : "r1:net0",
    direction: "aToB",
    timestampNanoseconds: 1_000_000_000n,
    fate: "delivered",
    marks: [],
    frame,
    packet: parse(frame),
    ...rest,
  };
}
