import { type BgpAttribute, bgpAttributeBody } from "./bgp-attribute.ts";
import { type BgpFamilies, spacedFamilies } from "./bgp-family.ts";
import { type BgpOpen, bgpOpenBody } from "./bgp-open.ts";
import { type Body, empty, header, rest, sequence } from "./body.ts";
import { measured, repeated } from "./compound-body.ts";
import { bits, named } from "./field.ts";
import { ipv4PrefixBody } from "./prefix-body.ts";
import { variant, type Variants, variants } from "./variant.ts";

/** Why a BGP session ends (RFC 4271 section 4.5). */
export type BgpError =
  | "message-header"
  | "open-message"
  | "update-message"
  | "hold-timer-expired"
  | "finite-state-machine"
  | "cease"
  | "route-refresh-message"
  | number;

/** Routes that come and go (RFC 4271 section 4.3). The lists are prefixes of IPv4; others are in attributes. */
export interface BgpUpdate {
  readonly withdrawn: readonly string[];
  readonly attributes: readonly BgpAttribute[];
  readonly announced: readonly string[];
}

/** What a BGP message says. */
export type BgpMessage =
  | ({ readonly message: "open" } & BgpOpen)
  | ({ readonly message: "update" } & BgpUpdate)
  | {
      readonly message: "notification";
      readonly error: BgpError;
      /** Its meaning depends on `error`. */
      readonly subcode: number;
      readonly data: Uint8Array;
    }
  | { readonly message: "keepalive" }
  /** RFC 2918; `reserved` is the subtype of RFC 7313. */
  | ({ readonly message: "route-refresh"; readonly reserved?: number } & BgpFamilies)
  | { readonly message: "other"; readonly type: number; readonly data: Uint8Array };

/**
 * A message of BGP (RFC 4271), carried by TCP. A segment may begin with several; what is left of it when no whole message
 * comes any more is payload.
 */
export type Bgp = BgpMessage & { readonly layer: "bgp" };

const updateBody: Body<BgpUpdate> = sequence(
  measured(16, repeated("withdrawn", ipv4PrefixBody)),
  sequence(measured(16, repeated("attributes", bgpAttributeBody)), repeated("announced", ipv4PrefixBody)),
);

/** What follows the header of each message. */
export const bgpMessages: Variants = variants({
  open: variant(1, bgpOpenBody),
  update: variant(2, updateBody),
  notification: variant(
    3,
    sequence(
      header<{ error: BgpError; subcode: number }>({
        error: named(8, {
          "message-header": 1,
          "open-message": 2,
          "update-message": 3,
          "hold-timer-expired": 4,
          "finite-state-machine": 5,
          cease: 6,
          "route-refresh-message": 7,
        }),
        subcode: bits(8),
      }),
      rest("data"),
    ),
  ),
  keepalive: variant(4, empty),
  "route-refresh": variant(5, header<BgpFamilies & { reserved?: number }>(spacedFamilies)),
});
