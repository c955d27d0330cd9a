import { type Body, header, sequence } from "./body.ts";
import { counted, decodeItems, single } from "./compound-body.ts";
import { bits, flag, ipv6Field, named, spare } from "./field.ts";

/** What a listener says about one group (RFC 3810 section 5.2.4). */
export interface MulticastRecord {
  readonly type:
    | "mode-is-include"
    | "mode-is-exclude"
    | "change-to-include-mode"
    | "change-to-exclude-mode"
    | "allow-new-sources"
    | "block-old-sources"
    | number;
  readonly group: string;
  readonly sources: readonly string[];
  /** A multiple of 4 bytes; absent if there is none, as RFC 3810 asks. */
  readonly auxiliaryData?: Uint8Array;
}

/** A message of MLD version 1 (RFC 2710). */
export interface MldV1 {
  readonly code?: number;
  /** Milliseconds; zero in reports. */
  readonly maxResponseDelay: number;
  readonly reserved?: number;
  /** Unspecified in a general query. */
  readonly group: string;
}

/** A query of MLD version 2 (RFC 3810 section 5.1). */
export interface MldV2Query {
  readonly code?: number;
  /** Milliseconds, in the coding of RFC 3810 section 5.1.3 from 32768 on. */
  readonly maxResponseCode: number;
  readonly reserved?: number;
  /** Unspecified in a general query. */
  readonly group: string;
  readonly reservedBits?: number;
  readonly suppressRouterSide: boolean;
  readonly robustness: number;
  /** Seconds, in the coding of RFC 3810 section 5.1.9 from 128 on. */
  readonly queryIntervalCode: number;
  readonly sources: readonly string[];
}

/** A report of MLD version 2 (RFC 3810 section 5.2). */
export interface MldV2Report {
  readonly code?: number;
  readonly reserved?: number;
  readonly records: readonly MulticastRecord[];
}

/** Messages of version 1 all look the same. */
export const mldV1: Body<MldV1> = header<MldV1>({
  code: spare(8),
  maxResponseDelay: bits(16),
  reserved: spare(16),
  group: ipv6Field(),
});

const recordBegin = header<{ type: MulticastRecord["type"]; auxiliaryWords: number; count: number; group: string }>({
  type: named(8, {
    "mode-is-include": 1,
    "mode-is-exclude": 2,
    "change-to-include-mode": 3,
    "change-to-exclude-mode": 4,
    "allow-new-sources": 5,
    "block-old-sources": 6,
  }),
  auxiliaryWords: bits(8),
  count: bits(16),
  group: ipv6Field(),
});

const sourceAddress = single("address", ipv6Field());

const record: Body<MulticastRecord> = {
  decode(bytes) {
    const begin = recordBegin.decode(bytes);
    if (begin === undefined) return undefined;
    const { type, auxiliaryWords, count, group } = begin.values;
    const sources = decodeItems(sourceAddress, bytes.subarray(recordBegin.size), count);
    if (sources === undefined) return undefined;
    const at = recordBegin.size + sources.length;
    const length = at + auxiliaryWords * 4;
    if (length > bytes.length) return undefined;
    const auxiliary = auxiliaryWords === 0 ? {} : { auxiliaryData: Uint8Array.from(bytes.subarray(at, length)) };
    return { values: { type, group, sources: sources.items, ...auxiliary }, length };
  },
  encode({ type, group, sources, auxiliaryData = new Uint8Array() }) {
    const auxiliaryWords = Math.ceil(auxiliaryData.length / 4);
    const begin = recordBegin.encode({ type, auxiliaryWords, count: sources.length, group });
    const bytes = Buffer.concat([begin, ...sources.map(sourceAddress.encode)]);
    return Buffer.concat([bytes, auxiliaryData], bytes.length + auxiliaryWords * 4);
  },
  faults({ type, group, sources, auxiliaryData = new Uint8Array() }) {
    const begin = { type, group, auxiliaryWords: auxiliaryData.length / 4, count: sources.length };
    return [...recordBegin.faults(begin), ...sources.flatMap(sourceAddress.faults)];
  },
};

/** A query of version 2. */
export const mldV2Query: Body<MldV2Query> = sequence(
  header<Omit<MldV2Query, "sources">>({
    code: spare(8),
    maxResponseCode: bits(16),
    reserved: spare(16),
    group: ipv6Field(),
    reservedBits: spare(4),
    suppressRouterSide: flag(),
    robustness: bits(3),
    queryIntervalCode: bits(8),
  }),
  counted("sources", 16, sourceAddress),
);

/** A report of version 2. */
export const mldV2Report: Body<MldV2Report> = sequence(
  header<Omit<MldV2Report, "records">>({ code: spare(8), reserved: spare(16) }),
  counted("records", 16, record),
);
