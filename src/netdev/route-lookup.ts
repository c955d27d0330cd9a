import { addressText, family } from "./address-bytes.ts";
import { check, errnoName, libc, MSG_DONTWAIT, NativeMemory, SOCK_NONBLOCK_CLOEXEC, SOCK_RAW } from "./libc.ts";
import { attribute, netlinkRequest, parseAttributes, parseNetlinkMessages, wordOf } from "./netlink-message.ts";

/** Asking the kernel which way a packet would take: RTM_GETROUTE for one packet (rtnetlink(7)). */

const AF_NETLINK = 16;
const NETLINK_ROUTE = 0;
const RTM_GETROUTE = 26;
const RTM_NEWROUTE = 24;
const RTN_UNICAST = 1;
const NLM_F_ACK = 0x4;
const kind = {
  destination: 1,
  source: 2,
  outputInterface: 4,
  gateway: 5,
  protocol: 27,
  sourcePort: 28,
  destinationPort: 29,
};
const headerBytes = 12;
const answerBytes = 8192;
const udp = 17;

/** A UDP datagram over IPv6 as far as routing looks at it. */
export interface RoutedDatagram {
  /** 16 bytes each. */
  readonly source: Uint8Array;
  readonly destination: Uint8Array;
  readonly sourcePort: number;
  readonly destinationPort: number;
}

/** Where the kernel would send a packet. */
export interface PacketRoute {
  /** Of the interface. */
  readonly index: number;
  /** Whose MAC address it gets: the router, or the destination itself where that is on the link. */
  readonly nextHop: string;
}

/** Asks the kernel for the ways of packets, without waiting: it answers within the call. */
export class RouteLookup implements Disposable {
  readonly #fd: number;
  readonly #memory = new NativeMemory(answerBytes);

  /** Throws an Error with the call and the name of its errno. */
  constructor() {
    this.#fd = check("socket", libc.socket(AF_NETLINK, SOCK_RAW | SOCK_NONBLOCK_CLOEXEC, NETLINK_ROUTE));
  }

  /** The way of a datagram, of several the one that its ports and addresses choose; undefined where none leads out. */
  find(datagram: RoutedDatagram): PacketRoute | undefined {
    const message = getRouteMessage(datagram);
    if (Number(libc.send(this.#fd, message, message.length, MSG_DONTWAIT)) < 0) {
      throw new Error(`RTM_GETROUTE: send: ${errnoName()}`);
    }
    const { address, bytes } = this.#memory;
    const length = Number(libc.recvfrom(this.#fd, address, answerBytes, MSG_DONTWAIT, null, null));
    if (length <= 0) return undefined;
    const [answer] = parseNetlinkMessages(Buffer.from(bytes.subarray(0, length)));
    if (answer?.type !== RTM_NEWROUTE || answer.body.readUInt8(7) !== RTN_UNICAST) return undefined;
    const attributes = parseAttributes(answer.body, headerBytes);
    const index = wordOf(attributes, kind.outputInterface);
    const nextHop = addressText(attributes.get(kind.gateway) ?? Buffer.from(datagram.destination));
    return index === undefined || nextHop === undefined ? undefined : { index, nextHop };
  }

  [Symbol.dispose](): void {
    libc.close(this.#fd);
    this.#memory[Symbol.dispose]();
  }
}

function getRouteMessage({ source, destination, sourcePort, destinationPort }: RoutedDatagram): Buffer {
  const body = Buffer.alloc(headerBytes);
  body[0] = family.ipv6;
  body[1] = 128;
  body[2] = 128;
  const port = (number: number): Buffer => Buffer.of(number >> 8, number & 0xff);
  const message = netlinkRequest(RTM_GETROUTE, 0, body, [
    attribute(kind.destination, destination),
    attribute(kind.source, source),
    attribute(kind.protocol, Buffer.of(udp)),
    attribute(kind.sourcePort, port(sourcePort)),
    attribute(kind.destinationPort, port(destinationPort)),
  ]);
  // The answer is one message: an acknowledgement after it would be taken for that of the next request.
  message.writeUInt16LE(message.readUInt16LE(6) & ~NLM_F_ACK, 6);
  return message;
}
