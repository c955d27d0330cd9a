import { ddmDiscoveryGroup } from "../../../packet/index.ts";
import { type KeyName, keyBetween } from "./authentication.ts";
import {
  decodeDiscovery,
  type DiscoveryMessage,
  discoveryVersion,
  encodeDiscovery,
  signDiscovery,
  verifyDiscovery,
} from "./discovery-message.ts";
import type { ExchangeVersion } from "./exchange-schema.ts";
import type { Input } from "./input-output.ts";
import type { Link, PeerIdentity, Session } from "./link.ts";
import type { RouterKind } from "./policy.ts";
import type { Router } from "./router.ts";
import type { EngineTimers } from "./settings.ts";

/** Solicitations that an advertisement may answer. */
const answerableSolicitations = 4;
/** Two solicitations are never closer than this: a stranger's messages cause no more. */
const shortestSolicitInterval = 250;
/** Longest message that is looked at (the reference's buffer). */
const longestMessage = 1024;

/** Send a solicitation and set the time of the next. */
export function solicit(router: Router, link: Link, now: number): void {
  if (link.address === undefined) return;
  link.solicitedAt = now;
  // A silent peer is asked over TCP too: a machine whose daemon is being started anew refuses.
  if (link.session !== undefined && link.session.unanswered.length > 0) {
    link.session.pullAt = Math.min(link.session.pullAt, now);
  }
  link.session?.unanswered.push(now);
  link.solicitAt = now + router.settings.timers.solicitInterval;
  link.counters.solicitationsSent += 1;
  const number = router.nextNumber();
  link.solicited.push(number);
  if (link.solicited.length > answerableSolicitations) link.solicited.shift();
  const { authenticator, kind, instance } = router.settings;
  // Nobody knows yet who is there: a switch's neighbour may be a sled or a switch of another rack.
  const keys: readonly KeyName[] = kind === "server" ? ["rack"] : ["rack", "inter-rack"];
  const message = ownMessage(router, { solicit: true, advertise: false });
  const bytes =
    authenticator === undefined
      ? encodeDiscovery(message)
      : signDiscovery(
          { ...message, seal: { instance, number, solicitor: 0 } },
          { from: link.address, to: ddmDiscoveryGroup },
          keys.filter((key) => authenticator.has(key)),
          authenticator,
        );
  router.outputs.push({ kind: "solicit", link: link.name, bytes });
}

/**
 * When a peer is lost unless an advertisement comes before: after the threshold, if it was asked as often as the interval has
 * it. A router that was kept from asking, such as one whose machine was paused, does not take that for its peer's silence.
 *
 * A peer of this implementation whose machine refuses connections is being started anew, and forwards meanwhile: it is kept as
 * long as that may take (as RFC 4724 has it), while its machine goes on answering.
 */
export function expiryOf(session: Session, timers: EngineTimers): number {
  const { advertisedAt, refusedAt, traits } = session;
  const silentAt = silenceOf(session, timers);
  if (traits === undefined || refusedAt < advertisedAt) return silentAt;
  const heldUntil = Math.min(refusedAt + timers.expireThreshold, advertisedAt + timers.restartGrace);
  return Math.max(silentAt, heldUntil);
}

function silenceOf({ advertisedAt, unanswered }: Session, timers: EngineTimers): number {
  const { expireThreshold, solicitInterval } = timers;
  const questions = Math.floor(expireThreshold / solicitInterval);
  const last = questions === 0 ? advertisedAt : unanswered[questions - 1];
  if (last === undefined) return Number.POSITIVE_INFINITY;
  return Math.max(advertisedAt + expireThreshold, last + expireThreshold - questions * solicitInterval);
}

/**
 * Take a message of discovery: solicitations are answered; an advertisement is given back as what the neighbour shows of
 * itself. Whatever else arrives is counted.
 */
export function takeDiscovery(
  router: Router,
  link: Link,
  { bytes, from, group }: Extract<Input, { kind: "datagram" }>,
  now: number,
): PeerIdentity | undefined {
  if (link.address === undefined || from === link.address) return undefined;
  const message = bytes.length > longestMessage ? `${bytes.length} bytes` : decodeDiscovery(bytes);
  if (typeof message === "string") {
    link.counters.malformedDiscovery += 1;
    router.say("warn", `${link.name}: discovery message ignored: ${message}`, `discovery ${link.name}`);
    return undefined;
  }
  if (!isSigned(router, link, message, bytes, from, group)) {
    link.counters.strangersRefused += 1;
    router.say("warn", `${link.name}: ${from} does not sign its messages as this rack does`, `unsigned ${link.name}`);
    return undefined;
  }
  if (message.solicit) {
    link.counters.solicitationsReceived += 1;
    advertise(router, link, from, message);
    // Somebody is there: do not wait for the next turn to find out who, or whether a peer that was silent is back.
    if (link.session === undefined || link.session.unanswered.length > 0) {
      link.solicitAt = Math.min(link.solicitAt, Math.max(now, link.solicitedAt + shortestSolicitInterval));
    }
  }
  return message.advertise ? identityOf(router, link, message, from) : undefined;
}

function identityOf(
  router: Router,
  link: Link,
  { version, hostname, kind, seal }: DiscoveryMessage,
  from: string,
): PeerIdentity | undefined {
  link.counters.advertisementsReceived += 1;
  if (version !== 2 && version !== 3) {
    router.say(
      "warn",
      `${link.name}: ${from} speaks version ${version}; 2 and 3 are understood`,
      `version ${link.name}`,
    );
    return undefined;
  }
  if (hostname === "") {
    link.counters.malformedDiscovery += 1;
    return undefined;
  }
  const exchange: ExchangeVersion = version;
  return { address: from, hostname, kind, version: exchange, instance: seal?.instance };
}

function advertise(router: Router, link: Link, to: string, { kind, seal }: DiscoveryMessage): void {
  if (link.address === undefined) return;
  const { authenticator, instance } = router.settings;
  const message = ownMessage(router, { solicit: false, advertise: true });
  const bytes =
    authenticator === undefined || seal === undefined
      ? encodeDiscovery(message)
      : signDiscovery(
          { ...message, seal: { instance, number: seal.number, solicitor: seal.instance } },
          { from: link.address, to },
          [keyBetween(router.settings.kind, kind)],
          authenticator,
        );
  link.counters.advertisementsSent += 1;
  router.outputs.push({ kind: "advertise", link: link.name, to, bytes });
}

function isSigned(
  { settings: { authenticator, kind, instance } }: Router,
  link: Link,
  message: DiscoveryMessage,
  bytes: Uint8Array,
  from: string,
  group: boolean,
): boolean {
  if (authenticator === undefined) return true;
  const { seal } = message;
  if (seal === undefined || link.address === undefined) return false;
  const isAnswer = seal.solicitor === instance && link.solicited.includes(seal.number);
  if (message.advertise && !isAnswer) return false;
  const ends = { from, to: group ? ddmDiscoveryGroup : link.address };
  return verifyDiscovery(bytes, ends, keyBetween(kind, message.kind), authenticator);
}

function ownMessage(
  { settings: { kind, hostname } }: Router,
  flags: { readonly solicit: boolean; readonly advertise: boolean },
): Omit<DiscoveryMessage, "seal"> & { readonly kind: RouterKind } {
  return { version: discoveryVersion, kind, hostname, ...flags };
}
