import type { DirectionSettings } from "../../topology/index.ts";
import { type DirectionName, directionNames } from "../../wire/index.ts";
import type { Impairment, WireFault } from "./fault.ts";

/** What a wire does to frames: carrier, and the settings of both directions. */
export interface WireCondition extends Readonly<Record<DirectionName, DirectionSettings>> {
  readonly up: boolean;
}

/** One call to the panel. */
export type WireCall =
  | { readonly type: "up" | "down"; readonly wire: string }
  | {
      readonly type: "set";
      readonly wire: string;
      readonly direction: DirectionName;
      readonly settings: Partial<DirectionSettings>;
    };

/** How a wire is, and how its faults change. */
export interface WireChange {
  readonly wire: string;
  /** As it was before its first fault. */
  readonly base: WireCondition;
  /** As it is. */
  readonly current: WireCondition;
  /** Its faults until now, and from now on. */
  readonly before: readonly WireFault[];
  readonly after: readonly WireFault[];
}

/** A wire with all these faults at once, in the order in which they began: the union of their effects. */
export function brokenCondition(base: WireCondition, faults: readonly WireFault[]): WireCondition {
  const settings = (direction: DirectionName): DirectionSettings =>
    faults.filter((fault) => concerns(fault, direction)).reduce(worsened, base[direction]);
  return {
    up: base.up && !faults.some(({ kind }) => kind === "down"),
    aToB: settings("aToB"),
    bToA: settings("bToA"),
  };
}

/**
 * What brings a wire from the faults before to the faults after. Only what these faults are about is touched: what the flow
 * itself has changed meanwhile stays.
 */
export function wireCalls({ wire, base, current, before, after }: WireChange): readonly WireCall[] {
  const wanted = brokenCondition(base, after);
  const faults = [...before, ...after];
  const calls = directionNames.flatMap((direction): WireCall[] => {
    const settings = Object.fromEntries(
      [...touchedSettings(faults, direction)]
        .filter((name) => wanted[direction][name] !== current[direction][name])
        .map((name) => [name, wanted[direction][name]]),
    );
    return Object.keys(settings).length === 0 ? [] : [{ type: "set", wire, direction, settings }];
  });
  const carrier = faults.some(({ kind }) => kind === "down") && wanted.up !== current.up;
  return carrier ? [...calls, { type: wanted.up ? "up" : "down", wire }] : calls;
}

function concerns(fault: WireFault, direction: DirectionName): boolean {
  return fault.kind !== "down" && (fault.direction ?? direction) === direction;
}

function touchedSettings(faults: readonly WireFault[], direction: DirectionName): ReadonlySet<keyof DirectionSettings> {
  const names = faults
    .filter((fault) => concerns(fault, direction))
    .flatMap((fault) =>
      fault.kind === "impaired" ? (Object.keys(fault.settings) as (keyof Impairment)[]) : ["cut" as const],
    );
  return new Set(names);
}

function worsened(settings: DirectionSettings, fault: WireFault): DirectionSettings {
  if (fault.kind === "down") return settings;
  if (fault.kind === "cut") return { ...settings, cut: true };
  const { settings: more } = fault;
  return {
    cut: settings.cut,
    queueBytes: Math.min(settings.queueBytes, more.queueBytes ?? Number.POSITIVE_INFINITY),
    delayMicroseconds: settings.delayMicroseconds + (more.delayMicroseconds ?? 0),
    jitterMicroseconds: settings.jitterMicroseconds + (more.jitterMicroseconds ?? 0),
    loss: eitherOf(settings.loss, more.loss),
    duplicate: eitherOf(settings.duplicate, more.duplicate),
    reorder: eitherOf(settings.reorder, more.reorder),
    corrupt: eitherOf(settings.corrupt, more.corrupt),
    rateBitsPerSecond: narrower(settings.rateBitsPerSecond, more.rateBitsPerSecond),
    mtuBytes: narrower(settings.mtuBytes, more.mtuBytes),
  };
}

/** The probability that at least one of two independent things happens. */
function eitherOf(one: number, other = 0): number {
  // Exactly what was asked for where there is nothing to combine it with.
  if (one === 0) return other;
  return other === 0 ? one : 1 - (1 - one) * (1 - other);
}

/** The smaller of two limits, of which `null` is none. */
function narrower(one: number | null, other: number | null = null): number | null {
  if (one === null) return other;
  return other === null ? one : Math.min(one, other);
}
