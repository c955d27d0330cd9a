import { type Body, copied, empty, header, list, rest } from "./body.ts";
import { repeated, text } from "./compound-body.ts";
import { domainNames } from "./dns-name.ts";
import { byteEnvelope } from "./envelope.ts";
import { bits, ipv4Field, named } from "./field.ts";
import { formatIpv4, parseIpv4 } from "./ipv4-address.ts";
import { formatMac, parseMac } from "./mac.ts";
import type { OptionFormat, UnknownOption } from "./option-list.ts";
import { faultOf } from "./packet-error.ts";
import { ipv4PrefixBody } from "./prefix-body.ts";
import { variant } from "./variant.ts";

/** What a DHCP message is about (RFC 2132 section 9.6). */
export type Dhcpv4MessageType =
  "discover" | "offer" | "request" | "decline" | "acknowledge" | "refuse" | "release" | "inform" | number;

/** A route that a DHCP client is to have (RFC 3442). */
export interface ClasslessRoute {
  /** `0.0.0.0/0` for the default route. */
  readonly destination: string;
  /** `0.0.0.0`: the destination is on the link. */
  readonly router: string;
}

/** An option of DHCP (RFC 2132, RFC 3397, RFC 3442). The end of the list is not one. */
export type Dhcpv4Option =
  | { readonly option: "pad" }
  | { readonly option: "subnet-mask"; readonly mask: string }
  | { readonly option: "routers" | "dns-servers"; readonly addresses: readonly string[] }
  | { readonly option: "host-name" | "domain-name"; readonly name: string }
  /** Bytes. */
  | { readonly option: "interface-mtu"; readonly mtu: number }
  | { readonly option: "broadcast-address" | "requested-address" | "server-identifier"; readonly address: string }
  | { readonly option: "lease-time" | "renewal-time" | "rebinding-time"; readonly seconds: number }
  | { readonly option: "message-type"; readonly message: Dhcpv4MessageType }
  /** Types of the options that the client asks for. */
  | { readonly option: "parameter-request-list"; readonly types: readonly number[] }
  /** Bytes. */
  | { readonly option: "maximum-message-size"; readonly size: number }
  | { readonly option: "vendor-class"; readonly name: string }
  /** `id` is a MAC address where `hardwareType` is 1, Ethernet; else bytes. */
  | { readonly option: "client-identifier"; readonly hardwareType: number; readonly id: string | Uint8Array }
  | { readonly option: "domain-search"; readonly domains: readonly string[] }
  | { readonly option: "classless-routes"; readonly routes: readonly ClasslessRoute[] }
  | { readonly option: "relay-agent-information"; readonly data: Uint8Array }
  | UnknownOption;

const address = header<{ address: string }>({ address: ipv4Field() });
const addresses = list("addresses", ipv4Field());
const seconds = header<{ seconds: number }>({ seconds: bits(32) });

const hardware = header<{ hardwareType: number }>({ hardwareType: bits(8) });
const ethernetType = 1;

const clientIdentifier: Body<{ readonly hardwareType: number; readonly id: string | Uint8Array }> = {
  decode(bytes) {
    const begin = hardware.decode(bytes);
    if (begin === undefined) return undefined;
    const { hardwareType } = begin.values;
    const rest = bytes.subarray(hardware.size);
    const isMac = hardwareType === ethernetType && rest.length === 6;
    return { values: { hardwareType, id: isMac ? formatMac(rest) : copied(rest) }, length: bytes.length };
  },
  encode: ({ hardwareType, id }) =>
    Buffer.concat([hardware.encode({ hardwareType }), typeof id === "string" ? parseMac(id) : id]),
  faults({ hardwareType, id }) {
    const fault = typeof id === "string" ? faultOf(() => parseMac(id)) : undefined;
    return [...hardware.faults({ hardwareType }), ...(fault === undefined ? [] : [`id: ${fault}`])];
  },
};

const classlessRoute: Body<ClasslessRoute> = {
  decode(bytes) {
    const destination = ipv4PrefixBody.decode(bytes);
    const end = (destination?.length ?? 0) + 4;
    if (destination === undefined || end > bytes.length) return undefined;
    return { values: { destination: destination.values, router: formatIpv4(bytes, destination.length) }, length: end };
  },
  encode: ({ destination, router }) => Buffer.concat([ipv4PrefixBody.encode(destination), parseIpv4(router)]),
  faults({ destination, router }) {
    const fault = faultOf(() => parseIpv4(router));
    return [...ipv4PrefixBody.faults(destination), ...(fault === undefined ? [] : [`router: ${fault}`])];
  },
};

/** The option that ends the list. */
export const dhcpv4End = 255;

/** How the options of DHCP are written. */
export const dhcpv4Options: OptionFormat<Dhcpv4Option> = {
  known: {
    pad: variant(0, empty),
    "subnet-mask": variant(1, header<{ mask: string }>({ mask: ipv4Field() })),
    routers: variant(3, addresses),
    "dns-servers": variant(6, addresses),
    "host-name": variant(12, text("name")),
    "domain-name": variant(15, text("name")),
    "interface-mtu": variant(26, header<{ mtu: number }>({ mtu: bits(16) })),
    "broadcast-address": variant(28, address),
    "requested-address": variant(50, address),
    "lease-time": variant(51, seconds),
    "message-type": variant(
      53,
      header<{ message: Dhcpv4MessageType }>({
        message: named(8, {
          discover: 1,
          offer: 2,
          request: 3,
          decline: 4,
          acknowledge: 5,
          refuse: 6,
          release: 7,
          inform: 8,
        }),
      }),
    ),
    "server-identifier": variant(54, address),
    "parameter-request-list": variant(55, list("types", bits(8))),
    "maximum-message-size": variant(57, header<{ size: number }>({ size: bits(16) })),
    "renewal-time": variant(58, seconds),
    "rebinding-time": variant(59, seconds),
    "vendor-class": variant(60, text("name")),
    "client-identifier": variant(61, clientIdentifier),
    "relay-agent-information": variant(82, rest("data")),
    "domain-search": variant(119, domainNames),
    "classless-routes": variant(121, repeated("routes", classlessRoute)),
  },
  envelope: byteEnvelope({ single: [0], end: dhcpv4End, countsItself: false }),
};
