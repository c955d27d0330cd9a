import type { ExchangeVersion } from "./exchange-schema.ts";
import type { RouteKey } from "./route-key.ts";

/** Names and values of HTTP headers, names in lower case. */
export type Headers = Readonly<Record<string, string>>;

/** What a pull or a push is about. */
export type ExchangeOperation = "push" | "pull";

/** What happens to a router; addresses are without zone. */
export type Input =
  /** The state of an interface as the system has it; `address` is its usable link-local address. */
  | {
      readonly kind: "interface";
      readonly link: string;
      /** The number that the system knows it by, 0 while there is none; only told on. */
      readonly index: number;
      readonly address: string | undefined;
      /** It has a carrier and is enabled. */
      readonly up: boolean;
    }
  /** A discovery message arrived; `group` if it was sent to the group. */
  | {
      readonly kind: "datagram";
      readonly link: string;
      readonly from: string;
      readonly group: boolean;
      readonly bytes: Uint8Array;
    }
  /** A discovery message could not be sent. */
  | { readonly kind: "not-sent"; readonly link: string; readonly reason: string }
  /** A peer's HTTP request; answered by an output `reply` of the same id. */
  | {
      readonly kind: "exchange";
      readonly link: string;
      readonly id: number;
      readonly from: string;
      readonly operation: ExchangeOperation;
      readonly version: ExchangeVersion;
      readonly headers: Headers;
      readonly body: string;
    }
  /** A request that never came to be one of the exchange: its body was too long, its path unknown. */
  | { readonly kind: "refused"; readonly link: string; readonly reason: string }
  /** The answer to a request of this router. */
  | {
      readonly kind: "answer";
      readonly link: string;
      readonly id: number;
      readonly status: number;
      readonly headers: Headers;
      readonly body: string;
    }
  /** A request of this router failed without an answer; `refused` if the peer's machine is there and nobody listens. */
  | {
      readonly kind: "no-answer";
      readonly link: string;
      readonly id: number;
      readonly reason: string;
      readonly refused: boolean;
    }
  /** What was asked for by `routes` is in the forwarding table now, with at least one next hop. */
  | { readonly kind: "programmed"; readonly destinations: readonly string[] }
  /** Before anything else: an earlier run left routes by these links in the forwarding table. */
  | { readonly kind: "found"; readonly links: readonly string[] }
  | { readonly kind: "originate"; readonly keys: readonly RouteKey[] }
  | { readonly kind: "withdraw"; readonly keys: readonly RouteKey[] }
  /** Give up the peer with this address; it comes back with its next advertisement. */
  | { readonly kind: "expire"; readonly address: string }
  /** Pull from every peer. */
  | { readonly kind: "sync" }
  /** The moment of {@link Engine.wakeAt} has come. */
  | { readonly kind: "wake" };

/** One way to reach a destination. */
export interface NextHop {
  readonly link: string;
  /** The neighbour's link-local address. */
  readonly address: string;
}

/** What a destination's forwarding shall be from now on; without next hops it is removed. */
export interface RouteChange {
  readonly destination: string;
  readonly nextHops: readonly NextHop[];
}

/** What a router wants done, in this order. */
export type Output =
  | { readonly kind: "solicit"; readonly link: string; readonly bytes: Uint8Array }
  | { readonly kind: "advertise"; readonly link: string; readonly to: string; readonly bytes: Uint8Array }
  /** Make an HTTP request at the peer; tell `answer` or `no-answer`. */
  | {
      readonly kind: "request";
      readonly link: string;
      readonly id: number;
      readonly to: string;
      readonly method: "GET" | "PUT";
      readonly path: string;
      readonly headers: Headers;
      readonly body: string | undefined;
      readonly timeoutMs: number;
    }
  | {
      readonly kind: "reply";
      readonly id: number;
      readonly status: number;
      readonly headers: Headers;
      readonly body: string;
    }
  | { readonly kind: "routes"; readonly changes: readonly RouteChange[] }
  /**
   * All is known that leads to this link, or to any link if there is none here: what an earlier run left in the table and
   * `routes` did not ask for is stale.
   */
  | { readonly kind: "settled"; readonly link: string | undefined }
  /** The originated set is another one. */
  | { readonly kind: "persist" }
  | {
      readonly kind: "log";
      readonly level: "info" | "warn";
      /** Set if it is to be said once only. */
      readonly once?: string | undefined;
      readonly message: string;
    };
