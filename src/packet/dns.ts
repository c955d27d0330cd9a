import { type Body, header } from "./body.ts";
import { bodyCodec } from "./body-codec.ts";
import type { Codec } from "./codec.ts";
import { DnsReader, DnsWriter, type NameCompression } from "./dns-message.ts";
import {
  type DnsClass,
  dnsClassField,
  type DnsRecord,
  type DnsType,
  dnsTypeField,
  readRecord,
  recordFaults,
  writeRecord,
} from "./dns-record.ts";
import { type DnsSchema, fixedValue, nameValue, readValues, valueFaults, writeValues } from "./dns-value.ts";
import { bits, flag, named, spareFlag } from "./field.ts";

/** What somebody wants to know. */
export interface DnsQuestion {
  readonly name: string;
  readonly type: DnsType;
  readonly class: DnsClass;
}

const opcodes = { query: 0, "inverse-query": 1, status: 2, notify: 4, update: 5 } as const;

const rcodes = {
  "no-error": 0,
  "format-error": 1,
  "server-failure": 2,
  "name-error": 3,
  "not-implemented": 4,
  refused: 5,
} as const;

/** A message of the domain name system (RFC 1035 section 4), over UDP port 53. */
export interface Dns {
  readonly layer: "dns";
  readonly id: number;
  readonly response: boolean;
  readonly opcode: keyof typeof opcodes | number;
  readonly authoritative: boolean;
  readonly truncated: boolean;
  readonly recursionDesired: boolean;
  readonly recursionAvailable: boolean;
  /** Spare bit; absent if zero. */
  readonly reserved?: boolean;
  /** RFC 4035. */
  readonly authenticData: boolean;
  /** RFC 4035. */
  readonly checkingDisabled: boolean;
  readonly rcode: keyof typeof rcodes | number;
  readonly questions: readonly DnsQuestion[];
  readonly answers: readonly DnsRecord[];
  readonly authorities: readonly DnsRecord[];
  readonly additionals: readonly DnsRecord[];
  /** How names are shortened. Left out: as much as they can be. */
  readonly compression?: NameCompression;
}

/** The UDP port of DNS servers. */
export const dnsPort = 53;

/** A DNS message: a query that asks for recursion, or a response with `response`; no records unless said. */
export function dns(fields: Partial<Dns> & Pick<Dns, "id">): Dns {
  return {
    response: false,
    opcode: "query",
    authoritative: false,
    truncated: false,
    recursionDesired: true,
    recursionAvailable: false,
    authenticData: false,
    checkingDisabled: false,
    rcode: "no-error",
    questions: [],
    answers: [],
    authorities: [],
    additionals: [],
    ...fields,
    layer: "dns",
  };
}

type Values = Omit<Dns, "layer">;

const sections = ["answers", "authorities", "additionals"] as const;

interface Fixed extends Omit<Values, "questions" | (typeof sections)[number] | "compression"> {
  readonly questionCount: number;
  readonly answerCount: number;
  readonly authorityCount: number;
  readonly additionalCount: number;
}

const fixed = header<Fixed>({
  id: bits(16),
  response: flag(),
  opcode: named(4, opcodes),
  authoritative: flag(),
  truncated: flag(),
  recursionDesired: flag(),
  recursionAvailable: flag(),
  reserved: spareFlag(),
  authenticData: flag(),
  checkingDisabled: flag(),
  rcode: named(4, rcodes),
  questionCount: bits(16),
  answerCount: bits(16),
  authorityCount: bits(16),
  additionalCount: bits(16),
});

const question: DnsSchema<DnsQuestion> = {
  name: nameValue(),
  type: fixedValue(dnsTypeField),
  class: fixedValue(dnsClassField),
};

const body: Body<Values> = {
  decode(bytes) {
    const begin = fixed.decode(bytes);
    if (begin === undefined) return undefined;
    const { questionCount, answerCount, authorityCount, additionalCount, ...values } = begin.values;
    const reader = new DnsReader(bytes);
    reader.at = fixed.size;
    const questions = times(questionCount, reader, () => readValues(question, reader, 0) as unknown as DnsQuestion);
    const [answers = [], authorities = [], additionals = []] = [answerCount, authorityCount, additionalCount].map(
      (count) => times(count, reader, () => readRecord(reader)),
    );
    if (reader.hasFailed()) return undefined;
    const message = { ...values, questions, answers, authorities, additionals };
    const whole = bytes.subarray(0, reader.at);
    // Most servers shorten names as far as they can, some not at all; pointers are told only where they are others.
    const compression = encode(message).equals(whole) ? undefined : compressionOf(reader);
    return { values: compression === undefined ? message : { ...message, compression }, length: reader.at };
  },
  encode,
  faults(values) {
    return [
      ...fixed.faults(withCounts(values)),
      ...values.questions.flatMap((each, i) => valueFaults(question, each).map((fault) => `questions[${i}].${fault}`)),
      ...sections.flatMap((section) =>
        values[section].flatMap((each, i) => recordFaults(each).map((fault) => `${section}[${i}].${fault}`)),
      ),
    ];
  },
};

function compressionOf({ pointers }: DnsReader): NameCompression {
  return pointers.length === 0 ? "none" : pointers;
}

function times<T>(count: number, reader: DnsReader, read: () => T): readonly T[] {
  const items: T[] = [];
  while (items.length < count && !reader.hasFailed()) items.push(read());
  return items;
}

function withCounts(values: Values): Fixed {
  return {
    ...values,
    questionCount: values.questions.length,
    answerCount: values.answers.length,
    authorityCount: values.authorities.length,
    additionalCount: values.additionals.length,
  };
}

function encode(values: Values): Buffer {
  const writer = new DnsWriter(values.compression);
  writer.bytes(fixed.encode(withCounts(values)));
  for (const each of values.questions) writeValues(question, writer, each);
  for (const section of sections) for (const record of values[section]) writeRecord(writer, record);
  return writer.result();
}

/** Reads and writes DNS messages. */
export const dnsCodec: Codec<Dns> = bodyCodec<Dns>(
  {
    layer: "dns",
    title: "DNS",
    carriedBy: [{ udpPort: dnsPort }, { udpSourcePort: dnsPort }],
    describe({ response, rcode, questions, answers }) {
      const asked = questions.map((each) => ` ${each.type} ${each.name}?`).join("");
      if (!response) return `DNS query${asked}`;
      const failed = rcode === "no-error" ? "" : ` ${String(rcode).replaceAll("-", " ")}`;
      return `DNS response${failed}${asked}${answersText(answers)}`;
    },
  },
  body,
);

const maxAnswers = 3;

function answersText(answers: readonly DnsRecord[]): string {
  const more = answers.length - maxAnswers;
  const shown = answers.slice(0, maxAnswers).map((record) => ` ${answerText(record)}`);
  return `${shown.join("")}${more > 0 ? ` and ${more} more` : ""}`;
}

function answerText(record: DnsRecord): string {
  switch (record.type) {
    case "A":
    case "AAAA":
      return record.address;
    case "NS":
    case "CNAME":
    case "PTR":
      return record.target;
    case "SRV":
      return `${record.target}:${record.port}`;
    case "MX":
      return record.exchange;
    case "TXT":
      return record.strings.map((each) => (typeof each === "string" ? JSON.stringify(each) : "bytes")).join(" ");
    case "SOA":
      return `${record.primary} serial ${record.serial}`;
    case "OPT":
      return "OPT";
    default:
      return `type ${record.type}`;
  }
}
