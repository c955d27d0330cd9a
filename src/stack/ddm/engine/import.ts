import type { Link, Session } from "./link.ts";
import type { Router } from "./router.ts";
import type { RouteKey } from "./route-key.ts";
import type { Update, Vector } from "./update.ts";

/** Apply what a peer pushed: announcements first, then withdrawals (section 1.7). */
export function applyUpdate(router: Router, link: Link, session: Session, { announce, withdraw }: Update): void {
  for (const vector of announce) {
    session.pull?.overtaken.add(vector.key);
    if (isWelcome(router, link, session, vector)) router.learn(link.name, vector);
  }
  for (const { key, path } of withdraw) {
    session.pull?.overtaken.add(key);
    router.forget(link.name, key, path);
  }
}

/**
 * Apply the answer to a pull: it is all that the peer has to tell, so what it does not name is gone. Keys that pushes have
 * told of meanwhile are left as those said.
 */
export function applyPull(
  router: Router,
  link: Link,
  session: Session,
  vectors: readonly Vector[],
  overtaken: ReadonlySet<RouteKey>,
): void {
  const told = new Map<RouteKey, Vector[]>();
  for (const vector of vectors) {
    if (overtaken.has(vector.key) || !isWelcome(router, link, session, vector)) continue;
    const same = told.get(vector.key);
    if (same === undefined) told.set(vector.key, [vector]);
    else same.push(vector);
  }
  for (const key of [...router.rib.heardOn(link.name)]) {
    if (!told.has(key) && !overtaken.has(key)) router.forget(link.name, key);
  }
  for (const [first, ...others] of told.values()) {
    if (first === undefined) continue;
    const known = router.rib.get(first.key)?.learned.get(link.name) ?? [];
    const kept = new Set([first, ...others].map(({ path }) => path.text));
    for (const vector of [first, ...others]) router.learn(link.name, vector);
    for (const path of known) if (!kept.has(path.text)) router.forget(link.name, first.key, path);
  }
}

/** Whether a vector is taken: it must not have been here already (Q1), and must belong where it comes from. */
function isWelcome({ settings, policy, rib }: Router, link: Link, session: Session, { key, path }: Vector): boolean {
  if (path.routers.includes(settings.routerId)) {
    link.counters.loopsRefused += 1;
    return false;
  }
  if (policy.mayImport(rib.get(key)?.scope ?? policy.scope(key), session.identity.kind)) return true;
  link.counters.filtered += 1;
  return false;
}
