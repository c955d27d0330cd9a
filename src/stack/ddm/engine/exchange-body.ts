import type { ExchangeVersion } from "./exchange-schema.ts";
import type { Path } from "./path.ts";
import { isTunnelKey, type RouteKey, tunnelOfKey } from "./route-key.ts";
import type { Update, Vector } from "./update.ts";

/** How the receiver of a body likes it. */
export interface BodyStyle {
  readonly version: ExchangeVersion;
  /** Tunnel origins may have a path. */
  readonly tunnelPaths: boolean;
}

/** The JSON text of one vector. */
export function vectorText({ key, path }: Vector, style: BodyStyle): string {
  return JSON.stringify(isTunnelKey(key) ? tunnelJson(key, path, style) : underlayJson(key, path, style));
}

/** The body of a push. */
export function updateBody(update: Update, style: BodyStyle): string {
  const announce = split(update.announce, style);
  const withdraw = split(update.withdraw, style);
  const part = (kind: "underlay" | "tunnel"): string =>
    announce[kind].length + withdraw[kind].length === 0
      ? "null"
      : `{"announce":[${announce[kind].join(",")}],"withdraw":[${withdraw[kind].join(",")}]}`;
  return `{"underlay":${part("underlay")},"tunnel":${part("tunnel")}}`;
}

/** The bytes of a push without any vector, and those that each vector takes beside its own text. */
export const updateOverhead = {
  body: '{"underlay":{"announce":[],"withdraw":[]},"tunnel":{"announce":[],"withdraw":[]}}'.length,
  vector: ",".length,
} as const;

/** The body of the answer to a pull. */
export function pullResponseBody(vectors: readonly Vector[], style: BodyStyle): string {
  const { underlay, tunnel } = split(vectors, style);
  const part = (texts: readonly string[]): string => (texts.length === 0 ? "null" : `[${texts.join(",")}]`);
  return `{"underlay":${part(underlay)},"tunnel":${part(tunnel)}}`;
}

function split(vectors: readonly Vector[], style: BodyStyle): Record<"underlay" | "tunnel", string[]> {
  const parts: Record<"underlay" | "tunnel", string[]> = { underlay: [], tunnel: [] };
  for (const vector of vectors) {
    parts[isTunnelKey(vector.key) ? "tunnel" : "underlay"].push(vectorText(vector, style));
  }
  return parts;
}

function underlayJson(key: RouteKey, path: Path, { version }: BodyStyle): object {
  return { destination: version === 2 ? addressAndLength(key) : key, path: path.routers };
}

function tunnelJson(key: RouteKey, path: Path, { version, tunnelPaths }: BodyStyle): object {
  const { overlayPrefix, boundaryAddress, vni, metric } = tunnelOfKey(key);
  const family = overlayPrefix.includes(":") ? "V6" : "V4";
  return {
    overlay_prefix: version === 2 ? { [family]: addressAndLength(overlayPrefix) } : overlayPrefix,
    boundary_addr: boundaryAddress,
    vni,
    metric,
    ...(tunnelPaths ? { path: path.routers } : {}),
  };
}

function addressAndLength(prefix: string): { addr: string; len: number } {
  const [addr = "", len] = prefix.split("/");
  return { addr, len: Number(len) };
}
