import { formatMac, linkLocalOfMac } from "../../../packet/index.ts";
import type { TfportCounters } from "./counters.ts";
import { type IcmpError, icmpErrorFrame, isAskedError, unreachableNextHop } from "./icmp-error.ts";
import { type ErrorRefusal, type InvokingPacket, invokingPacket } from "./invoking-packet.ts";
import { ethernetBytes, readWord, vlanBytes, vlanEtherType } from "./sidecar-frame.ts";
import { type Rate, TokenBucket } from "./token-bucket.ts";

/** How ICMP errors are sent. */
export interface IcmpOptions {
  /** Source addresses. */
  readonly icmpSource: { readonly ipv4: string; readonly ipv6: string };
  readonly icmpRate: Rate;
}

/** The ways by which an error leaves. */
export interface IcmpOutputs {
  /** To the switch as if it had come in from outside: it is routed. */
  readonly route: (frame: Uint8Array) => void;
  /** Out of a port as it is. */
  readonly sendFrom: (port: number, frame: Uint8Array) => void;
}

const refusalCounter = {
  unreadable: "icmpUnreadable",
  "about-error": "icmpAboutError",
  multicast: "icmpAboutMulticast",
  "no-source": "icmpNoSource",
  "later-fragment": "icmpLaterFragment",
} as const satisfies Record<ErrorRefusal, keyof TfportCounters>;

/** Answers packets with ICMP errors, where that is allowed and not too often (RFC 4443, section 2.4; RFC 1812, section 4.3.2). */
export class IcmpResponder {
  readonly #options: IcmpOptions;
  readonly #counters: TfportCounters;
  readonly #outputs: IcmpOutputs;
  readonly #bucket: TokenBucket;

  constructor(options: IcmpOptions, counters: TfportCounters, outputs: IcmpOutputs) {
    this.#options = options;
    this.#counters = counters;
    this.#outputs = outputs;
    this.#bucket = new TokenBucket(options.icmpRate);
  }

  /**
   * Answer a frame.
   *
   * @param error what is wrong; undefined: its next hop cannot be had
   * @param ingress where it came in: the port, and that port's MAC address if there is such a port
   */
  answer(
    error: IcmpError | undefined,
    frame: Uint8Array,
    ingress: { readonly port: number; readonly mac: Uint8Array | undefined },
    now: number,
  ): void {
    const tag = readWord(frame, 12) === vlanEtherType ? readWord(frame, ethernetBytes) & 0xfff : undefined;
    const network = ethernetBytes + (tag === undefined ? 0 : vlanBytes);
    const isForAll = ((frame[0] ?? 0) & 1) === 1;
    const about = isForAll ? "multicast" : invokingPacket(readWord(frame, network - 2), frame.subarray(network));
    if (typeof about === "string") {
      this.#counters[refusalCounter[about]] += 1;
      return;
    }
    const meant = error ?? unreachableNextHop(about.family);
    if (!isAskedError(about.family, meant)) this.#counters.icmpUnknownError += 1;
    else if (!this.#bucket.take(now)) this.#counters.icmpRateLimited += 1;
    else this.#send(meant, about, { frame, tag, ...ingress });
  }

  #send(
    error: IcmpError,
    about: InvokingPacket,
    {
      frame,
      tag,
      port,
      mac,
    }: { frame: Uint8Array; tag: number | undefined; port: number; mac: Uint8Array | undefined },
  ): void {
    this.#counters.icmpSent += 1;
    const sender = formatMac(frame, 6);
    if (about.family === 6 && isLinkLocal(about.source) && mac !== undefined) {
      // Only the link that the packet came by leads back to its source.
      const srcMac = formatMac(mac);
      const addresses = { dstMac: sender, srcMac, tag, source: linkLocalOfMac(srcMac) };
      this.#outputs.sendFrom(port, icmpErrorFrame(error, about, addresses));
      return;
    }
    const { ipv4, ipv6 } = this.#options.icmpSource;
    const source = about.family === 4 ? ipv4 : ipv6;
    this.#outputs.route(icmpErrorFrame(error, about, { dstMac: formatMac(frame), srcMac: sender, source }));
  }
}

function isLinkLocal(address: Uint8Array): boolean {
  return address[0] === 0xfe && ((address[1] ?? 0) & 0xc0) === 0x80;
}
