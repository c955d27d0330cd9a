import { newCounters } from "./counters.ts";
import type { ExchangeVersion } from "./exchange-schema.ts";
import { Outbound } from "./outbound.ts";
import type { RouterKind } from "./policy.ts";
import type { RouteKey } from "./route-key.ts";

/** What an interface's neighbour has shown of itself by discovery. */
export interface PeerIdentity {
  readonly address: string;
  readonly hostname: string;
  readonly kind: RouterKind;
  readonly version: ExchangeVersion;
  /** Only in signed mode: of its advertisement. */
  readonly instance: number | undefined;
}

/** What is known of a peer from its HTTP headers; a reference peer sends none. */
export interface PeerTraits {
  readonly routerId: string;
  readonly instance: number;
  readonly bodyLimit: number;
}

/** A request of this router that waits for its answer. */
export interface PendingRequest {
  readonly id: number;
  /** In signed mode, the request's signature. */
  readonly mac: string;
}

/** A pull that waits for its answer. */
export interface PendingPull extends PendingRequest {
  /** Keys that pushes have told of since: there the answer may be older. */
  readonly overtaken: Set<RouteKey>;
}

/** The peer of a link, from its first advertisement until it is lost. */
export class Session {
  identity: PeerIdentity;
  traits: PeerTraits | undefined;
  /** When its last advertisement came. */
  advertisedAt: number;
  /** When its machine last refused a connection: it is there, and its daemon is not. */
  refusedAt = Number.NEGATIVE_INFINITY;
  /** When each solicitation since was sent. */
  readonly unanswered: number[] = [];
  pull: PendingPull | undefined;
  /** When to pull next. */
  pullAt: number;
  pullFailures = 0;
  /** Whether a pull was answered yet; before, nothing is pushed. */
  pulled = false;
  pulledAt = Number.NEGATIVE_INFINITY;
  /** Nothing is pushed earlier. */
  pushAt: number;
  push: PendingRequest | undefined;
  pushFailures = 0;
  /** Highest numbers of signed requests that were taken. */
  readonly numbers = new NumberWindow();

  constructor(identity: PeerIdentity, now: number, pushAt: number) {
    this.identity = identity;
    this.advertisedAt = now;
    this.pullAt = now;
    this.pushAt = pushAt;
  }
}

/** State of a link, as the reference names it (section 1.4); `Expired` is Solicit after a peer was lost. */
export type LinkStatus = "Init" | "Solicit" | "Exchange" | "Expired";

/** One interface and what is known across it. */
export class Link {
  readonly name: string;
  readonly counters = newCounters();
  index = 0;
  /** The own link-local address; undefined while the interface cannot be used. */
  address: string | undefined;
  status: LinkStatus = "Init";
  since: number;
  solicitAt = Number.POSITIVE_INFINITY;
  solicitedAt = Number.NEGATIVE_INFINITY;
  /** Numbers of the last solicitations, newest last; only answers to these are taken in signed mode. */
  readonly solicited: number[] = [];
  session: Session | undefined;
  /** Survives the session: what a peer holds that was away for a while. */
  outbound = new Outbound();
  /** Whose the outbound queue is. */
  outboundPeer = "";

  constructor(name: string, now: number) {
    this.name = name;
    this.since = now;
  }

  become(status: LinkStatus, now: number): void {
    this.status = status;
    this.since = now;
  }
}

const windowLength = 64;

/** Numbers that were used; they may come in another order than they were given out, but not long after. */
export class NumberWindow {
  readonly #used = new Set<number>();
  #highest = 0;

  /** Whether the number is a new one; it is used then. */
  take(number: number): boolean {
    if (number <= this.#highest - windowLength || this.#used.has(number)) return false;
    this.#used.add(number);
    this.#highest = Math.max(this.#highest, number);
    if (this.#used.size > 2 * windowLength) {
      for (const old of this.#used) if (old <= this.#highest - windowLength) this.#used.delete(old);
    }
    return true;
  }
}
