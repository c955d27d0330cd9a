import { parseIpv6 } from "../../../packet/ipv6-address.ts";
import { acknowledgmentFrame, type MultipathFrame } from "./frame.ts";

/** Answers the probes of others. */
export class Responder {
  readonly #perSecond: number;
  #own: ReadonlySet<string> = new Set();
  #allowance: number;
  #filledAtMs: number | undefined;

  /** At most so many answers a second. */
  constructor(perSecond: number) {
    this.#perSecond = perSecond;
    this.#allowance = perSecond;
  }

  setAddresses(addresses: readonly string[]): void {
    this.#own = new Set(
      addresses.filter((address) => address.includes(":")).map((text) => addressKey(parseIpv6(text))),
    );
  }

  /** The acknowledgment of a frame; undefined if it gets none. */
  answer(bytes: Uint8Array, start: number, frame: MultipathFrame, nowMs: number): Uint8Array | undefined {
    if (frame.acknowledgment || !this.#own.has(addressKey(frame.destination))) return undefined;
    // Groups and "no address" cannot be answered, and our own addresses come from no wire.
    const first = frame.source[0] ?? 0;
    if (first === 0xff || frame.source.every((byte) => byte === 0)) return undefined;
    if (this.#own.has(addressKey(frame.source)) || !this.#allow(nowMs)) return undefined;
    return acknowledgmentFrame(bytes, start, frame);
  }

  #allow(nowMs: number): boolean {
    const gained = ((nowMs - (this.#filledAtMs ?? nowMs)) / 1000) * this.#perSecond;
    this.#allowance = Math.min(this.#perSecond, this.#allowance + gained);
    this.#filledAtMs = nowMs;
    if (this.#allowance < 1) return false;
    this.#allowance -= 1;
    return true;
  }
}

/** An address as the key of a map. */
export function addressKey(address: Uint8Array): string {
  return String.fromCharCode(...address);
}
