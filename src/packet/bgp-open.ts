import { type Body, empty, header, sequence } from "./body.ts";
import {
  type BgpFamilies,
  type BgpFamily,
  familyField,
  spacedFamilies,
  subsequentFamilyField,
  wideSubsequentFamilyField,
} from "./bgp-family.ts";
import { measured, repeated, text } from "./compound-body.ts";
import { byteEnvelope } from "./envelope.ts";
import { bits, flag, ipv4Field, named, spare } from "./field.ts";
import { type OptionFormat, variantList } from "./option-list.ts";
import { variant } from "./variant.ts";

/** Routes that were kept over a restart, or not (RFC 4724 section 3). */
export interface GracefulRestartFamily extends BgpFamilies {
  readonly forwarding: boolean;
  /** Seven spare bits; absent if zero. */
  readonly reserved?: number;
}

/** Something a BGP speaker can do (RFC 5492). */
export type BgpCapability =
  /** RFC 4760. */
  | ({ readonly capability: "multiprotocol"; readonly reserved?: number } & BgpFamilies)
  /** RFC 2918. */
  | { readonly capability: "route-refresh" }
  /** RFC 8950. */
  | {
      readonly capability: "extended-next-hop";
      readonly families: readonly (BgpFamilies & { readonly nextHopFamily: BgpFamily })[];
    }
  /** RFC 8654. */
  | { readonly capability: "extended-message" }
  /** RFC 4724; `restartTime` in seconds, `notification` by RFC 8538. */
  | {
      readonly capability: "graceful-restart";
      readonly restarting: boolean;
      readonly notification: boolean;
      readonly reserved?: number;
      readonly restartTime: number;
      readonly families: readonly GracefulRestartFamily[];
    }
  /** RFC 6793. */
  | { readonly capability: "four-octet-as"; readonly asNumber: number }
  /** RFC 7911. */
  | {
      readonly capability: "add-path";
      readonly families: readonly (BgpFamilies & { readonly mode: "receive" | "send" | "both" | number })[];
    }
  /** RFC 7313. */
  | { readonly capability: "enhanced-route-refresh" }
  | { readonly capability: "hostname"; readonly hostname: string; readonly domain: string }
  | { readonly capability: "unknown"; readonly type: number; readonly data: Uint8Array }
  | { readonly capability: "unreadable"; readonly data: Uint8Array };

/** An optional parameter of an OPEN message. */
export type BgpParameter =
  | { readonly parameter: "capabilities"; readonly capabilities: readonly BgpCapability[] }
  | { readonly parameter: "unknown"; readonly type: number; readonly data: Uint8Array }
  | { readonly parameter: "unreadable"; readonly data: Uint8Array };

/** How a BGP session begins (RFC 4271 section 4.2). */
export interface BgpOpen {
  readonly version: number;
  /** 23456 if it has no place in two bytes: the capability `four-octet-as` tells it. */
  readonly asNumber: number;
  /** Seconds. */
  readonly holdTime: number;
  /** The speaker's identifier in the form of an IPv4 address. */
  readonly identifier: string;
  readonly parameters: readonly BgpParameter[];
}

const envelope = byteEnvelope({ countsItself: false });

type Capability<Name extends BgpCapability["capability"]> = Omit<
  Extract<BgpCapability, { capability: Name }>,
  "capability" | "families"
>;

const capabilities: OptionFormat<BgpCapability, "capability"> = {
  known: {
    multiprotocol: variant(1, header<Capability<"multiprotocol">>(spacedFamilies)),
    "route-refresh": variant(2, empty),
    "extended-next-hop": variant(
      5,
      repeated(
        "families",
        header<BgpFamilies & { nextHopFamily: BgpFamily }>({
          family: familyField,
          subsequentFamily: wideSubsequentFamilyField,
          nextHopFamily: familyField,
        }),
      ),
    ),
    "extended-message": variant(6, empty),
    "graceful-restart": variant(
      64,
      sequence(
        header<Capability<"graceful-restart">>({
          restarting: flag(),
          notification: flag(),
          reserved: spare(2),
          restartTime: bits(12),
        }),
        repeated(
          "families",
          header<GracefulRestartFamily>({
            family: familyField,
            subsequentFamily: subsequentFamilyField,
            forwarding: flag(),
            reserved: spare(7),
          }),
        ),
      ),
    ),
    "four-octet-as": variant(65, header<{ asNumber: number }>({ asNumber: bits(32) })),
    "add-path": variant(
      69,
      repeated(
        "families",
        header<BgpFamilies & { mode: "receive" | "send" | "both" | number }>({
          family: familyField,
          subsequentFamily: subsequentFamilyField,
          mode: named(8, { receive: 1, send: 2, both: 3 }),
        }),
      ),
    ),
    "enhanced-route-refresh": variant(70, empty),
    hostname: variant(73, sequence(measured(8, text("hostname")), measured(8, text("domain")))),
  },
  envelope,
};

const parameters: OptionFormat<BgpParameter, "parameter"> = {
  known: { capabilities: variant(2, variantList("capabilities", "capability", capabilities)) },
  envelope,
};

/** What follows the header of an OPEN message. */
export const bgpOpenBody: Body<BgpOpen> = sequence(
  header<Omit<BgpOpen, "parameters">>({
    version: bits(8),
    asNumber: bits(16),
    holdTime: bits(16),
    identifier: ipv4Field(),
  }),
  measured(8, variantList("parameters", "parameter", parameters)),
);
