import type { AwaitedFact } from "../model/demo.ts";
import { frameRate, type WireView } from "../model/wire.ts";

/** The wire carries at least so many frames a second. */
export function carries(wire: string, atLeast: number): AwaitedFact {
  return {
    text: `${wire} carries at least ${atLeast} frames a second`,
    holds: ({ wires }) => (wireRate(wires.get(wire)) ?? 0) >= atLeast,
  };
}

/** The wire carries nothing. */
export function carriesNothing(wire: string): AwaitedFact {
  return { text: `${wire} carries nothing`, holds: ({ wires }) => wireRate(wires.get(wire)) === 0 };
}

/** Each of the wires carries at least so many frames a second; `what` says who they are. */
export function allCarry(what: string, wires: readonly string[], atLeast: number): AwaitedFact {
  return {
    text: `${what} carry at least ${atLeast} frames a second each`,
    holds: (bed) => wires.every((wire) => carries(wire, atLeast).holds(bed)),
  };
}

function wireRate(wire: WireView | undefined): number | undefined {
  return wire === undefined ? undefined : frameRate(wire);
}
