import { expiryOf, solicit, takeDiscovery } from "./discovery.ts";
import { exchange, exchangeAt, takeAnswer, takeFailure } from "./exchange-client.ts";
import { takeExchange } from "./exchange-server.ts";
import type { Input, Output } from "./input-output.ts";
import { Link, type PeerIdentity, Session } from "./link.ts";
import { Outbound } from "./outbound.ts";
import { isTunnelKey, type RouteKey } from "./route-key.ts";
import { Router } from "./router.ts";
import type { EngineSettings } from "./settings.ts";

/** A peer that was just found pulls by itself; only if it does not, it is told everything after this time. */
const pullGraceMs = 1000;

/**
 * A DDM router: every interface's state machine, the tables and the queues to the peers. It does nothing by itself: it is
 * told what happens and when, and says what is to be done.
 */
export class Engine {
  readonly router: Router;

  constructor(settings: EngineSettings) {
    this.router = new Router(settings);
  }

  /**
   * Take an input.
   *
   * @param now milliseconds of a clock that never goes back
   */
  handle(input: Input, now: number): readonly Output[] {
    this.#take(input, now);
    this.#pass(now);
    this.router.flushRoutes();
    return this.router.outputs.splice(0);
  }

  /** When to send an input `wake` at the latest; infinite if never. */
  wakeAt(): number {
    let at = this.router.restart.endsAt;
    for (const link of this.router.links.values()) at = Math.min(at, this.#linkAt(link));
    return at;
  }

  #linkAt(link: Link): number {
    const { session, solicitAt } = link;
    const expiresAt = session === undefined ? Number.POSITIVE_INFINITY : expiryOf(session, this.#timers);
    return Math.min(solicitAt, expiresAt, exchangeAt(link));
  }

  get #timers(): EngineSettings["timers"] {
    return this.router.settings.timers;
  }

  #take(input: Input, now: number): void {
    switch (input.kind) {
      case "originate":
      case "withdraw":
        this.#changeOriginated(input.kind, input.keys);
        return;
      case "programmed":
        this.router.programmed(input.destinations);
        return;
      case "found":
        this.router.restart.found(input.links);
        return;
      case "expire":
        for (const link of this.router.links.values()) {
          if (link.session?.identity.address === input.address) this.#expire(link, "asked for", now);
        }
        return;
      case "sync":
        for (const { session } of this.router.links.values()) if (session !== undefined) session.pullAt = now;
        return;
      case "wake":
        // At other inputs, what proves that a peer is there may be still to come.
        this.#expireSilent(now);
        return;
      case "interface":
        this.#takeInterface(input, now);
        return;
      case "datagram":
      case "not-sent":
      case "exchange":
      case "refused":
      case "answer":
      case "no-answer":
        this.#takeOfLink(input, this.#linkOf(input.link, now), now);
    }
  }

  #takeOfLink(
    input: Extract<Input, { kind: "datagram" | "not-sent" | "exchange" | "refused" | "answer" | "no-answer" }>,
    link: Link,
    now: number,
  ): void {
    switch (input.kind) {
      case "datagram": {
        const identity = takeDiscovery(this.router, link, input, now);
        if (identity !== undefined) this.#takeIdentity(link, identity, now);
        return;
      }
      case "not-sent":
        link.counters.sendFail += 1;
        this.router.say("warn", `${link.name}: discovery could not be sent: ${input.reason}`, `send ${link.name}`);
        return;
      case "exchange":
        takeExchange(this.router, link, input, now);
        return;
      case "refused":
        link.counters.malformedBodies += 1;
        this.router.say("warn", `${link.name}: a request was refused: ${input.reason}`, `refused ${link.name}`);
        return;
      case "answer":
        takeAnswer(this.router, link, input, now);
        return;
      case "no-answer":
        takeFailure(this.router, link, input.id, input.reason, now);
        if (input.refused && link.session !== undefined) link.session.refusedAt = now;
    }
  }

  /** An end for peers that were asked often enough and did not answer. */
  #expireSilent(now: number): void {
    for (const link of this.router.links.values()) {
      const { session } = link;
      if (session !== undefined && now >= expiryOf(session, this.#timers)) {
        this.#expire(link, `not heard for ${this.#timers.expireThreshold} ms`, now);
      }
    }
  }

  /** Everything that is due by now. */
  #pass(now: number): void {
    this.router.restart.pass(now);
    for (const link of this.router.links.values()) {
      if (now >= link.solicitAt) solicit(this.router, link, now);
      exchange(this.router, link, now);
    }
  }

  #linkOf(name: string, now: number): Link {
    let link = this.router.links.get(name);
    if (link === undefined) {
      link = new Link(name, now);
      this.router.links.set(name, link);
    }
    return link;
  }

  #takeInterface({ link: name, index, address, up }: Extract<Input, { kind: "interface" }>, now: number): void {
    const link = this.#linkOf(name, now);
    link.index = index;
    const usable = up ? address : undefined;
    if (usable === link.address) return;
    if (link.session !== undefined) this.#expire(link, up ? "the own address changed" : "no carrier", now);
    if (link.address !== undefined) this.router.restart.settle(name);
    link.address = usable;
    link.become(usable === undefined ? "Init" : "Solicit", now);
    link.solicitAt = usable === undefined ? Number.POSITIVE_INFINITY : now;
  }

  #takeIdentity(link: Link, identity: PeerIdentity, now: number): void {
    const { session } = link;
    if (session === undefined) {
      this.#establish(link, identity, now);
      return;
    }
    const known = session.identity;
    const moved = known.address !== identity.address;
    const other = known.hostname !== identity.hostname || known.kind !== identity.kind;
    if (moved && other) {
      // A link has one neighbour: another is heard only once this one is gone.
      link.counters.strangersRefused += 1;
      this.router.say(
        "warn",
        `${link.name}: ${identity.hostname} is on a link with ${known.hostname}`,
        `two ${link.name}`,
      );
      return;
    }
    if (moved) link.counters.peerAddressChanges += 1;
    if (other) {
      this.#expire(link, `now ${identity.hostname}, or of another kind`, now);
      this.#establish(link, identity, now);
      return;
    }
    if (known.instance !== identity.instance) {
      // What it told stays until it has told everything anew: it goes on forwarding meanwhile.
      link.outbound.failed();
      this.#establish(link, identity, now);
      if (moved) this.#moved(link);
      return;
    }
    session.advertisedAt = now;
    session.unanswered.length = 0;
    session.identity = identity;
    if (!moved) return;
    this.router.say("info", `${link.name}: ${identity.hostname} is now at ${identity.address}`);
    // What it has to tell may differ.
    session.pullAt = now;
    this.#moved(link);
  }

  /** A peer has another address: its routes stay, by the new next hop. */
  #moved(link: Link): void {
    for (const key of this.router.rib.heardOn(link.name)) this.router.changed(key);
  }

  #establish(link: Link, identity: PeerIdentity, now: number): void {
    link.session = new Session(identity, now, now + pullGraceMs);
    link.counters.peerEstablished += 1;
    link.become("Exchange", now);
    const peer = `${identity.hostname} ${identity.kind}`;
    if (link.outboundPeer !== peer) {
      link.outboundPeer = peer;
      link.outbound = new Outbound();
    }
    link.outbound.touchAll(this.router.exportableKeys());
    this.router.say("info", `${link.name}: peer ${identity.hostname} (${identity.kind}) at ${identity.address}`);
  }

  /** Every end of a peering: all that it told is gone, and others are told so. */
  #expire(link: Link, reason: string, now: number): void {
    const { session } = link;
    if (session === undefined) return;
    for (const key of [...this.router.rib.heardOn(link.name)]) this.router.forget(link.name, key);
    this.router.restart.settle(link.name);
    link.outbound.failed();
    link.session = undefined;
    link.counters.peerExpirations += 1;
    link.become("Expired", now);
    this.router.say("info", `${link.name}: lost ${session.identity.hostname}: ${reason}`);
  }

  #changeOriginated(kind: "originate" | "withdraw", keys: readonly RouteKey[]): void {
    const { rib, policy, settings } = this.router;
    let changed = false;
    for (const key of keys) {
      if (!(kind === "originate" ? rib.originate(key) : rib.withdraw(key))) continue;
      changed = true;
      this.router.changed(key);
      if (isTunnelKey(key) && settings.boundaryAcrossRacks) {
        policy.ownTunnel(key, kind === "originate");
        // The prefix of its endpoint may now leave the rack, or no longer.
        for (const entry of rib.entries()) if (entry.originated) this.router.changed(entry.key);
      }
    }
    if (changed) this.router.outputs.push({ kind: "persist" });
  }
}
