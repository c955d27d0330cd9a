import { nameHint } from "../error/nearest-name.ts";
import { KestrelError } from "../error/kestrel-error.ts";
import type { DirectionName, EndIndex, WireEnd, WireStatus } from "../wire/protocol.ts";

/** A wire end for people: `h1:net0`, `segment lan`, `nothing`. */
export function endText(end: WireEnd): string {
  if (end === null) return "nothing";
  return "port" in end ? end.port : `segment ${end.segment}`;
}

/**
 * The wire of that name, or the one that is plugged into the port `NODE:PORT`.
 *
 * @throws KestrelError (input) with the nearest name
 */
export function findWire(wires: readonly WireStatus[], name: string): WireStatus {
  const found =
    wires.find((wire) => wire.name === name) ?? wires.find(({ ends }) => ends.some((end) => endText(end) === name));
  if (found !== undefined) return found;
  const ports = wires.flatMap(({ ends }) => ends.flatMap((end) => (end !== null && "port" in end ? [end.port] : [])));
  throw new KestrelError({
    kind: "input",
    step: "find the wire",
    subject: name,
    expected: "the name of a wire, or NODE:PORT at one of its ends",
    found: "neither",
    hint: nameHint(name, [...wires.map((wire) => wire.name), ...ports]),
  });
}

/**
 * Which end of a wire is meant by `a`, `b` or `NODE:PORT`.
 *
 * @throws KestrelError (input)
 */
export function findEnd(wire: WireStatus, end: string): EndIndex {
  if (end === "a" || endText(wire.ends[0]) === end) return 0;
  if (end === "b" || endText(wire.ends[1]) === end) return 1;
  throw new KestrelError({
    kind: "input",
    step: "find the end of the wire",
    subject: wire.name,
    expected: `a (${endText(wire.ends[0])}) or b (${endText(wire.ends[1])})`,
    found: JSON.stringify(end),
  });
}

/** The direction that an end sends into. */
export function directionFrom(end: EndIndex): DirectionName {
  return end === 0 ? "aToB" : "bToA";
}

/** Options that choose a direction; none means both. */
export interface DirectionChoice {
  readonly aToB?: boolean;
  readonly bToA?: boolean;
}

/** The direction that was chosen; undefined for both. */
export function chosenDirection({ aToB, bToA }: DirectionChoice): DirectionName | undefined {
  if (aToB === true) return "aToB";
  return bToA === true ? "bToA" : undefined;
}
