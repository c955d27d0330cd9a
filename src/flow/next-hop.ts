import { KestrelError } from "../error/kestrel-error.ts";
import { ethernet, type Layer } from "../packet/index.ts";
import type { FlowPort } from "./flow-port.ts";
import { findPort, type Wiring } from "./wiring.ts";

/**
 * The link header of frames that leave a port for the one at the other end of its wire.
 *
 * @param via - the port they are for instead
 * @throws KestrelError (input) when the wire leads to a segment, where several ports may be meant
 */
export function linkToNextHop(from: FlowPort, wiring: Wiring, via?: string): Layer {
  const { wire, direction } = wiring.wireOfPort(from.name);
  const nextHop = via ?? wiring.way(wire, direction).to;
  if (nextHop.includes(":")) return ethernet({ src: from.mac, dst: findPort(from.bed.plan, nextHop).mac });
  throw new KestrelError({
    kind: "input",
    step: "find the next hop",
    subject: from.name,
    expected: "a port at the other end of its wire, whose MAC the frames are sent to",
    found: nextHop,
    hint: "name the port that is the next hop, such as r1:net0",
  });
}
