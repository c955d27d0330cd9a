import type { Output } from "./input-output.ts";
import { Restart } from "./restart.ts";
import type { Link } from "./link.ts";
import { type Path, PathExtender, comparePaths, pathOf, unknownRouters } from "./path.ts";
import { Policy, type RouteSource, type RouterKind } from "./policy.ts";
import { Rib, type RibEntry } from "./rib.ts";
import { isTunnelKey, type RouteKey } from "./route-key.ts";
import type { EngineSettings } from "./settings.ts";
import type { Vector } from "./update.ts";

/** What all parts of one router's engine share: tables, links, and the outputs of the input that is being handled. */
export class Router {
  readonly settings: EngineSettings;
  readonly policy: Policy;
  readonly rib: Rib;
  readonly links = new Map<string, Link>();
  readonly outputs: Output[] = [];
  readonly #extender: PathExtender;
  readonly #self: Path;
  readonly restart: Restart;
  readonly #changedRoutes = new Set<RouteKey>();
  /** What others told of and the forwarding table has: only that do others learn from this router. */
  readonly #programmed = new Set<RouteKey>();
  /** Of these, the parts of the own rack: while there are any, the summary is announced. */
  readonly #rackParts = new Set<RouteKey>();
  #requests = 0;

  constructor(settings: EngineSettings) {
    this.settings = settings;
    this.policy = new Policy(settings);
    this.rib = new Rib((key) => this.policy.scope(key));
    this.#extender = new PathExtender(settings.routerId);
    this.#self = pathOf([settings.routerId]);
    this.restart = new Restart(this.outputs, settings.timers.restartGrace);
  }

  /** A number that no other request or solicitation of this router has. */
  nextNumber(): number {
    this.#requests += 1;
    return this.#requests;
  }

  say(level: "info" | "warn", message: string, once?: string): void {
    this.outputs.push({ kind: "log", level, message, once });
  }

  /** Hear of a vector on a link; false if it changed nothing. */
  learn(link: string, { key, path }: Vector, replace = false): boolean {
    const changed = replace ? this.rib.replace(link, key, path) : this.rib.learn(link, key, path);
    if (!changed) return false;
    this.changed(key);
    return true;
  }

  /** A vector is withdrawn on a link, or without a path every one with the key. */
  forget(link: string, key: RouteKey, path?: Path): boolean {
    const changed = path === undefined ? this.rib.forgetKey(link, key) : this.rib.forget(link, key, path);
    if (!changed) return false;
    this.changed(key);
    const isGone = (this.rib.get(key)?.learned.size ?? 0) === 0;
    if (isGone && this.#programmed.delete(key)) this.#countRackPart(key);
    return true;
  }

  /** The forwarding table has these destinations. */
  programmed(destinations: readonly RouteKey[]): void {
    for (const key of destinations) {
      const learned = this.rib.get(key)?.learned.size ?? 0;
      if (learned === 0 || this.#programmed.has(key)) continue;
      this.#programmed.add(key);
      this.#countRackPart(key);
      this.#touch(key);
    }
  }

  /** Everything that depends on a key is to be looked at anew. */
  changed(key: RouteKey): void {
    if (!isTunnelKey(key)) this.#changedRoutes.add(key);
    this.#touch(key);
  }

  #touch(key: RouteKey): void {
    for (const link of this.links.values()) if (link.session !== undefined) link.outbound.touch(key);
  }

  #countRackPart(key: RouteKey): void {
    if (this.settings.kind !== "transit" || this.policy.scope(key) !== "rack") return;
    const before = this.announcesSummary;
    if (this.#programmed.has(key)) this.#rackParts.add(key);
    else this.#rackParts.delete(key);
    const summary = this.settings.rackPrefix;
    if (summary !== undefined && before !== this.announcesSummary) this.changed(summary);
  }

  /** Whether the own rack's summary is announced. */
  get announcesSummary(): boolean {
    return this.settings.rackPrefix !== undefined && this.#rackParts.size > 0;
  }

  /** Keys that some peer may have to be told of. */
  *exportableKeys(): Generator<RouteKey> {
    yield* this.rib.keys();
    if (this.announcesSummary && this.settings.rackPrefix !== undefined) yield this.settings.rackPrefix;
  }

  /** The path by which the peer of a link shall know a key; undefined if it shall not. */
  wanted(key: RouteKey, link: Link): Path | undefined {
    const session = link.session;
    if (session === undefined) return undefined;
    const to = session.identity.kind;
    const entry = this.rib.get(key);
    const isSummary = key === this.settings.rackPrefix && this.announcesSummary;
    if (isSummary && to === "transit") return this.#self;
    if (entry === undefined) return undefined;
    if (entry.originated && this.policy.mayExport(key, entry.scope, "self", to)) return this.#self;
    if (this.settings.kind === "server" || !(isTunnelKey(key) || this.#programmed.has(key))) return undefined;
    const best = this.#bestFor(entry, link, to, session.traits?.routerId);
    return best === undefined ? undefined : this.#extender.extend(best);
  }

  /** The best path that did not come from the peer, does not lead through it and may be told to it. */
  #bestFor(entry: RibEntry, to: Link, kind: RouterKind, peer: string | undefined): Path | undefined {
    let best: Path | undefined;
    for (const [name, paths] of entry.learned) {
      if (name === to.name) continue;
      const source = this.#sourceOf(name);
      if (source === undefined || !this.policy.mayExport(entry.key, entry.scope, source, kind)) continue;
      for (const path of paths) {
        if (best !== undefined && comparePaths(path, best) >= 0) break;
        if (peer !== undefined && path.routers.includes(peer)) continue;
        if (kind === "transit" && path.routers.includes(unknownRouters)) continue;
        best = path;
      }
    }
    return best;
  }

  #sourceOf(link: string): RouteSource | undefined {
    return this.links.get(link)?.session?.identity.kind;
  }

  /** The links whose peers are the next hops of a destination: those that told of the shortest paths. */
  nextHopLinks(key: RouteKey): readonly Link[] {
    const entry = this.rib.get(key);
    if (entry === undefined || entry.originated || isTunnelKey(key)) return [];
    let shortest = Number.POSITIVE_INFINITY;
    for (const [first] of entry.learned.values()) {
      shortest = Math.min(shortest, first?.routers.length ?? Number.POSITIVE_INFINITY);
    }
    const links: Link[] = [];
    for (const [name, [first]] of entry.learned) {
      const link = this.links.get(name);
      if (first?.routers.length === shortest && link?.session !== undefined) links.push(link);
    }
    return links.sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** Tell what became of the destinations that changed. */
  flushRoutes(): void {
    if (this.#changedRoutes.size === 0) return;
    const changes = Array.from(this.#changedRoutes, (destination) => ({
      destination,
      nextHops: this.nextHopLinks(destination).flatMap(({ name, session }) =>
        session === undefined ? [] : [{ link: name, address: session.identity.address }],
      ),
    }));
    this.#changedRoutes.clear();
    this.outputs.push({ kind: "routes", changes });
  }
}
