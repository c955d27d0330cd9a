import {
  formatIpv4,
  formatIpv6,
  formatMac,
  parseAddress,
  parseMac,
  parsePrefix,
  PacketError,
} from "../../../../packet/index.ts";
import { fold } from "./checksum.ts";

/** An IP address in the forms that the engine compares, writes and prints. */
export class IpAddress {
  readonly family: 4 | 6;
  /** Four words; IPv4 has the first alone. */
  readonly words: Int32Array;
  readonly text: string;
  /** One's complement sum of its 16-bit words, for checksums. */
  readonly sum: number;

  private constructor(family: 4 | 6, words: Int32Array, text: string) {
    this.family = family;
    this.words = words;
    this.text = text;
    let sum = 0;
    for (const word of words) sum += (word >>> 16) + (word & 0xffff);
    this.sum = fold(sum);
  }

  /** Throws `PacketError` if the text is no address. */
  static parse(text: string): IpAddress {
    return IpAddress.of(parseAddress(text));
  }

  /** From 4 or 16 bytes. */
  static of(bytes: Uint8Array): IpAddress {
    const words = new Int32Array(4);
    for (let i = 0; i < bytes.length; i++) words[i >> 2] = ((words[i >> 2] ?? 0) << 8) | (bytes[i] ?? 0);
    return bytes.length === 4 ? new IpAddress(4, words, formatIpv4(bytes)) : new IpAddress(6, words, formatIpv6(bytes));
  }

  /** The address at `at` in a packet of IP version `family`. */
  static read(view: DataView, at: number, family: number): IpAddress {
    return IpAddress.of(new Uint8Array(view.buffer, view.byteOffset + at, family === 4 ? 4 : 16).slice());
  }

  /** The bytes on the wire. */
  get bytes(): Uint8Array {
    const bytes = new Uint8Array(this.family === 4 ? 4 : 16);
    this.write(new DataView(bytes.buffer), 0);
    return bytes;
  }

  write(view: DataView, at: number): void {
    view.setInt32(at, this.words[0] ?? 0);
    if (this.family === 4) return;
    for (let i = 1; i < 4; i++) view.setInt32(at + 4 * i, this.words[i] ?? 0);
  }

  equals(other: IpAddress): boolean {
    return this.family === other.family && this.words.every((word, i) => word === other.words[i]);
  }

  /** Whether the address in the words of `key` from `at` on is this one; the families are known to be the same. */
  isAt(key: Int32Array, at: number): boolean {
    const { words } = this;
    if (key[at] !== words[0]) return false;
    return this.family === 4 || (key[at + 1] === words[1] && key[at + 2] === words[2] && key[at + 3] === words[3]);
  }

  get isMulticast(): boolean {
    const first = (this.words[0] ?? 0) >>> 24;
    return this.family === 4 ? first >> 4 === 0xe : first === 0xff;
  }

  get isUnspecified(): boolean {
    return this.words.every((word) => word === 0);
  }
}

/** A prefix of IP addresses; one address is a prefix of full length. */
export class IpPrefix {
  readonly address: IpAddress;
  readonly length: number;
  /** Ones where the address counts. */
  readonly mask: Int32Array;

  constructor(address: IpAddress, length: number) {
    this.address = address;
    this.length = length;
    this.mask = Int32Array.from({ length: 4 }, (_, i) => {
      const bits = Math.min(32, Math.max(0, length - 32 * i));
      return bits === 0 ? 0 : -1 << (32 - bits);
    });
  }

  /**
   * From `address/length`, host bits cleared, or from a bare address. Throws `PacketError`, with the words
   * `bad IPv4 prefix length: 33` where the length is at fault.
   */
  static parse(text: string): IpPrefix {
    const [address = "", length] = text.split("/");
    const parsed = IpAddress.parse(address);
    const bits = parsed.family === 4 ? 32 : 128;
    if (length === undefined) return new IpPrefix(parsed, bits);
    if (/^\d+$/.test(length) && Number(length) > bits) {
      throw new PacketError("read prefix", [`bad IPv${parsed.family} prefix length: ${length}`]);
    }
    const prefix = parsePrefix(text);
    return new IpPrefix(IpAddress.parse(prefix.address), prefix.length);
  }

  get family(): 4 | 6 {
    return this.address.family;
  }

  /** Whether it is one address. */
  get isHost(): boolean {
    return this.length === (this.family === 4 ? 32 : 128);
  }

  /** `address/length`. */
  get text(): string {
    return `${this.address.text}/${this.length}`;
  }

  /** Whether the address in the words of `key` from `at` on lies in it; the families are known to be the same. */
  containsAt(key: Int32Array, at: number): boolean {
    const { mask } = this;
    const { words } = this.address;
    if (((key[at] ?? 0) & (mask[0] ?? 0)) !== words[0]) return false;
    if (this.family === 4) return true;
    for (let i = 1; i < 4; i++) if (((key[at + i] ?? 0) & (mask[i] ?? 0)) !== words[i]) return false;
    return true;
  }
}

/** A MAC address in the forms that the engine compares, writes and prints. */
export class MacAddress {
  /** First two bytes. */
  readonly high: number;
  /** Last four bytes, signed. */
  readonly low: number;
  /** Upper case, as the dumps print it. */
  readonly text: string;

  private constructor(bytes: Uint8Array) {
    const view = new DataView(bytes.buffer, bytes.byteOffset, 6);
    this.high = view.getUint16(0);
    this.low = view.getInt32(2);
    this.text = formatMac(bytes).toUpperCase();
  }

  /** Throws `PacketError` if the text is no MAC address. */
  static parse(text: string): MacAddress {
    return new MacAddress(parseMac(text));
  }

  static read(view: DataView, at: number): MacAddress {
    return new MacAddress(new Uint8Array(view.buffer, view.byteOffset + at, 6).slice());
  }

  write(view: DataView, at: number): void {
    view.setUint16(at, this.high);
    view.setInt32(at + 2, this.low);
  }

  isAt(view: DataView, at: number): boolean {
    return view.getInt32(at + 2) === this.low && view.getUint16(at) === this.high;
  }

  equals(other: MacAddress): boolean {
    return this.high === other.high && this.low === other.low;
  }
}

export const broadcastMacAddress = MacAddress.parse("ff:ff:ff:ff:ff:ff");
/** What the guest's frames to the outside are addressed to once encapsulated. */
export const tunnelMac = MacAddress.parse("a8:40:25:77:77:77");
