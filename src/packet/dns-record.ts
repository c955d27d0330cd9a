import { copied, header } from "./body.ts";
import type { DnsReader, DnsWriter } from "./dns-message.ts";
import {
  type DnsSchema,
  fixedValue,
  nameValue,
  readValues,
  stringsValue,
  valueFaults,
  writeValues,
} from "./dns-value.ts";
import { wordEnvelope } from "./envelope.ts";
import { bits, flag, ipv4Field, ipv6Field, named, spare } from "./field.ts";
import { type OptionFormat, optionList, type UnknownOption, type UnreadableOptions } from "./option-list.ts";

/** Class of a record or question; nearly always the internet. */
export type DnsClass = "IN" | "CH" | "ANY" | number;

/** What every record but OPT begins with. */
interface Owned {
  readonly name: string;
  readonly class: DnsClass;
  /** Seconds. */
  readonly ttl: number;
}

/** What a record of each type says (RFC 1035 section 3.3, RFC 3596, RFC 2782). */
interface Data {
  readonly A: { readonly address: string };
  readonly NS: { readonly target: string };
  readonly CNAME: { readonly target: string };
  readonly SOA: {
    readonly primary: string;
    /** The mailbox of who is responsible, its `@` written as a dot. */
    readonly mailbox: string;
    readonly serial: number;
    /** Seconds, as those that follow. */
    readonly refresh: number;
    readonly retry: number;
    readonly expire: number;
    readonly minimum: number;
  };
  readonly PTR: { readonly target: string };
  readonly MX: { readonly preference: number; readonly exchange: string };
  readonly TXT: { readonly strings: readonly (string | Uint8Array)[] };
  readonly AAAA: { readonly address: string };
  readonly SRV: {
    readonly priority: number;
    readonly weight: number;
    readonly port: number;
    readonly target: string;
  };
}

/** What the extension mechanism of DNS adds to a message (RFC 6891 section 6.1). */
export interface DnsOpt {
  readonly type: "OPT";
  /** Bytes that the sender can take. */
  readonly udpPayloadSize: number;
  /** The upper eight bits of the response code. */
  readonly extendedRcode: number;
  readonly version: number;
  readonly dnssecOk: boolean;
  /** Fifteen spare bits; absent if zero. */
  readonly reserved?: number;
  readonly options: readonly (UnknownOption | UnreadableOptions)[];
}

/** A resource record: those of known types by their fields, others as bytes. Names are like `www.example.com`. */
export type DnsRecord =
  | { readonly [Type in keyof Data]: Owned & { readonly type: Type } & Data[Type] }[keyof Data]
  | DnsOpt
  | (Owned & { readonly type: number; readonly data: Uint8Array });

const name = nameValue();
const word = fixedValue(bits(16));
const long = fixedValue(bits(32));
const target = { target: name };

const schemas: { readonly [Type in keyof Data]: { readonly number: number; readonly data: DnsSchema<Data[Type]> } } = {
  A: { number: 1, data: { address: fixedValue(ipv4Field()) } },
  NS: { number: 2, data: target },
  CNAME: { number: 5, data: target },
  SOA: {
    number: 6,
    data: { primary: name, mailbox: name, serial: long, refresh: long, retry: long, expire: long, minimum: long },
  },
  PTR: { number: 12, data: target },
  MX: { number: 15, data: { preference: word, exchange: name } },
  TXT: { number: 16, data: { strings: stringsValue } },
  AAAA: { number: 28, data: { address: fixedValue(ipv6Field()) } },
  SRV: { number: 33, data: { priority: word, weight: word, port: word, target: nameValue(false) } },
};

/** Types of records by name. */
export const dnsTypes = {
  ...(Object.fromEntries(Object.entries(schemas).map(([type, { number }]) => [type, number])) as Record<
    keyof Data,
    number
  >),
  OPT: 41,
  ANY: 255,
};

/** The type of a record, or what a question asks for. */
export type DnsType = keyof typeof dnsTypes | number;

/** Type of a record. */
export const dnsTypeField = named(16, dnsTypes);

/** Class of a record. */
export const dnsClassField = named(16, { IN: 1, CH: 3, ANY: 255 });

const owned: DnsSchema<Omit<Owned, "name">> = { class: fixedValue(dnsClassField), ttl: long };
const type = fixedValue(dnsTypeField);

const optHead = header<Omit<DnsOpt, "type" | "options">>({
  udpPayloadSize: bits(16),
  extendedRcode: bits(8),
  version: bits(8),
  dnssecOk: flag(),
  reserved: spare(15),
});
const optFormat: OptionFormat<UnknownOption | UnreadableOptions> = { known: {}, envelope: wordEnvelope };
const optOptions = optionList(optFormat);

/** Read the record that begins where the reader is. */
export function readRecord(reader: DnsReader): DnsRecord {
  const owner = name.read(reader, 0);
  const kind = type.read(reader, 0);
  const isOpt = kind === "OPT" && owner === ".";
  const head = isOpt ? optHead.decode(reader.bytes(optHead.size))?.values : readValues(owned, reader, 0);
  const length = word.read(reader, 0);
  const data = reader.bytes(length);
  if (isOpt && head !== undefined) {
    const options = optOptions.decode(data)?.values.options ?? [];
    return { type: "OPT", ...head, options } as DnsRecord;
  }
  if (isKnown(kind) && !reader.hasFailed()) {
    const pointers = reader.pointers.length;
    const end = reader.at;
    reader.at = end - length;
    const values = readValues(schemas[kind].data, reader, end);
    if (!reader.hasFailed() && reader.at === end) return { name: owner, type: kind, ...head, ...values } as DnsRecord;
    // Data that is not of its type is kept as it is.
    reader.resume(end, pointers);
  }
  const number = typeof kind === "number" ? kind : dnsTypes[kind];
  return { name: owner, type: number, ...head, data: copied(data) } as DnsRecord;
}

/** Write a record without faults. */
export function writeRecord(writer: DnsWriter, record: DnsRecord): void {
  name.write(writer, record.type === "OPT" ? "." : record.name);
  type.write(writer, record.type);
  if (record.type === "OPT") {
    writer.bytes(optHead.encode(record));
    const options = optOptions.encode(record);
    word.write(writer, options.length);
    writer.bytes(options);
    return;
  }
  writeValues(owned, writer, record);
  if (typeof record.type === "number") {
    const { data } = record;
    word.write(writer, data.length);
    writer.bytes(data);
    return;
  }
  const data = schemas[record.type].data as DnsSchema<object>;
  writer.measured(() => {
    writeValues(data, writer, record);
  });
}

/** Every reason why a record cannot be written. */
export function recordFaults(record: DnsRecord): readonly string[] {
  if (record.type === "OPT") {
    const faults = [...optHead.faults(record), ...optOptions.faults(record)];
    return faults.length > 0 ? faults : lengthFaults("options", optOptions.encode(record).length);
  }
  const kind: string | number = record.type;
  const faults = [...valueFaults({ name, ...owned }, record), ...typeFaults(kind)];
  if (typeof record.type === "number") {
    const { data } = record;
    if (!(data instanceof Uint8Array)) return [...faults, "data: expected bytes"];
    return [...faults, ...lengthFaults("data", data.length)];
  }
  if (!isKnown(kind)) return [...faults, `data: expected a number for the type of a record of bytes`];
  return [...faults, ...valueFaults(schemas[kind].data, record)];
}

function lengthFaults(name: string, length: number): readonly string[] {
  return length <= 0xffff ? [] : [`${name}: expected at most 65535 bytes, found ${length}`];
}

function typeFaults(kind: string | number): readonly string[] {
  const fault = dnsTypeField.fault(kind as DnsType);
  return fault === undefined ? [] : [`type: ${fault}`];
}

function isKnown(kind: string | number): kind is keyof Data {
  return Object.hasOwn(schemas, kind);
}
