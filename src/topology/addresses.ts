import { isIP, isIPv4, isIPv6, SocketAddress } from "node:net";

/** An IP prefix: an address together with the length of its network part. */
export interface Prefix {
  readonly family: 4 | 6;
  /** Canonical text (RFC 5952 for IPv6). */
  readonly address: string;
  readonly length: number;
}

/** An address in canonical text, or `undefined` when it is none. Zones (`%eth0`) are refused. */
export function canonicalAddress(text: string): string | undefined {
  if (isIP(text) === 0 || text.includes("%")) return undefined;
  return isIPv4(text) ? text : new SocketAddress({ address: text, family: "ipv6" }).address;
}

/** Parse `10.0.0.1/24` or `fd00::1/64`; `undefined` when it is none. */
export function parsePrefix(text: string): Prefix | undefined {
  const [, address = "", digits = ""] = /^([^/]+)\/(\d{1,3})$/.exec(text) ?? [];
  const canonical = canonicalAddress(address);
  if (canonical === undefined) return undefined;
  const family = isIPv6(canonical) ? 6 : 4;
  const length = Number(digits);
  return length <= bitsOf(family) ? { family, address: canonical, length } : undefined;
}

/** `address/length`. */
export function formatPrefix({ address, length }: Prefix): string {
  return `${address}/${length}`;
}

/** The prefix with all bits after its length cleared: the network that an interface address is in. */
export function networkOf(prefix: Prefix): Prefix {
  const shift = BigInt(bitsOf(prefix.family) - prefix.length);
  const bits = (addressBits(prefix.address) >> shift) << shift;
  return { ...prefix, address: addressText(bits, prefix.family) };
}

/** Whether `address` is in the network of `prefix`. */
export function contains(prefix: Prefix, address: string): boolean {
  if ((isIPv6(address) ? 6 : 4) !== prefix.family) return false;
  const shift = BigInt(bitsOf(prefix.family) - prefix.length);
  return addressBits(address) >> shift === addressBits(prefix.address) >> shift;
}

/** Whether an address is valid on its own link only: fe80::/10 or 169.254.0.0/16. */
export function isLinkLocal(address: string): boolean {
  return isIPv6(address) ? /^fe[89ab]/.test(address) : address.startsWith("169.254.");
}

/** The link-local address which the kernel makes of a MAC (RFC 4291, appendix A), in canonical text. */
export function linkLocalOf(mac: string): string {
  const bytes = mac.split(":").map((byte) => Number.parseInt(byte, 16));
  const [first = 0, ...rest] = bytes;
  const id = [first ^ 0x02, ...rest.slice(0, 2), 0xff, 0xfe, ...rest.slice(2)];
  const groups = [0, 2, 4, 6].map((index) => (((id[index] ?? 0) << 8) | (id[index + 1] ?? 0)).toString(16));
  return canonicalAddress(`fe80::${groups.join(":")}`) ?? "";
}

function bitsOf(family: 4 | 6): number {
  return family === 4 ? 32 : 128;
}

function addressBits(address: string): bigint {
  if (isIPv4(address)) return address.split(".").reduce((bits, byte) => (bits << 8n) | BigInt(byte), 0n);
  const [head = "", tail] = address.split("::");
  const groups = (text: string): string[] => (text === "" ? [] : text.split(":").flatMap(groupsOf));
  const front = groups(head);
  const back = tail === undefined ? [] : groups(tail);
  const middle = Array.from({ length: 8 - front.length - back.length }, () => "0");
  return [...front, ...middle, ...back].reduce((bits, group) => (bits << 16n) | BigInt(`0x${group}`), 0n);
}

/** A group of an IPv6 text; the dotted quad at the end of `::ffff:10.0.0.1` is two. */
function groupsOf(group: string): string[] {
  if (!group.includes(".")) return [group];
  const hex = addressBits(group).toString(16).padStart(8, "0");
  return [hex.slice(0, 4), hex.slice(4)];
}

function addressText(bits: bigint, family: 4 | 6): string {
  if (family === 4) return [24n, 16n, 8n, 0n].map((shift) => String((bits >> shift) & 0xffn)).join(".");
  const groups = Array.from({ length: 8 }, (_, index) => ((bits >> BigInt(16 * (7 - index))) & 0xffffn).toString(16));
  return canonicalAddress(groups.join(":")) ?? groups.join(":");
}
