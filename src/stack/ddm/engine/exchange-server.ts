import { pullResponseBody } from "./exchange-body.ts";
import { BodyFault, BodyReader } from "./exchange-schema.ts";
import { answerHeaders, isRequestGenuine, traitsOf } from "./exchange-signing.ts";
import { styleFor } from "./exchange-client.ts";
import { applyUpdate } from "./import.ts";
import type { Input } from "./input-output.ts";
import type { Link, Session } from "./link.ts";
import type { Router } from "./router.ts";
import type { Vector } from "./update.ts";

type ExchangeInput = Extract<Input, { kind: "exchange" }>;

/** A reference peer that pulls is pulled from in turn, but no more often than this. */
const shortestPullIntervalMs = 1000;
/** Two routers that refuse each other's pulls cause no more of them than this. */
const shortestRepetitionMs = 250;

/** Answer a peer's pull or push. */
export function takeExchange(router: Router, link: Link, request: ExchangeInput, now: number): void {
  const { session } = link;
  if (session?.identity.address !== request.from) {
    // It is here before its advertisement, or it is not this link's peer; the first repeats soon.
    link.counters.strangersRefused += 1;
    reply(router, request, 503, refusal("this router has no such peer"));
    return;
  }
  const { operation, version, body, headers } = request;
  const method = operation === "pull" ? "GET" : "PUT";
  if (!isRequestGenuine(router, link, session, headers, { method, path: `/v${version}/${operation}`, body })) {
    link.counters.strangersRefused += 1;
    router.say(
      "warn",
      `${link.name}: a ${operation} of ${request.from} is not signed as it should be`,
      `forged ${link.name}`,
    );
    reply(router, request, 403, refusal("the request is not signed as it must be"));
    return;
  }
  noticeRestart(session, request, now);
  // It did not know this router yet, or nothing else: now it does.
  if (session.pullFailures > 0) {
    session.pullAt = Math.min(session.pullAt, Math.max(now, session.pulledAt + shortestRepetitionMs));
  }
  // A server tells of its own prefixes alone, which it knows.
  if (operation === "pull" && router.settings.kind === "transit" && router.restart.isWaiting) {
    const body = refusal("this router has just started and does not know everything yet");
    reply(router, request, 503, body, answerHeaders(router, link, session, headers, { status: 503, body }));
    return;
  }
  const answer =
    operation === "pull" ? takePull(router, link, session, request) : takePush(router, link, session, body);
  reply(router, request, answer.status, answer.body, answerHeaders(router, link, session, headers, answer));
}

/** A peer that began anew may have other prefixes than before: pull. A reference peer pulls only when it begins. */
function noticeRestart(session: Session, { headers, operation }: ExchangeInput, now: number): void {
  const traits = traitsOf(headers);
  const before = session.traits;
  session.traits = traits;
  const restarted = traits === undefined ? operation === "pull" : traits.instance !== before?.instance;
  if (restarted && session.pulled) {
    session.pullAt = Math.min(session.pullAt, Math.max(now, session.pulledAt + shortestPullIntervalMs));
  }
}

function takePush(
  router: Router,
  link: Link,
  session: Session,
  body: string,
): { readonly status: number; readonly body: string } {
  try {
    applyUpdate(router, link, session, new BodyReader(session.identity.hostname).update(body));
    link.counters.updatesReceived += 1;
    return { status: 204, body: "" };
  } catch (error) {
    if (!(error instanceof BodyFault)) throw error;
    link.counters.malformedBodies += 1;
    router.say("warn", `${link.name}: a push was ignored: ${error.message}`, `body ${link.name}`);
    return { status: 400, body: refusal(error.message) };
  }
}

function takePull(
  router: Router,
  link: Link,
  session: Session,
  { version }: ExchangeInput,
): { readonly status: number; readonly body: string } {
  link.counters.pullsReceived += 1;
  const vectors: Vector[] = [];
  for (const key of router.exportableKeys()) {
    const path = router.wanted(key, link);
    if (path !== undefined) vectors.push({ key, path });
  }
  link.outbound.pulled(vectors);
  session.pushAt = 0;
  return { status: 200, body: pullResponseBody(vectors, { ...styleFor(session), version }) };
}

function refusal(message: string): string {
  return JSON.stringify({ message, request_id: "" });
}

function reply(
  router: Router,
  { id }: ExchangeInput,
  status: number,
  body: string,
  headers: Readonly<Record<string, string>> = {},
): void {
  router.outputs.push({ kind: "reply", id, status, headers, body });
}
