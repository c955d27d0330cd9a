import { formatIpv4, formatIpv6, parseAddress, parsePrefix } from "../../../packet/index.ts";

/** Addresses in a row, both ends included, as numbers. */
export interface IpBlock {
  readonly family: 4 | 6;
  readonly first: bigint;
  readonly last: bigint;
}

/** The family of an address or prefix. */
export function familyOf(text: string): 4 | 6 {
  return text.includes(":") ? 6 : 4;
}

/** An address as a number. Throws PacketError for what is none. */
export function addressNumber(text: string): bigint {
  let number = 0n;
  for (const byte of parseAddress(text)) number = (number << 8n) | BigInt(byte);
  return number;
}

/** A number as an address. */
export function addressText(family: 4 | 6, number: bigint): string {
  const bytes = new Uint8Array(family === 4 ? 4 : 16);
  let rest = number;
  for (let at = bytes.length - 1; at >= 0; at--) {
    bytes[at] = Number(rest & 0xffn);
    rest >>= 8n;
  }
  return family === 4 ? formatIpv4(bytes) : formatIpv6(bytes);
}

/** All bits of an address. */
export function bitsOf(family: 4 | 6): number {
  return family === 4 ? 32 : 128;
}

/** The addresses of a prefix. Throws PacketError for what is none. */
export function blockOfPrefix(text: string): IpBlock {
  const { family, address, length } = parsePrefix(text);
  const first = addressNumber(address);
  return { family, first, last: first + (1n << BigInt(bitsOf(family) - length)) - 1n };
}

/** The addresses from one to another. */
export function blockOfRange({ first, last }: { readonly first: string; readonly last: string }): IpBlock {
  return { family: familyOf(first), first: addressNumber(first), last: addressNumber(last) };
}

/** One address, or those of a prefix. */
export function blockOf(text: string): IpBlock {
  return text.includes("/") ? blockOfPrefix(text) : blockOfRange({ first: text, last: text });
}

/** Whether two blocks share an address. */
export function overlaps(one: IpBlock, other: IpBlock): boolean {
  return one.family === other.family && one.first <= other.last && other.first <= one.last;
}

/** Whether all of `inner` lies in `outer`. */
export function contains(outer: IpBlock, inner: IpBlock): boolean {
  return outer.family === inner.family && outer.first <= inner.first && inner.last <= outer.last;
}

/** How many addresses a block has. */
export function sizeOf({ first, last }: IpBlock): bigint {
  return last - first + 1n;
}

/** The fewest prefixes that make up a block, in order. */
export function prefixesOf({ family, first, last }: IpBlock): readonly string[] {
  const prefixes: string[] = [];
  const bits = bitsOf(family);
  let at = first;
  while (at <= last) {
    let free = 0;
    while (free < bits && (at & ((1n << BigInt(free + 1)) - 1n)) === 0n && at + (1n << BigInt(free + 1)) - 1n <= last) {
      free++;
    }
    prefixes.push(`${addressText(family, at)}/${bits - free}`);
    at += 1n << BigInt(free);
  }
  return prefixes;
}

/** The first address of a block that is not `used`; undefined if there is none. */
export function firstFree(block: IpBlock, used: ReadonlySet<bigint>): bigint | undefined {
  for (let at = block.first; at <= block.last; at++) if (!used.has(at)) return at;
  return undefined;
}

/** The first aligned prefix of `length` in `outer` that meets none of `taken`; undefined if there is none. */
export function firstFreePrefix(outer: IpBlock, length: number, taken: readonly IpBlock[]): string | undefined {
  const size = 1n << BigInt(bitsOf(outer.family) - length);
  let at = ((outer.first + size - 1n) / size) * size;
  while (at + size - 1n <= outer.last) {
    const candidate = { family: outer.family, first: at, last: at + size - 1n };
    const hit = taken.find((other) => overlaps(other, candidate));
    if (hit === undefined) return `${addressText(outer.family, at)}/${length}`;
    at = ((hit.last + size) / size) * size;
  }
  return undefined;
}
