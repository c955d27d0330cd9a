import type { TunnelOrigin } from "./route-key.ts";

/**
 * Those of the given origins that OPTE is to use (section 1.10): of an overlay prefix with any metric above 0 only those that
 * have one, else all.
 */
export function effectiveOrigins(origins: readonly TunnelOrigin[]): ReadonlySet<TunnelOrigin> {
  const preferring = new Set(origins.filter(({ metric }) => metric > 0).map(({ overlayPrefix }) => overlayPrefix));
  return new Set(origins.filter(({ overlayPrefix, metric }) => metric > 0 || !preferring.has(overlayPrefix)));
}
