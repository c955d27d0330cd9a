import { complete, type LayerName, type Layers, type Packet, PacketError } from "../packet/index.ts";
import type { Fate } from "../wire/index.ts";
import { allLayers, type AnyLayer, innermost, type TunnelLayer, type TunnelName, unwrap } from "./inner-packet.ts";
import type { Sighting } from "./sighting.ts";

/**
 * What a field must be: the value itself, a partial object, a regular expression for a text, or a function that says
 * whether a value will do.
 */
export type FieldPattern<Value> =
  | Value
  | ((value: Value) => boolean)
  | (Value extends string ? RegExp : never)
  | (Value extends Uint8Array | readonly unknown[]
      ? never
      : Value extends object
        ? { readonly [Name in keyof Value]?: FieldPattern<Value[Name]> }
        : never);

/** Fields of one layer that are asked for; those left out may be anything. */
export type LayerPattern<Name extends LayerName | TunnelName> = FieldsOf<
  Name extends LayerName ? Layers[Name] : TunnelLayer
>;

/** Distributes over the shapes of a layer that has several, such as the messages of ICMPv6. */
type FieldsOf<Shape> = Shape extends unknown
  ? { readonly [Field in Exclude<keyof Shape, "layer">]?: FieldPattern<NonNullable<Shape[Field]>> }
  : never;

/**
 * A frame described by some of its layers and fields, for instance
 * `{ from: "h1:net0", ipv6: { dst: "fd00:2::2", hopLimit: 64 }, icmpv6: {} }`.
 *
 * A layer that is named must be there (`{}` asks for no more), `false` says that it must not be. A list of patterns is for
 * layers of the same name, outermost first. A frame that the wire did not deliver matches only a pattern that asks for its
 * fate.
 */
export type PacketPattern = LayersPattern & {
  /** The end that sent it: `h1:net0`. */
  readonly from?: string;
  /** The end that it leads to: a port, a segment; of a tap, its interface for what the node receives. */
  readonly to?: string;
  /** What became of it; `delivered` unless given. */
  readonly fate?: Fate | "any";
  /** What the packet inside of the tunnels must be; the packet itself where there are none. */
  readonly inner?: LayersPattern;
};

/** The part of a pattern that is about layers; those inside of Geneve and VXLAN follow the tunnel's. */
export type LayersPattern = {
  readonly [Name in LayerName | TunnelName]?: LayerPattern<Name> | readonly LayerPattern<Name>[] | false;
};

/** A described frame, or a function that says whether a frame is the one. */
export type FramePattern = PacketPattern | ((seen: Sighting) => boolean);

/** What one part of a pattern came to. */
export interface FieldVerdict {
  /** `from`, `ipv6.hopLimit`, `icmpv6`, … */
  readonly field: string;
  readonly matches: boolean;
  readonly expected: unknown;
  /** Undefined where there is no such field or layer. */
  readonly found: unknown;
}

/** Compare a sighting with a pattern, part by part; the sighting matches when every verdict does. */
export function compareWithPattern(pattern: FramePattern, seen: Sighting): readonly FieldVerdict[] {
  if (typeof pattern === "function") {
    return [{ field: pattern.name || "predicate", matches: pattern(seen), expected: true, found: false }];
  }
  const { from, to, fate = "delivered", inner, ...layers } = pattern;
  const verdicts: FieldVerdict[] = [];
  if (from !== undefined)
    verdicts.push({ field: "from", matches: seen.from === from, expected: from, found: seen.from });
  if (to !== undefined) verdicts.push({ field: "to", matches: seen.to === to, expected: to, found: seen.to });
  if (fate !== "any") verdicts.push({ field: "fate", matches: seen.fate === fate, expected: fate, found: seen.fate });
  verdicts.push(...comparePacket(layers, seen.packet));
  if (inner !== undefined) {
    const found = comparePacket(inner, innermost(seen.packet));
    verdicts.push(...found.map((verdict) => ({ ...verdict, field: `inner ${verdict.field}` })));
  }
  return verdicts;
}

function comparePacket(pattern: LayersPattern, packet: Packet): FieldVerdict[] {
  return (Object.entries(pattern) as [string, object | false | undefined][]).flatMap(([name, asked]) =>
    asked === undefined ? [] : compareLayers(name, asked, packet),
  );
}

/** Whether all verdicts agree. */
export function allMatch(verdicts: readonly FieldVerdict[]): boolean {
  return verdicts.every(({ matches }) => matches);
}

function compareLayers(name: string, asked: object | false, packet: Packet): FieldVerdict[] {
  const found = layersNamed(name, allLayers(packet));
  if (asked === false) {
    return [{ field: name, matches: found.length === 0, expected: "none", found: found.length === 0 ? "none" : name }];
  }
  const patterns = (Array.isArray(asked) ? asked : [asked]) as Fields[];
  return patterns.flatMap((pattern, index) => {
    const field = patterns.length === 1 ? name : `${name}[${index}]`;
    const layer = found[index];
    if (layer === undefined) return [{ field, matches: false, expected: "present", found: undefined }];
    const fields = Object.entries(pattern).filter(([, value]) => value !== undefined);
    if (fields.length === 0) return [{ field, matches: true, expected: "present", found: "present" }];
    return fields.map(([key, expected]) => {
      // A field that could be derived is left out of a parsed packet where it is right.
      const value = key in layer ? layer[key] : layersNamed(name, completeLayers(packet))[index]?.[key];
      return { field: `${field}.${key}`, matches: valueMatches(expected, value), expected, found: value };
    });
  });
}

type Fields = Readonly<Record<string, unknown>>;

function layersNamed(name: string, layers: readonly AnyLayer[]): readonly Fields[] {
  return layers.filter(({ layer }) => layer === name) as unknown as readonly Fields[];
}

/** All layers with the fields that building fills in; as they were parsed where a packet cannot be built. */
export function completeLayers(packet: Packet): readonly AnyLayer[] {
  const tunnelled = unwrap(packet);
  const { layers } = completePacket(packet);
  if (tunnelled === undefined) return layers;
  const { outer, tunnel, inner, isParsed } = tunnelled;
  const begin = outer.layers.length;
  const headers = isParsed ? layers.slice(0, begin + 1) : [...layers.slice(0, begin), tunnel];
  return [...headers, ...completeLayers(inner)];
}

function completePacket(packet: Packet): Packet {
  try {
    return complete(packet);
  } catch (error) {
    if (error instanceof PacketError) return packet;
    throw error;
  }
}

function valueMatches(expected: unknown, found: unknown): boolean {
  if (typeof expected === "function") return found !== undefined && (expected as (value: unknown) => boolean)(found);
  if (expected instanceof RegExp) return typeof found === "string" && expected.test(found);
  if (Object.is(expected, found)) return true;
  if (expected === null || found === null || typeof expected !== "object" || typeof found !== "object") return false;
  if (expected instanceof Uint8Array) return found instanceof Uint8Array && Buffer.compare(expected, found) === 0;
  if (Array.isArray(expected)) {
    return (
      Array.isArray(found) &&
      found.length === expected.length &&
      expected.every((item, index) => valueMatches(item, found[index]))
    );
  }
  return Object.entries(expected).every(([key, value]) => valueMatches(value, (found as Fields)[key]));
}
