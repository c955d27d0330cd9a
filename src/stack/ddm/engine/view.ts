import type { Engine } from "./engine.ts";
import type { Link, LinkStatus } from "./link.ts";
import { isTunnelKey, type RouteKey, type TunnelOrigin, tunnelOfKey } from "./route-key.ts";
import { effectiveOrigins } from "./tunnel-selection.ts";
import type { LinkCounters } from "./counters.ts";
import type { RouterKind } from "./policy.ts";

/** An interface and its peer, for people. */
export interface LinkView {
  readonly name: string;
  readonly index: number;
  readonly address: string | undefined;
  readonly status: LinkStatus;
  readonly sinceMs: number;
  readonly peer: { readonly address: string; readonly hostname: string; readonly kind: RouterKind } | undefined;
  readonly counters: Readonly<
    LinkCounters & { importedUnderlayPrefixes: number; importedTunnelEndpoints: number; pushesWaiting: number }
  >;
}

/** Every interface, in the order of their names. */
export function linkViews({ router }: Engine, now: number): readonly LinkView[] {
  const links = Array.from(router.links.values()).sort((a, b) => (a.name < b.name ? -1 : 1));
  return links.map((link) => viewOf(link, router.rib.count(link.name), now));
}

function viewOf(link: Link, count: { readonly underlay: number; readonly tunnel: number }, now: number): LinkView {
  const identity = link.session?.identity;
  return {
    name: link.name,
    index: link.index,
    address: link.address,
    status: link.status,
    sinceMs: now - link.since,
    peer:
      identity === undefined
        ? undefined
        : { address: identity.address, hostname: identity.hostname, kind: identity.kind },
    counters: {
      ...link.counters,
      importedUnderlayPrefixes: count.underlay,
      importedTunnelEndpoints: count.tunnel,
      pushesWaiting: link.session === undefined ? 0 : link.outbound.waiting,
    },
  };
}

/** What this router originates, in the order of the keys. */
export function originatedKeys({ router }: Engine): readonly RouteKey[] {
  return Array.from(router.rib.entries())
    .filter(({ originated }) => originated)
    .map(({ key }) => key)
    .sort();
}

/** One thing that a neighbour told. */
export interface ImportView {
  readonly key: RouteKey;
  readonly link: string;
  /** The neighbour's address. */
  readonly nextHop: string;
  /** The originator first. */
  readonly path: readonly string[];
}

/** Everything that neighbours told, in the order of the keys. */
export function importViews({ router }: Engine): readonly ImportView[] {
  const views = Array.from(router.rib.entries()).flatMap(({ key, learned }) =>
    Array.from(learned).flatMap(([link, paths]) => {
      const nextHop = router.links.get(link)?.session?.identity.address ?? "";
      return paths.map(({ routers }) => ({ key, link, nextHop, path: routers }));
    }),
  );
  return views.sort((a, b) => compareTexts(a.key, b.key) || compareTexts(a.link, b.link));
}

/** A tunnel origin that a neighbour told. */
export interface TunnelImportView {
  readonly origin: TunnelOrigin;
  readonly nextHop: string;
  /** It is one of those that OPTE is to use. */
  readonly effective: boolean;
}

/** The tunnel origins that neighbours told, each once for each neighbour. */
export function tunnelImports(engine: Engine): readonly TunnelImportView[] {
  const imports = importViews(engine)
    .filter(({ key }) => isTunnelKey(key))
    .map(({ key, nextHop }) => ({ origin: tunnelOfKey(key), nextHop }));
  const effective = effectiveOrigins(imports.map(({ origin }) => origin));
  return imports.map(({ origin, nextHop }) => ({ origin, nextHop, effective: effective.has(origin) }));
}

function compareTexts(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
