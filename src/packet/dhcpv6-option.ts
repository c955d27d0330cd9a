import { empty, header, list, rest, sequence } from "./body.ts";
import { text } from "./compound-body.ts";
import { domainNames } from "./dns-name.ts";
import { type Duid, duidBody } from "./duid.ts";
import { wordEnvelope } from "./envelope.ts";
import { bits, flag, ipv6Field, named, spare } from "./field.ts";
import { type OptionFormat, optionList, type UnknownOption, type UnreadableOptions } from "./option-list.ts";
import { type Variant, variant } from "./variant.ts";

/** How something went (RFC 8415 section 21.13). */
export type Dhcpv6Status =
  | "success"
  | "unspecified-failure"
  | "no-addresses-available"
  | "no-binding"
  | "not-on-link"
  | "use-multicast"
  | "no-prefix-available"
  | number;

/** How something went, and why, for people. */
export interface StatusOption {
  readonly option: "status-code";
  readonly status: Dhcpv6Status;
  readonly text: string;
}

/** Options of an address or a prefix. */
export type LeaseOption = StatusOption | UnknownOption | UnreadableOptions;

/** An address that is lent (RFC 8415 section 21.6). Lifetimes in seconds; 0xffffffff is forever. */
export interface IaAddress {
  readonly option: "ia-address";
  readonly address: string;
  readonly preferredLifetime: number;
  readonly validLifetime: number;
  readonly options: readonly LeaseOption[];
}

/** A prefix that is lent (RFC 8415 section 21.22). Lifetimes in seconds; 0xffffffff is forever. */
export interface IaPrefix {
  readonly option: "ia-prefix";
  readonly preferredLifetime: number;
  readonly validLifetime: number;
  /** Bits. */
  readonly prefixLength: number;
  readonly prefix: string;
  readonly options: readonly LeaseOption[];
}

/** Options of an identity association. */
export type IaOption = IaAddress | IaPrefix | LeaseOption;

/** An option of DHCPv6 (RFC 8415 section 21, RFC 3646, RFC 4704). */
export type Dhcpv6Option =
  | { readonly option: "client-id" | "server-id"; readonly duid: Duid }
  /** Addresses or prefixes of one interface. `t1` and `t2` are the seconds until renewal and rebinding. */
  | {
      readonly option: "ia-na" | "ia-pd";
      readonly iaid: number;
      readonly t1: number;
      readonly t2: number;
      readonly options: readonly IaOption[];
    }
  /** Temporary addresses. */
  | { readonly option: "ia-ta"; readonly iaid: number; readonly options: readonly IaOption[] }
  /** Types of the options that the client asks for. */
  | { readonly option: "option-request"; readonly types: readonly number[] }
  | { readonly option: "preference"; readonly preference: number }
  /** Since the client began, in hundredths of a second. */
  | { readonly option: "elapsed-time"; readonly centiseconds: number }
  /** The message that a relay passes on: `parse(data, "dhcpv6")` reads it. */
  | { readonly option: "relay-message"; readonly data: Uint8Array }
  | StatusOption
  | { readonly option: "rapid-commit" }
  | { readonly option: "interface-id"; readonly data: Uint8Array }
  | { readonly option: "dns-servers" | "sntp-servers"; readonly addresses: readonly string[] }
  | { readonly option: "domain-list"; readonly domains: readonly string[] }
  /** The client's name and who is to tell the DNS about it. */
  | {
      readonly option: "client-fqdn";
      readonly reserved?: number;
      readonly noServerUpdate: boolean;
      readonly serverOverride: boolean;
      readonly serverUpdate: boolean;
      readonly domains: readonly string[];
    }
  | UnknownOption
  | UnreadableOptions;

const statusCode: Variant = variant(
  13,
  sequence(
    header<Pick<StatusOption, "status">>({
      status: named(16, {
        success: 0,
        "unspecified-failure": 1,
        "no-addresses-available": 2,
        "no-binding": 3,
        "not-on-link": 4,
        "use-multicast": 5,
        "no-prefix-available": 6,
      }),
    }),
    text("text"),
  ),
);

const envelope = wordEnvelope;
const leaseFormat: OptionFormat<LeaseOption> = { known: { "status-code": statusCode }, envelope };
const leaseOptions = optionList(leaseFormat);

const iaFormat: OptionFormat<IaOption> = {
  known: {
    "ia-address": variant(
      5,
      sequence(
        header<Omit<IaAddress, "option" | "options">>({
          address: ipv6Field(),
          preferredLifetime: bits(32),
          validLifetime: bits(32),
        }),
        leaseOptions,
      ),
    ),
    "ia-prefix": variant(
      26,
      sequence(
        header<Omit<IaPrefix, "option" | "options">>({
          preferredLifetime: bits(32),
          validLifetime: bits(32),
          prefixLength: bits(8),
          prefix: ipv6Field(),
        }),
        leaseOptions,
      ),
    ),
    "status-code": statusCode,
  },
  envelope,
};
const iaOptions = optionList(iaFormat);

const association = sequence(
  header<{ iaid: number; t1: number; t2: number }>({ iaid: bits(32), t1: bits(32), t2: bits(32) }),
  iaOptions,
);
const addresses = list("addresses", ipv6Field());

/** How the options of DHCPv6 are written. */
export const dhcpv6Options: OptionFormat<Dhcpv6Option> = {
  known: {
    "client-id": variant(1, duidBody),
    "server-id": variant(2, duidBody),
    "ia-na": variant(3, association),
    "ia-ta": variant(4, sequence(header<{ iaid: number }>({ iaid: bits(32) }), iaOptions)),
    "option-request": variant(6, list("types", bits(16))),
    preference: variant(7, header<{ preference: number }>({ preference: bits(8) })),
    "elapsed-time": variant(8, header<{ centiseconds: number }>({ centiseconds: bits(16) })),
    "relay-message": variant(9, rest("data")),
    "status-code": statusCode,
    "rapid-commit": variant(14, empty),
    "interface-id": variant(18, rest("data")),
    "dns-servers": variant(23, addresses),
    "domain-list": variant(24, domainNames),
    "ia-pd": variant(25, association),
    "sntp-servers": variant(31, addresses),
    "client-fqdn": variant(
      39,
      sequence(
        header<{ reserved?: number; noServerUpdate: boolean; serverOverride: boolean; serverUpdate: boolean }>({
          reserved: spare(5),
          noServerUpdate: flag(),
          serverOverride: flag(),
          serverUpdate: flag(),
        }),
        domainNames,
      ),
    ),
  },
  envelope,
};
