import type { IpAddress } from "../parse/address.ts";
import type { Frame } from "../parse/frame.ts";
import { etherTypes } from "../parse/packet.ts";
import { genevePort, optionClass, optionTypes } from "../parse/parse-underlay.ts";

/** Bytes of Ethernet, IPv6, UDP and Geneve without options. */
export const encapsulationSize = 70;

/** Where things are in an encapsulated frame that begins at 0. */
export const encapsulated = {
  ipLength: 18,
  source: 22,
  destination: 38,
  sourcePort: 54,
  udpLength: 58,
  geneve: 62,
  vni: 66,
  option: 70,
  optionBody: 74,
} as const;

/** A Geneve option that is pushed. */
export type PushedOption = "mss" | "multicast" | "none";

/** Outer headers, laid out once for all flows that share them. MAC addresses are zero: the route decides them. */
export class Encapsulation {
  readonly vni: number;
  readonly source: IpAddress;
  readonly destination: IpAddress;
  readonly option: PushedOption;
  readonly #template: Uint8Array;

  constructor(source: IpAddress, destination: IpAddress, vni: number, option: PushedOption) {
    this.vni = vni;
    this.source = source;
    this.destination = destination;
    this.option = option;
    this.#template = new Uint8Array(option === "none" ? encapsulationSize : encapsulationSize + 8);
    const view = new DataView(this.#template.buffer);
    view.setUint16(12, etherTypes.ipv6);
    view.setUint8(14, 0x60);
    view.setUint8(20, 17);
    view.setUint8(21, 128);
    source.write(view, encapsulated.source);
    destination.write(view, encapsulated.destination);
    if (destination.isMulticast) {
      view.setUint16(0, 0x3333);
      view.setInt32(2, destination.words[3] ?? 0);
    }
    view.setUint16(encapsulated.sourcePort + 2, genevePort);
    view.setUint8(encapsulated.geneve, option === "none" ? 0 : 2);
    view.setUint16(encapsulated.geneve + 2, etherTypes.ethernet);
    view.setInt32(encapsulated.vni, vni << 8);
    if (option === "none") return;
    view.setUint16(encapsulated.option, optionClass);
    view.setUint8(encapsulated.option + 2, option === "mss" ? optionTypes.mss : optionTypes.multicast);
    view.setUint8(encapsulated.option + 3, 1);
  }

  /** Put the headers in front of the frame; the low 16 bits of `hash` become the UDP source port. */
  push(frame: Frame, hash: number): void {
    const { view } = frame;
    const size = this.#template.length;
    const start = frame.start - size;
    frame.start = start;
    frame.bytes.set(this.#template, start);
    view.setUint16(start + encapsulated.sourcePort, hash & 0xffff);
    const length = frame.end - start - encapsulated.sourcePort;
    view.setUint16(start + encapsulated.ipLength, length);
    view.setUint16(start + encapsulated.udpLength, length);
    if (this.option === "mss") view.setInt32(start + encapsulated.optionBody, frame.mss);
  }
}
