import {
  answerBytes,
  header,
  type KeyName,
  keyBetween,
  macOfHex,
  type MessageAuthenticator,
  requestBytes,
  toHex,
} from "./authentication.ts";
import type { Headers } from "./input-output.ts";
import type { Link, PeerTraits, Session } from "./link.ts";
import type { Router } from "./router.ts";
import { ownBodyLimit, referenceBodyLimit } from "./settings.ts";

/** A request as it goes out or came in. */
export interface ExchangeRequest {
  readonly method: "GET" | "PUT";
  readonly path: string;
  readonly body: string;
}

/** The headers of a request of this router, and its signature in signed mode (else an empty text). */
export function requestHeaders(
  router: Router,
  link: Link,
  session: Session,
  number: number,
  request: ExchangeRequest,
): { readonly headers: Headers; readonly mac: string } {
  const headers = ownHeaders(router, number);
  const { authenticator } = router.settings;
  if (authenticator === undefined) return { headers, mac: "" };
  const key = keyBetween(router.settings.kind, session.identity.kind);
  const keyed = { ...headers, [header.key]: key };
  const ends = { from: link.address ?? "", to: session.identity.address };
  const mac = toHex(authenticator.sign(key, requestBytes({ ...request, ...ends, headers: keyed })));
  return { headers: { ...keyed, [header.mac]: mac }, mac };
}

/** Whether a peer's request is signed as it must be, by the router that was discovered, and is no repetition. */
export function isRequestGenuine(
  router: Router,
  link: Link,
  session: Session,
  headers: Headers,
  request: ExchangeRequest,
): boolean {
  const { authenticator } = router.settings;
  if (authenticator === undefined) return true;
  const ends = { from: session.identity.address, to: link.address ?? "" };
  const traits = traitsOf(headers);
  return (
    traits !== undefined &&
    traits.instance === session.identity.instance &&
    isSigned(authenticator, keyOf(router, session), headers, requestBytes({ ...request, ...ends, headers })) &&
    session.numbers.take(Number(headers[header.number]))
  );
}

/** The headers of an answer to a peer's request. */
export function answerHeaders(
  router: Router,
  link: Link,
  session: Session,
  requestHeadersOfPeer: Headers,
  answer: { readonly status: number; readonly body: string },
): Headers {
  const headers = ownHeaders(router, Number(requestHeadersOfPeer[header.number] ?? 0));
  const { authenticator } = router.settings;
  if (authenticator === undefined) return headers;
  const key = keyOf(router, session);
  const keyed = { ...headers, [header.key]: key };
  const ends = { from: link.address ?? "", to: session.identity.address };
  const requestMac = requestHeadersOfPeer[header.mac] ?? "";
  const mac = toHex(authenticator.sign(key, answerBytes({ ...answer, ...ends, headers: keyed, requestMac })));
  return { ...keyed, [header.mac]: mac };
}

/** Whether an answer is the peer's, to this request. */
export function isAnswerGenuine(
  router: Router,
  link: Link,
  session: Session,
  requestMac: string,
  answer: { readonly status: number; readonly headers: Headers; readonly body: string },
): boolean {
  const { authenticator } = router.settings;
  if (authenticator === undefined) return true;
  const ends = { from: session.identity.address, to: link.address ?? "" };
  const bytes = answerBytes({ ...answer, ...ends, requestMac });
  return isSigned(authenticator, keyOf(router, session), answer.headers, bytes);
}

/** What the headers tell of a peer of this implementation; undefined for a reference peer. */
export function traitsOf(headers: Headers): PeerTraits | undefined {
  const routerId = headers[header.router] ?? "";
  const instance = Number(headers[header.instance]);
  const bodyLimit = Number(headers[header.bodyLimit]);
  const isWhole = routerId !== "" && Number.isSafeInteger(instance) && Number.isSafeInteger(bodyLimit);
  return isWhole ? { routerId, instance, bodyLimit: Math.max(bodyLimit, referenceBodyLimit) } : undefined;
}

function ownHeaders({ settings: { routerId, instance } }: Router, number: number): Headers {
  return {
    [header.router]: routerId,
    [header.instance]: String(instance),
    [header.bodyLimit]: String(ownBodyLimit),
    [header.number]: String(number),
  };
}

function isSigned(authenticator: MessageAuthenticator, key: KeyName, headers: Headers, bytes: Uint8Array): boolean {
  const mac = macOfHex(headers[header.mac]);
  return mac !== undefined && headers[header.key] === key && authenticator.verify(key, bytes, mac);
}

function keyOf(router: Router, session: Session): KeyName {
  return keyBetween(router.settings.kind, session.identity.kind);
}
