import { type Body, header, sequence } from "./body.ts";
import { bodyCodec } from "./body-codec.ts";
import type { Codec } from "./codec.ts";
import { type Dhcpv6Option, dhcpv6Options, type IaOption, type StatusOption } from "./dhcpv6-option.ts";
import { formatDuid } from "./duid.ts";
import { bits, ipv6Field, named } from "./field.ts";
import { optionList } from "./option-list.ts";

const messageNumbers = {
  solicit: 1,
  advertise: 2,
  request: 3,
  confirm: 4,
  renew: 5,
  rebind: 6,
  reply: 7,
  release: 8,
  decline: 9,
  reconfigure: 10,
  "information-request": 11,
} as const;

const relayNumbers = { "relay-forward": 12, "relay-reply": 13 } as const;

/** A message between client and server (RFC 8415 section 8). */
export interface Dhcpv6ClientMessage {
  readonly message: keyof typeof messageNumbers | number;
  /** 24 bits. */
  readonly transactionId: number;
  readonly options: readonly Dhcpv6Option[];
}

/** A message between relays and servers, the one it passes on in the option `relay-message` (RFC 8415 section 9). */
export interface Dhcpv6RelayMessage {
  readonly message: keyof typeof relayNumbers;
  readonly hopCount: number;
  /** Tells the client's link. */
  readonly linkAddress: string;
  /** Client or relay that the message came from. */
  readonly peerAddress: string;
  readonly options: readonly Dhcpv6Option[];
}

/** A message of DHCPv6 (RFC 8415), over UDP between ports 546 (client) and 547 (server). */
export type Dhcpv6 = (Dhcpv6ClientMessage | Dhcpv6RelayMessage) & { readonly layer: "dhcpv6" };

/** The UDP port of DHCPv6 clients. */
export const dhcpv6ClientPort = 546;

/** The UDP port of DHCPv6 servers and relays. */
export const dhcpv6ServerPort = 547;

/** The group of all servers and relays of the link. */
export const dhcpv6ServersGroup = "ff02::1:2";

/** A DHCPv6 message. */
export function dhcpv6(fields: Dhcpv6ClientMessage | Dhcpv6RelayMessage): Dhcpv6 {
  return { layer: "dhcpv6", ...fields };
}

const options = optionList(dhcpv6Options);

const clientBody: Body<Dhcpv6ClientMessage> = sequence(
  header<Omit<Dhcpv6ClientMessage, "options">>({ message: named(8, messageNumbers), transactionId: bits(24) }),
  options,
);

const relayBody: Body<Dhcpv6RelayMessage> = sequence(
  header<Omit<Dhcpv6RelayMessage, "options" | "message"> & { message: keyof typeof relayNumbers | number }>({
    message: named(8, relayNumbers),
    hopCount: bits(8),
    linkAddress: ipv6Field(),
    peerAddress: ipv6Field(),
  }),
  options,
) as unknown as Body<Dhcpv6RelayMessage>;

const relayTypes: ReadonlySet<number | undefined> = new Set(Object.values(relayNumbers));

type Message = Dhcpv6ClientMessage | Dhcpv6RelayMessage;

function isRelayed(values: Message): values is Dhcpv6RelayMessage {
  return typeof values.message === "string" && Object.hasOwn(relayNumbers, values.message);
}

const body: Body<Message> = {
  decode: (bytes) => (relayTypes.has(bytes[0]) ? relayBody.decode(bytes) : clientBody.decode(bytes)),
  encode: (values) => (isRelayed(values) ? relayBody.encode(values) : clientBody.encode(values)),
  faults: (values) => (isRelayed(values) ? relayBody.faults(values) : clientBody.faults(values)),
};

/** Reads and writes DHCPv6 messages. */
export const dhcpv6Codec: Codec<Dhcpv6> = bodyCodec<Dhcpv6>(
  {
    layer: "dhcpv6",
    title: "DHCPv6",
    carriedBy: [{ udpPort: dhcpv6ServerPort }, { udpPort: dhcpv6ClientPort }],
    describe(layer) {
      const details = layer.options.map(optionText).join("");
      const message = String(layer.message).replaceAll("-", " ");
      if (isRelayed(layer)) return `DHCPv6 ${message} of ${layer.peerAddress}${details}`;
      return `DHCPv6 ${message} xid ${layer.transactionId.toString(16).padStart(6, "0")}${details}`;
    },
  },
  body,
);

function optionText(option: Dhcpv6Option): string {
  if (option.option === "client-id") return ` client ${formatDuid(option.duid)}`;
  if (option.option === "rapid-commit") return " rapid commit";
  if (option.option === "status-code") return statusText(option);
  const isAssociation = option.option === "ia-na" || option.option === "ia-ta" || option.option === "ia-pd";
  return isAssociation ? option.options.map(leaseText).join("") : "";
}

function leaseText(option: IaOption): string {
  if (option.option === "ia-address") return ` ${option.address}`;
  if (option.option === "ia-prefix") return ` ${option.prefix}/${option.prefixLength}`;
  return option.option === "status-code" ? statusText(option) : "";
}

function statusText({ status }: StatusOption): string {
  return ` (${String(status).replaceAll("-", " ")})`;
}
