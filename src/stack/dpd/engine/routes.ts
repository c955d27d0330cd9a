import { parsePrefix } from "../../../packet/index.ts";
import { addressNumber, type Family, familyOf, prefixKey } from "./address.ts";
import { type Journal, JournaledMap } from "./journal.ts";
import { Refusal } from "./refusal.ts";
import type { RowStore } from "./row-store.ts";
import type { Row } from "./tables.ts";
import { TargetSlots } from "./target-slots.ts";

/** Whose slots are that an earlier run of dpd filled. */
const earlier = "an earlier run";

/** Targets of one route at most (spec section 4.3). */
export const maxTargets = 32;

/** One of the ways to a prefix. */
export interface Target {
  /** Who wants it. */
  readonly tag: string;
  readonly portId: string;
  readonly linkId: number;
  /** The port's number in the switch. */
  readonly port: number;
  /** The next hop: of the prefix's family, or an IPv6 one for an IPv4 prefix. Canonical. */
  readonly nextHop: string;
  /** 802.1Q tag, 1…4094; undefined: none. */
  readonly vlan: number | undefined;
}

/** A prefix and the ways to it. */
export interface Route {
  readonly prefix: string;
  /** The slot of the first target. */
  readonly first: number;
  readonly targets: readonly Target[];
}

/**
 * The routes of one family. A prefix has an index row that names a run of slots in the table of targets; a packet's hash
 * chooses one of them. At every moment of a change a packet goes to a target that the route had before, or has after it:
 * rows that an index row leads to are there before it leads to them, and go after it leads elsewhere.
 */
export class Routes {
  readonly #family: Family;
  readonly #rows: RowStore;
  readonly #routes: JournaledMap<string, Route>;
  readonly #slots: TargetSlots;

  constructor(family: Family, rows: RowStore, journal: Journal, slots: number) {
    this.#family = family;
    this.#rows = rows;
    this.#routes = new JournaledMap(journal);
    this.#slots = new TargetSlots(slots, journal);
  }

  /** A slot is in use by what an earlier run left, and no route has it. */
  reserve(slot: number): void {
    if (this.#slots.isFree(slot)) this.#slots.set(slot, earlier);
  }

  /** What an earlier run left goes: its slots are free. */
  releaseReserved(): void {
    for (let slot = 0; slot < this.#slots.size; slot += 1) {
      if (this.#slots.owner(slot) === earlier) this.#slots.set(slot, undefined);
    }
  }

  /** All routes, in no order. */
  all(): readonly Route[] {
    return [...this.#routes.values()];
  }

  /** The route to exactly this prefix. */
  get(prefix: string): Route | undefined {
    return this.#routes.get(prefix);
  }

  /** Let the target be the only one. Throws a {@link Refusal} where another is there and it may not be replaced. */
  set(prefix: string, target: Target, replace: boolean): void {
    const route = this.#routes.get(prefix);
    if (route === undefined) {
      this.#create(prefix, target);
      return;
    }
    const kept = route.targets.find((other) => sameTarget(other, target));
    if (kept !== undefined && route.targets.length === 1) return;
    if (!replace) throw new Refusal("exists", `there is another route to ${prefix}`);
    this.#shrinkTo(route, [kept ?? target]);
  }

  /** Let the target be one of the route's. */
  add(prefix: string, target: Target): void {
    const route = this.#routes.get(prefix);
    if (route === undefined) {
      this.#create(prefix, target);
      return;
    }
    if (route.targets.some((other) => sameTarget(other, target))) return;
    if (route.targets.length >= maxTargets) {
      throw new Refusal("invalid", `the route to ${prefix} has ${maxTargets} targets, which is as many as can be`);
    }
    this.#grow(route, target);
  }

  /** Remove the route. Throws a {@link Refusal} (missing). */
  remove(prefix: string): void {
    this.#remove(this.#existing(prefix));
  }

  /**
   * Remove the target with this next hop on this link; if there is none on it, the one with this next hop on another. With
   * the last target the route goes. Throws a {@link Refusal} (missing).
   */
  removeTarget(prefix: string, portId: string, linkId: number, nextHop: string): void {
    const route = this.#existing(prefix);
    const candidates = route.targets.filter((target) => target.nextHop === nextHop);
    const gone = candidates.find((target) => target.portId === portId && target.linkId === linkId) ?? candidates[0];
    if (gone === undefined) throw new Refusal("missing", `the route to ${prefix} has no target ${nextHop}`);
    this.#keep(
      route,
      route.targets.filter((target) => target !== gone),
    );
  }

  /**
   * Let an owner's targets of a prefix be exactly these; those of others stay. New ones come before old ones go. Throws a
   * {@link Refusal} for more than there can be.
   */
  setOfTag(prefix: string, tag: string, targets: readonly Target[]): void {
    this.#addAll(prefix, targets);
    const route = this.#routes.get(prefix);
    if (route === undefined) return;
    this.#keep(
      route,
      route.targets.filter((other) => other.tag !== tag || targets.some((target) => sameTarget(target, other))),
    );
  }

  /** Remove all targets of an owner; undefined: of all owners. */
  removeTag(tag: string | undefined): void {
    // Shorter prefixes first: what a longer one falls back to when it goes is then what it shall fall back to.
    const routes = [...this.#routes.values()].sort((a, b) => prefixLength(a) - prefixLength(b));
    for (const route of routes) {
      this.#keep(route, tag === undefined ? [] : route.targets.filter((target) => target.tag !== tag));
    }
  }

  #existing(prefix: string): Route {
    const route = this.#routes.get(prefix);
    if (route === undefined) throw new Refusal("missing", `there is no route to ${prefix}`);
    return route;
  }

  #keep(route: Route, targets: readonly Target[]): void {
    if (targets.length === 0) this.#remove(route);
    else if (targets.length < route.targets.length) this.#shrinkTo(route, targets);
  }

  #create(prefix: string, target: Target): void {
    const first = this.#slots.find(1);
    if (first === undefined) throw this.#full();
    this.#fill(prefix, first, [target]);
    this.#lead({ prefix, first, targets: [target] });
  }

  /** At once where there is a run of slots for them, else one after the other. */
  #addAll(prefix: string, targets: readonly Target[]): void {
    const route = this.#routes.get(prefix);
    const before = route?.targets ?? [];
    const added = targets.filter((target) => !before.some((other) => sameTarget(other, target)));
    const all = [...before, ...added];
    const first = added.length > 1 && all.length <= maxTargets ? this.#slots.find(all.length) : undefined;
    if (first === undefined) {
      for (const target of added) this.add(prefix, target);
      return;
    }
    this.#fill(prefix, first, all);
    this.#lead({ prefix, first, targets: all });
    if (route !== undefined) this.#clear(route.first, before.length);
  }

  #grow(route: Route, target: Target): void {
    const { prefix, targets } = route;
    const grown = [...targets, target];
    const first = this.#slots.find(grown.length);
    if (first === undefined) {
      // No run is long enough, but one more slot is all it takes.
      const { first: own } = this.#makeRoomAfter(route);
      this.#fill(prefix, own + targets.length, [target]);
      this.#lead({ prefix, first: own, targets: grown });
      return;
    }
    this.#fill(prefix, first, grown);
    this.#lead({ prefix, first, targets: grown });
    this.#clear(route.first, targets.length);
  }

  /** In place, and thus also when every slot is taken. */
  #shrinkTo({ prefix, first, targets: before }: Route, targets: readonly Target[]): void {
    this.#fill(prefix, first, targets);
    this.#lead({ prefix, first, targets });
    this.#clear(first + targets.length, before.length - targets.length);
  }

  #remove({ prefix, first, targets }: Route): void {
    this.#rows.remove(this.#indexRow({ prefix, first, targets }));
    this.#routes.delete(prefix);
    this.#clear(first, targets.length);
  }

  /** Move the routes between this one and the nearest free slot by one, so that the slot behind this one is free. */
  #makeRoomAfter(route: Route): Route {
    const end = route.first + route.targets.length;
    let above = end;
    while (above < this.#slots.size && !this.#slots.isFree(above)) above += 1;
    let below = route.first - 1;
    while (below >= 0 && !this.#slots.isFree(below)) below -= 1;
    const canGoUp = above < this.#slots.size;
    if (!canGoUp && below < 0) throw this.#full();
    if (canGoUp && (below < 0 || above - end <= end - below)) {
      for (let free = above; free > end;) free = this.#slide(this.#owner(free - 1), 1).first - 1;
      return route;
    }
    let moved = route;
    for (let free = below; free < end - 1;) {
      moved = this.#slide(this.#owner(free + 1), -1);
      free = moved.first + moved.targets.length;
    }
    return moved;
  }

  /** To the free slot behind it, or before it; all the while its slots hold targets of its own. */
  #slide({ prefix, first, targets }: Route, by: 1 | -1): Route {
    this.#fill(prefix, first + by, targets);
    const moved = this.#lead({ prefix, first: first + by, targets });
    this.#clear(by === 1 ? first : first + targets.length - 1, 1);
    return moved;
  }

  #owner(slot: number): Route {
    const owner = this.#slots.owner(slot) ?? "";
    if (owner === earlier) throw this.#full();
    return this.#existing(owner);
  }

  #fill(prefix: string, first: number, targets: readonly Target[]): void {
    for (const [at, target] of targets.entries()) {
      this.#rows.put(this.#targetRow(first + at, target));
      this.#slots.set(first + at, prefix);
    }
  }

  #clear(first: number, count: number): void {
    for (let slot = first; slot < first + count; slot += 1) {
      this.#rows.remove({ table: `ingress.router.v${this.#family}_route.rtr`, key: slotKey(slot), priority: -1 });
      this.#slots.set(slot, undefined);
    }
  }

  #lead(route: Route): Route {
    this.#rows.put(this.#indexRow(route));
    this.#routes.set(route.prefix, route);
    return route;
  }

  #indexRow({ prefix, first, targets }: Route): Row {
    return {
      table: `ingress.router.v${this.#family}_idx.rtr`,
      key: [prefixKey(parsePrefix(prefix))],
      priority: -1,
      action: `ingress.router.v${this.#family}_idx.index`,
      data: [BigInt(first), BigInt(targets.length)],
    };
  }

  #targetRow(slot: number, { port, nextHop, vlan }: Target): Row {
    const suffix = this.#family === 4 && familyOf(nextHop) === 6 ? "_v6" : "";
    return {
      table: `ingress.router.v${this.#family}_route.rtr`,
      key: slotKey(slot),
      priority: -1,
      action: `ingress.router.v${this.#family}_route.forward${vlan === undefined ? "" : "_vlan"}${suffix}`,
      data: [BigInt(port), addressNumber(nextHop), ...(vlan === undefined ? [] : [BigInt(vlan)])],
    };
  }

  #full(): Refusal {
    return new Refusal("full", `the table of IPv${this.#family} targets is full: it has ${this.#slots.size} slots`);
  }
}

function slotKey(slot: number): Row["key"] {
  return [{ kind: "exact", value: BigInt(slot) }];
}

function prefixLength({ prefix }: Route): number {
  return parsePrefix(prefix).length;
}

/** Whether two targets are the same way, whoever wants it. */
function sameTarget(one: Target, other: Target): boolean {
  return (
    one.portId === other.portId &&
    one.linkId === other.linkId &&
    one.nextHop === other.nextHop &&
    one.vlan === other.vlan
  );
}
