import { parsePrefix, prefixContains } from "../../../packet/index.ts";
import { isTunnelKey, type RouteKey, tunnelOfKey } from "./route-key.ts";

/** A server originates and imports; a transit router passes on too (section 1.1). */
export type RouterKind = "server" | "transit";

/** Where a prefix belongs, which decides who may hear of it (docs/ddm.md, "Racks"). */
export type Scope =
  /** A sled's self-assigned prefix, fdb0::/16: stays inside the rack. */
  | "bootstrap"
  /** The summary of the own rack: is told to other racks, by nobody else. */
  | "summary"
  /** A part of the own rack: other racks see the summary instead. */
  | "rack"
  /** A prefix of the whole site, such as those of service discovery: goes everywhere. */
  | "site"
  /** Anything else: passes from rack to rack, but does not leave its own. */
  | "foreign"
  /** A tunnel origin. */
  | "tunnel";

/** What decides about scopes; without a rack prefix there are no racks to keep apart, and everything is of the site. */
export interface PolicySettings {
  readonly kind: RouterKind;
  /** The /56 of this router's rack. */
  readonly rackPrefix?: string | undefined;
  /** Prefixes whose parts are known site-wide. */
  readonly sitePrefixes: readonly string[];
  /** Tunnel origins and the prefixes of their endpoints leave the rack too. */
  readonly boundaryAcrossRacks: boolean;
}

/** Who told a router of a prefix. */
export type RouteSource = "self" | RouterKind;

/** Where the prefixes are that sleds give themselves before anybody has given them one (RFD 63). */
export const bootstrapBlock = parsePrefix("fdb0::/16");

/** Which routes may come in and go out. Only transit routers filter: a server has one rack and passes nothing on. */
export class Policy {
  readonly #settings: PolicySettings;
  readonly #rack: ReturnType<typeof parsePrefix> | undefined;
  readonly #site: readonly ReturnType<typeof parsePrefix>[];
  /** The prefixes that endpoints of this router's own tunnel origins lie in are parts of the rack that may leave it. */
  readonly #endpoints = new Map<RouteKey, string>();

  constructor(settings: PolicySettings) {
    this.#settings = settings;
    this.#rack = settings.rackPrefix === undefined ? undefined : parsePrefix(settings.rackPrefix);
    this.#site = settings.sitePrefixes.map(parsePrefix);
  }

  scope(key: RouteKey): Scope {
    if (isTunnelKey(key)) return "tunnel";
    const prefix = parsePrefix(key);
    if (prefix.length >= 16 && prefixContains(bootstrapBlock, prefix.address)) return "bootstrap";
    if (this.#rack === undefined) return "site";
    if (prefix.length >= this.#rack.length && prefixContains(this.#rack, prefix.address)) {
      return prefix.length === this.#rack.length ? "summary" : "rack";
    }
    const ofSite = this.#site.some((site) => prefix.length >= site.length && prefixContains(site, prefix.address));
    return ofSite ? "site" : "foreign";
  }

  /** Whether what a peer tells is taken. */
  mayImport(scope: Scope, from: RouterKind): boolean {
    if (this.#settings.kind === "server") return true;
    // A detour through another rack to a part of the own one would come straight back.
    if (from === "transit") return scope !== "bootstrap" && scope !== "rack" && scope !== "summary";
    return scope !== "summary";
  }

  /** Whether a peer is told. */
  mayExport(key: RouteKey, scope: Scope, source: RouteSource, to: RouterKind): boolean {
    if (this.#settings.kind === "server") return source === "self";
    if (to === "server") return scope !== "summary";
    switch (scope) {
      case "bootstrap":
        return false;
      case "summary":
        return source === "self";
      case "rack":
        return source === "self" && this.#settings.boundaryAcrossRacks && this.#holdsEndpoint(key);
      case "site":
        return true;
      case "foreign":
        return source === "transit";
      case "tunnel":
        return this.#rack === undefined || this.#settings.boundaryAcrossRacks;
    }
  }

  /** An own tunnel origin came or went: the prefix of its endpoint may now be exported differently. */
  ownTunnel(key: RouteKey, present: boolean): void {
    if (present) this.#endpoints.set(key, tunnelOfKey(key).boundaryAddress);
    else this.#endpoints.delete(key);
  }

  #holdsEndpoint(key: RouteKey): boolean {
    const prefix = parsePrefix(key);
    return Array.from(this.#endpoints.values()).some((address) => prefixContains(prefix, address));
  }
}
