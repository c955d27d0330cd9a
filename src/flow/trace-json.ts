import type { FieldDifference } from "../packet/index.ts";
import { allLayers, describePacket } from "./inner-packet.ts";
import type { Hop } from "./path/hop.ts";

/** A hop as JSON: where, when, what it was, and what changed since the hop before. Bytes are hexadecimal digits. */
export interface HopJson {
  /** Null at a tap. */
  readonly wire: string | null;
  /** `r1:gnv0`; null on a wire. */
  readonly tap: string | null;
  readonly from: string;
  readonly to: string;
  /** Nanoseconds since the epoch, decimal. */
  readonly timestamp: string;
  /** Since the first hop. */
  readonly elapsedMs: number;
  readonly fate: string;
  readonly summary: string;
  readonly layers: readonly unknown[];
  readonly changes: readonly unknown[];
  readonly tunnels: readonly {
    readonly change: "entered" | "left" | "rewritten";
    readonly tunnel: string;
    readonly vni: number;
    readonly changes: readonly unknown[];
  }[];
}

/** Hops as JSON. */
export function hopsToJson(hops: readonly Hop[]): readonly HopJson[] {
  const origin = hops[0]?.seen.timestampNanoseconds ?? 0n;
  return hops.map(({ seen, changes, tunnels }) => ({
    wire: seen.tap === undefined ? seen.wire : null,
    tap: seen.tap ?? null,
    from: seen.from,
    to: seen.to,
    timestamp: String(seen.timestampNanoseconds),
    elapsedMs: Number(seen.timestampNanoseconds - origin) / 1e6,
    fate: seen.fate,
    summary: describePacket(seen.packet),
    layers: allLayers(seen.packet).map(plain),
    changes: changes.map(changeToJson),
    tunnels: tunnels.map(({ change, tunnel, changes: outer }) => ({
      change,
      tunnel: tunnel.layer,
      vni: tunnel.vni,
      changes: outer.map(changeToJson),
    })),
  }));
}

function changeToJson({ layer, field, before, after }: FieldDifference): unknown {
  return { layer, field, before: plain(before), after: plain(after) };
}

function plain(value: unknown): unknown {
  return JSON.parse(
    JSON.stringify(value ?? null, (_key, each: unknown) => {
      if (each instanceof Uint8Array) return Buffer.from(each).toString("hex");
      return typeof each === "bigint" ? String(each) : each;
    }),
  );
}
