import type { RouterKind } from "./policy.ts";

/** Whose secret a message is signed with: that of one rack's routers, or the one that switches of different racks share. */
export type KeyName = "rack" | "inter-rack";

/** HMAC-SHA256 under the keys of this router; they are known here only. */
export interface MessageAuthenticator {
  has(key: KeyName): boolean;
  /** 32 bytes. Throws if the key is not there. */
  sign(key: KeyName, message: Uint8Array): Uint8Array;
  /** False also if the key is not there. */
  verify(key: KeyName, message: Uint8Array, mac: Uint8Array): boolean;
}

/** The key for messages between two routers: only between two transit routers it is that of the racks. */
export function keyBetween(a: RouterKind, b: RouterKind): KeyName {
  return a === "transit" && b === "transit" ? "inter-rack" : "rack";
}

/** Bytes of a signature. */
export const macLength = 32;

/** What is signed of an HTTP request, beside its body. */
export interface SignedRequest {
  readonly method: string;
  readonly path: string;
  /** Link-local addresses without zone. */
  readonly from: string;
  readonly to: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** What is signed of the answer to an HTTP request. */
export interface SignedAnswer {
  readonly status: number;
  readonly from: string;
  readonly to: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** The signature of the request, hexadecimal: an answer belongs to one request. */
  readonly requestMac: string;
}

/** Names of HTTP headers between routers of this implementation; a reference peer knows none of them (docs/ddm.md). */
export const header = {
  router: "ddm-router",
  instance: "ddm-instance",
  bodyLimit: "ddm-body-limit",
  number: "ddm-number",
  key: "ddm-key",
  mac: "ddm-mac",
} as const;

const encoder = new TextEncoder();

/** The bytes that the signature of a request is made of. */
export function requestBytes({ method, path, from, to, headers, body }: SignedRequest): Uint8Array {
  return encoder.encode(["ddm request", method, path, from, to, ...signedHeaders(headers), "", body].join("\n"));
}

/** The bytes that the signature of an answer is made of. */
export function answerBytes({ status, from, to, headers, body, requestMac }: SignedAnswer): Uint8Array {
  return encoder.encode(
    ["ddm answer", String(status), from, to, ...signedHeaders(headers), requestMac, "", body].join("\n"),
  );
}

function signedHeaders(headers: Readonly<Record<string, string>>): string[] {
  return [header.router, header.instance, header.bodyLimit, header.number, header.key].map(
    (name) => `${name}: ${headers[name] ?? ""}`,
  );
}

/** Bytes as lower-case hexadecimal. */
export function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** The bytes of a signature's hexadecimal text; undefined if it is none. */
export function macOfHex(text: string | undefined): Uint8Array | undefined {
  if (text === undefined || !/^[0-9a-f]{64}$/.test(text)) return undefined;
  return Uint8Array.from({ length: macLength }, (_, at) => Number.parseInt(text.slice(2 * at, 2 * at + 2), 16));
}
