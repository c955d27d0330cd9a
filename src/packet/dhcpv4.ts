import { type Body, copied, header, sequence } from "./body.ts";
import { bodyCodec } from "./body-codec.ts";
import type { Codec } from "./codec.ts";
import { constant } from "./compound-body.ts";
import { dhcpv4End, type Dhcpv4Option, dhcpv4Options } from "./dhcpv4-option.ts";
import { bits, flag, ipv4Field, macField, named, spare, textField, usually, zeros } from "./field.ts";
import { optionList } from "./option-list.ts";

/** A message of DHCP for IPv4 (RFC 2131), over UDP between ports 68 (client) and 67 (server). */
export interface Dhcpv4 {
  readonly layer: "dhcpv4";
  /** What clients send are requests, what servers send are replies; the option `message-type` says more. */
  readonly operation: "request" | "reply" | number;
  /** Absent: 1, Ethernet. */
  readonly hardwareType?: number;
  /** Bytes of the hardware address; absent: 6. */
  readonly hardwareLength?: number;
  /** Relays on the way. */
  readonly hops: number;
  readonly transactionId: number;
  /** Since the client began. */
  readonly seconds: number;
  /** The client cannot receive unicast before it has an address. */
  readonly broadcast: boolean;
  /** Fifteen spare bits; absent if zero. */
  readonly reserved?: number;
  /** The address that the client has (ciaddr). */
  readonly clientAddress: string;
  /** The address that the client gets (yiaddr). */
  readonly yourAddress: string;
  /** The server to boot from (siaddr). */
  readonly serverAddress: string;
  /** The relay that passed the message on (giaddr). */
  readonly relayAddress: string;
  readonly clientMac: string;
  /** At most 64 bytes; absent if empty. */
  readonly serverName?: string;
  /** At most 128 bytes; absent if empty. */
  readonly bootFile?: string;
  readonly options: readonly Dhcpv4Option[];
  /** Bytes after the end of the options, often zeros; absent if there are none. */
  readonly trailer?: Uint8Array;
}

/** The UDP port of DHCP servers and relays. */
export const dhcpv4ServerPort = 67;

/** The UDP port of DHCP clients. */
export const dhcpv4ClientPort = 68;

/** A DHCP message: addresses `0.0.0.0`, no hops and no flags unless said. */
export function dhcpv4(
  fields: Partial<Dhcpv4> & Pick<Dhcpv4, "operation" | "transactionId" | "clientMac" | "options">,
): Dhcpv4 {
  return {
    hops: 0,
    seconds: 0,
    broadcast: false,
    clientAddress: "0.0.0.0",
    yourAddress: "0.0.0.0",
    serverAddress: "0.0.0.0",
    relayAddress: "0.0.0.0",
    ...fields,
    layer: "dhcpv4",
  };
}

const optionsBody = optionList(dhcpv4Options);

/** Options up to their end, and what comes after it. */
const options: Body<Pick<Dhcpv4, "options" | "trailer">> = {
  decode(bytes) {
    const end = endOf(bytes);
    const decoded = end === undefined ? undefined : optionsBody.decode(bytes.subarray(0, end));
    if (end === undefined || decoded === undefined) return undefined;
    const trailer = bytes.subarray(end + 1);
    const values = trailer.length === 0 ? decoded.values : { ...decoded.values, trailer: copied(trailer) };
    return { values, length: bytes.length };
  },
  encode: (values) =>
    Buffer.concat([optionsBody.encode(values), Buffer.of(dhcpv4End), values.trailer ?? new Uint8Array()]),
  faults: optionsBody.faults,
};

function endOf(bytes: Buffer): number | undefined {
  let at = 0;
  while (at < bytes.length) {
    if (bytes[at] === dhcpv4End) return at;
    const option = dhcpv4Options.envelope.read(bytes.subarray(at));
    if (option === undefined) return undefined;
    at += option.end;
  }
  return undefined;
}

type Fixed = Omit<Dhcpv4, "layer" | "options" | "trailer"> & { readonly unused?: number };

const magicCookie = Buffer.of(99, 130, 83, 99);

/** Reads and writes DHCP messages. */
export const dhcpv4Codec: Codec<Dhcpv4> = bodyCodec<Dhcpv4>(
  {
    layer: "dhcpv4",
    title: "DHCP",
    carriedBy: [{ udpPort: dhcpv4ServerPort }, { udpPort: dhcpv4ClientPort }],
    describe(layer) {
      const { yourAddress, clientMac, transactionId } = layer;
      const address = yourAddress === "0.0.0.0" ? "" : ` ${yourAddress}`;
      const id = transactionId.toString(16).padStart(8, "0");
      return `DHCP ${messageText(layer)}${address} ${layer.operation === "reply" ? "to" : "from"} ${clientMac} xid ${id}`;
    },
  },
  sequence(
    header<Fixed>({
      operation: named(8, { request: 1, reply: 2 }),
      hardwareType: usually(8, 1),
      hardwareLength: usually(8, 6),
      hops: bits(8),
      transactionId: bits(32),
      seconds: bits(16),
      broadcast: flag(),
      reserved: spare(15),
      clientAddress: ipv4Field(),
      yourAddress: ipv4Field(),
      serverAddress: ipv4Field(),
      relayAddress: ipv4Field(),
      clientMac: macField(),
      unused: zeros(10),
      serverName: textField(64),
      bootFile: textField(128),
    }),
    sequence(constant(magicCookie), options),
  ),
);

function messageText({ operation, options }: Dhcpv4): string {
  let message = `BOOTP ${operation}`;
  let requested = "";
  for (const option of options) {
    if (option.option === "message-type") message = String(option.message);
    if (option.option === "requested-address") requested = ` for ${option.address}`;
  }
  return message + requested;
}
