import { dhcpv6Options } from "./dhcpv6-codes.ts";

/** What the server looks at in a client's message (RFC 8415). */
export interface Dhcpv6Request {
  readonly type: number;
  /** 24 bits. */
  readonly transaction: number;
  readonly clientId: Uint8Array | undefined;
  readonly serverId: Uint8Array | undefined;
  readonly hasElapsedTime: boolean;
  readonly hasRapidCommit: boolean;
  /** Of the first IA_NA: 4 bytes. */
  readonly iaid: Uint8Array | undefined;
  /** Addresses in the associations, 16 bytes each. */
  readonly addresses: readonly Uint8Array[];
  /** Codes of the option request option. */
  readonly requested: readonly number[];
}

interface Option {
  readonly code: number;
  readonly data: Uint8Array;
}

/** Options within options, at most this deep. */
export const deepestNesting = 8;

/** Read a message. `undefined` if its options do not add up, are nested too deep, or a list has a part of an element. */
export function parseDhcpv6(bytes: Uint8Array): Dhcpv6Request | undefined {
  if (bytes.length < 4) return undefined;
  const options = readOptions(bytes.subarray(4));
  if (options === undefined) return undefined;
  const find = (code: number): Uint8Array | undefined => options.find((option) => option.code === code)?.data;
  const requested = find(dhcpv6Options.optionRequest) ?? new Uint8Array();
  if (requested.length % 2 !== 0) return undefined;
  const associations = options.filter(({ code }) => code === dhcpv6Options.iaNa);
  if (associations.some(({ data }) => data.length < 12)) return undefined;
  return {
    type: bytes[0] ?? 0,
    transaction: ((bytes[1] ?? 0) << 16) | ((bytes[2] ?? 0) << 8) | (bytes[3] ?? 0),
    clientId: find(dhcpv6Options.clientId),
    serverId: find(dhcpv6Options.serverId),
    hasElapsedTime: find(dhcpv6Options.elapsedTime) !== undefined,
    hasRapidCommit: find(dhcpv6Options.rapidCommit) !== undefined,
    iaid: associations[0]?.data.slice(0, 4),
    addresses: associations.flatMap(({ data }) =>
      (readOptions(data.subarray(12)) ?? [])
        .filter((option) => option.code === dhcpv6Options.iaAddress)
        .map((option) => option.data.slice(0, 16)),
    ),
    requested: Array.from({ length: requested.length / 2 }, (_, i) => wordAt(requested, 2 * i)),
  };
}

/** The options of a message or of an option, those within them read for their soundness. */
function readOptions(bytes: Uint8Array, depth = 1): Option[] | undefined {
  const options: Option[] = [];
  for (let at = 0; at < bytes.length;) {
    if (bytes.length - at < 4) return undefined;
    const code = wordAt(bytes, at);
    const end = at + 4 + wordAt(bytes, at + 2);
    if (end > bytes.length) return undefined;
    const data = bytes.subarray(at + 4, end);
    if (!isSound(code, data, depth)) return undefined;
    options.push({ code, data });
    at = end;
  }
  return options;
}

/** Whether an option has the fixed part that it needs, and sound options within. */
function isSound(code: number, data: Uint8Array, depth: number): boolean {
  const fixed = fixedParts.get(code);
  if (fixed === undefined) return true;
  if (data.length < fixed || depth >= deepestNesting) return false;
  return readOptions(data.subarray(fixed), depth + 1) !== undefined;
}

/** Bytes before the options that an option contains. */
const fixedParts = new Map<number, number>([
  [dhcpv6Options.iaNa, 12],
  [dhcpv6Options.iaTa, 4],
  [dhcpv6Options.iaAddress, 24],
]);

function wordAt(bytes: Uint8Array, at: number): number {
  return ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
}
