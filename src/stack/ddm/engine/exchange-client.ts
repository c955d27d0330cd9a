import { BodyFault, BodyReader } from "./exchange-schema.ts";
import { type BodyStyle, updateBody, vectorText } from "./exchange-body.ts";
import { isAnswerGenuine, requestHeaders, traitsOf } from "./exchange-signing.ts";
import { applyPull } from "./import.ts";
import type { Headers, Input } from "./input-output.ts";
import type { Link, Session } from "./link.ts";
import type { Router } from "./router.ts";
import { pushBodyLimit, referenceBodyLimit } from "./settings.ts";

/** The first repetition of what failed comes after this; each further one after twice as long, up to the solicit interval. */
const firstRetryMs = 100;
const pullFailuresToTell = 4;

/** Begin the pulls and pushes of a link that are due. */
export function exchange(router: Router, link: Link, now: number): void {
  const { session } = link;
  if (session === undefined) return;
  if (session.pull === undefined && now >= session.pullAt) pull(router, link, session, now);
  if (session.push === undefined && session.pulled && now >= session.pushAt) push(router, link, session);
}

/** When {@link exchange} has something to do next; infinite if not by itself. */
export function exchangeAt({ session, outbound }: Link): number {
  if (session === undefined) return Number.POSITIVE_INFINITY;
  const pullAt = session.pull === undefined ? session.pullAt : Number.POSITIVE_INFINITY;
  const pushes = session.push === undefined && session.pulled && outbound.waiting > 0;
  return Math.min(pullAt, pushes ? session.pushAt : Number.POSITIVE_INFINITY);
}

function pull(router: Router, link: Link, session: Session, now: number): void {
  const id = router.nextNumber();
  const path = `/v${session.identity.version}/pull`;
  const { headers, mac } = requestHeaders(router, link, session, id, { method: "GET", path, body: "" });
  session.pull = { id, mac, overtaken: new Set() };
  session.pulledAt = now;
  link.counters.pullsSent += 1;
  send(router, link, session, { id, method: "GET", path, headers, body: undefined });
}

function push(router: Router, link: Link, session: Session): void {
  const style = styleFor(session);
  const limit = Math.min(pushBodyLimit, session.traits?.bodyLimit ?? referenceBodyLimit);
  const update = link.outbound.next(limit, {
    wanted: (key) => router.wanted(key, link),
    size: (vector) => byteLength(vectorText(vector, style)),
  });
  if (update === undefined) return;
  const id = router.nextNumber();
  const body = updateBody(update, style);
  const path = `/v${session.identity.version}/push`;
  const { headers, mac } = requestHeaders(router, link, session, id, { method: "PUT", path, body });
  session.push = { id, mac };
  send(router, link, session, { id, method: "PUT", path, headers, body });
}

/** How the peer likes bodies. */
export function styleFor({ identity, traits }: Pick<Session, "identity" | "traits">): BodyStyle {
  return { version: identity.version, tunnelPaths: traits !== undefined };
}

/** Take the answer to a pull or push. */
export function takeAnswer(
  router: Router,
  link: Link,
  answer: Pick<Extract<Input, { kind: "answer" }>, "id" | "status" | "headers" | "body">,
  now: number,
): void {
  const { session } = link;
  if (session === undefined) return;
  const request = [session.pull, session.push].find((pending) => pending?.id === answer.id);
  if (request === undefined) return;
  if (!isAnswerGenuine(router, link, session, request.mac, answer)) {
    link.counters.strangersRefused += 1;
    takeFailure(router, link, answer.id, "the answer is not signed as it should be", now);
    return;
  }
  const isDone = answer.status >= 200 && answer.status <= 299;
  // A router that does not know this one yet refuses without a word about itself.
  session.traits = traitsOf(answer.headers) ?? (isDone ? undefined : session.traits);
  if (!isDone) {
    takeFailure(router, link, answer.id, `status ${answer.status}: ${answer.body.slice(0, 200)}`, now);
  } else if (request === session.push) {
    session.push = undefined;
    session.pushFailures = 0;
    link.outbound.sent();
    link.counters.updatesSent += 1;
  } else {
    takePullAnswer(router, link, session, answer, now);
  }
}

function takePullAnswer(
  router: Router,
  link: Link,
  session: Session,
  { id, body }: { readonly id: number; readonly body: string },
  now: number,
): void {
  try {
    const vectors = new BodyReader(session.identity.hostname).pullResponse(body);
    const overtaken = session.pull?.overtaken ?? new Set();
    session.pull = undefined;
    session.pullFailures = 0;
    session.pulled = true;
    const { resyncInterval, verifiedResyncInterval } = router.settings.timers;
    session.pullAt = now + spread(router, session.traits === undefined ? resyncInterval : verifiedResyncInterval);
    applyPull(router, link, session, vectors, overtaken);
    router.restart.settle(link.name);
  } catch (error) {
    if (!(error instanceof BodyFault)) throw error;
    link.counters.malformedBodies += 1;
    takeFailure(router, link, id, error.message, now);
  }
}

/** A pull or push failed: it is repeated, later each time. Only discovery decides whether the peer is there. */
export function takeFailure(router: Router, link: Link, id: number, reason: string, now: number): void {
  const { session } = link;
  if (session === undefined) return;
  if (session.push?.id === id) {
    session.push = undefined;
    link.outbound.failed();
    link.counters.updateSendFail += 1;
    session.pushFailures += 1;
    session.pushAt = now + retryDelay(router, session.pushFailures);
    router.say("warn", `${link.name}: push to ${session.identity.hostname} failed: ${reason}`, `push ${link.name}`);
  } else if (session.pull?.id === id) {
    session.pull = undefined;
    link.counters.pullFail += 1;
    session.pullFailures += 1;
    session.pullAt = now + retryDelay(router, session.pullFailures);
    // The first may come before the peer has found this router.
    if (session.pullFailures === pullFailuresToTell) {
      router.say("warn", `${link.name}: pull from ${session.identity.hostname} failed: ${reason}`, `pull ${link.name}`);
    }
  }
}

function retryDelay(router: Router, failures: number): number {
  return spread(router, Math.min(firstRetryMs * 2 ** (failures - 1), router.settings.timers.solicitInterval));
}

/** The period, an eighth less or more, so that routers that began together do not stay together. */
function spread({ settings: { random } }: Router, periodMs: number): number {
  return periodMs * (0.875 + random.below(1024) / 4096);
}

function send(
  router: Router,
  link: Link,
  session: Session,
  request: {
    readonly id: number;
    readonly method: "GET" | "PUT";
    readonly path: string;
    readonly headers: Headers;
    readonly body: string | undefined;
  },
): void {
  const timeoutMs = router.settings.timers.exchangeTimeout;
  router.outputs.push({ kind: "request", link: link.name, to: session.identity.address, timeoutMs, ...request });
}

function byteLength(text: string): number {
  let bytes = text.length;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    // Two code units of a surrogate pair are four bytes.
    if (code > 0x7f) bytes += code > 0x7ff && (code & 0xf800) !== 0xd800 ? 2 : 1;
  }
  return bytes;
}
